"""What all tests share: the developer's own environment does not reach them."""

import pytest
from hypothesis import settings

from bot.settings import Settings

# The same examples each time: a check that fails fails again.
settings.register_profile("check", derandomize=True, deadline=None)
settings.load_profile("check")


#: Tests that take a good part of a minute each, by where they are.
LONG = ("tests/faults/", "tests/test_kills.py", "tests/test_take_over.py", "tests/soak/")
#: Where the tests of a module share a bot, which each further worker would have to start as well.
SHARED = "tests/conversation/"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread what takes long evenly, so that each worker has some and none is left with much."""
    shared: dict[str, list[pytest.Item]] = {}
    long: list[list[pytest.Item]] = []
    order: list[list[pytest.Item]] = []
    for item in items:
        if item.nodeid.startswith(SHARED):
            shared.setdefault(item.path.name, []).append(item)
        elif item.nodeid.startswith(LONG):
            long.append([item])
        else:
            order.append([item])
    for kind in (tuple(shared.values()), long):
        apart = len(order) // (len(kind) + 1) + 1
        for number, together in enumerate(kind):
            order.insert(number * apart, together)
    items[:] = [item for together in order for item in together]


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
