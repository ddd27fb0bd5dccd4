"""Stopping: the process ends soon after it is told to, whatever still hangs."""

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import NoReturn

log = logging.getLogger(__name__)

#: What tells the process to stop: Ctrl-C, and a service manager.
SIGNALS = (signal.SIGINT, signal.SIGTERM)
#: Seconds that an orderly end may take. A service manager that waits ten kills after them.
PATIENCE = 8.0


def on_signal(stop: Callable[[], object], *, patience: float = PATIENCE) -> None:
    """Call `stop` at the first signal, from a thread, and end the process so many seconds later.

    To be called before any other thread is started: those take the signals' place otherwise. The
    loop may hang just then, so it has no part in this.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    threading.Thread(target=_wait, args=(stop, patience), name="stopping", daemon=True).start()


def _wait(stop: Callable[[], object], patience: float) -> None:
    signal.sigwait(SIGNALS)
    with contextlib.suppress(RuntimeError):
        # Raised where the loop has ended by itself.
        stop()
    time.sleep(patience)
    log.warning(
        "Something hangs, so the process ends without it. Nothing is lost: the next start goes on.",
        extra={"action": "stop"},
    )
    # What a step has done or is about to do is written down before and after it.
    end(0)


@contextlib.contextmanager
def not_joining_threads() -> Iterator[None]:
    """End the process with the block.

    Python would wait for threads of the job engine that try for ever to reach a database.
    """
    code: object = 0
    try:
        yield
    except SystemExit as asked:
        code = asked.code or 0
    except BaseException:  # noqa: BLE001 - Python does the same at its end
        sys.excepthook(*sys.exc_info())
        code = 1
    end(code if isinstance(code, int) else 1)


def end(code: int) -> NoReturn:
    """End the process at once, with everything said that was to be said."""
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        # Whoever was to read it may be gone.
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)
