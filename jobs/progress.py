"""Progress: a message is kept up to date beside the work that it tells of, never in its way."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

#: Seconds between two looks at whether the process shuts down, while the last update is shown.
LOOK_EVERY = 0.2


@contextlib.asynccontextmanager
async def progress(
    show: Callable[[], Coroutine[Any, Any, None]], is_closing: Callable[[], bool]
) -> AsyncIterator[Callable[[], None]]:
    """Give what a step calls after each subscriber; it shows one update at a time.

    The block ends when the update under way is shown, and what an update raised is raised then.
    Where the block itself fails or the process shuts down, an update under way is given up.
    """
    showing: asyncio.Task[None] | None = None

    def note() -> None:
        nonlocal showing
        if showing is None or (showing.done() and not showing.exception()):
            showing = asyncio.create_task(show())

    try:
        yield note
        while showing and not showing.done() and not is_closing():
            await asyncio.wait({showing}, timeout=LOOK_EVERY)
        if showing and showing.done():
            await showing
    finally:
        if showing:
            showing.cancel()
            await asyncio.gather(showing, return_exceptions=True)
