"""A small disk of a test's own, which can be full."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

#: Bytes that the disk holds: a few times what a small world's tables and the engine's need.
SIZE = 24 * 1024 * 1024
#: What is written at once while a disk is filled; what is left after that is less than one page.
_PIECES = (1024 * 1024, 4096, 512)


class Disk:
    """A file system in memory, with a file on it that takes the room away."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave no room at all."""
        for piece in _PIECES:
            self._write_on(bytes(piece))

    def make_room(self) -> None:
        """Give the room back."""
        self._ballast.unlink()

    def _write_on(self, piece: bytes) -> None:
        with self._ballast.open("ab", buffering=0) as file:
            try:
                while file.write(piece) == len(piece):
                    pass
            except OSError:
                # There is no room for another one.
                return


@contextmanager
def small_disk(folder: Path) -> Iterator[Disk]:
    """Mount a small file system for as long as the block runs; only root may."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        pytest.skip("a disk that is full for real needs the right to mount one")
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
