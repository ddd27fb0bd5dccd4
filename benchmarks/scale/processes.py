"""What processes have used, read from /proc (Linux): time on a processor, and memory."""

import contextlib
import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(process_id: int, *, children: bool = False) -> float:
    """Give the time on a processor that a process has used, and its children if wanted.

    Children that have ended are counted with their parent.
    """
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        # It has just ended.
        return 0.0
    own = sum(int(field) for field in fields[11 : 15 if children else 13]) / _TICK
    if not children:
        return own
    return own + sum(cpu_seconds(each, children=True) for each in _children(process_id))


def peak_megabytes(process_id: int) -> float:
    """Give the most memory that a process had resident (VmHWM)."""
    status = Path(f"/proc/{process_id}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _children(process_id: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{process_id}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found
