"""The lock: one process on one data folder, because two would do the same work twice."""

import contextlib
import fcntl
from collections.abc import Iterator
from pathlib import Path


class AlreadyRunning(Exception):
    """Another bot works with the same data folder."""


@contextlib.contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for this process; a process that dies lets go of it.

    Raises:
        AlreadyRunning: Another process holds it.
    """
    with (data_dir / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                f"Another bot is running with the data folder {data_dir}. Nothing was started. "
                "Stop that one first, or give this one another DATA_DIR."
            ) from error
        yield
