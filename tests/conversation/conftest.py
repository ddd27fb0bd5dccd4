"""Bots to talk to: one that a module's tests share, and ones that a test has to itself."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from tests.conversation.scene import PEOPLE, Scene, open_scene

#: Starts a bot of the test's own; the keywords are its environment.
Open = Callable[..., Awaitable[Scene]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """Start the bot that the tests of a module share."""
    async with open_scene(tmp_path_factory.mktemp("shared")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="module")
async def scene(shared_scene: Scene) -> AsyncIterator[Scene]:
    """Give the shared bot with no dialog open, and check its manners at the end."""
    shared_scene.begin()
    for stack in list(shared_scene.slack.store.stacks.values()):
        shared_scene.slack.store.close_views(list(stack))
    yield shared_scene
    shared_scene.check_manners()


@pytest_asyncio.fixture(loop_scope="module")
async def open_own(tmp_path: Path) -> AsyncIterator[Open]:
    """Give a function that starts a bot of the test's own, whose manners are checked as well."""
    async with AsyncExitStack() as stack:
        opened: list[Scene] = []

        async def start(*, people: int = PEOPLE, **environment: str) -> Scene:
            directory = tmp_path / str(len(opened))
            directory.mkdir()
            opened.append(
                await stack.enter_async_context(open_scene(directory, people=people, **environment))
            )
            return opened[-1]

        yield start
        for each in opened:
            each.check_manners()
