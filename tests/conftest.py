"""What all tests share: the developer's own environment does not reach them."""

import pytest
from hypothesis import settings

from bot.settings import Settings

# The same examples each time: a check that fails fails again.
settings.register_profile("check", derandomize=True, deadline=None)
settings.load_profile("check")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
