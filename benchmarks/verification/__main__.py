"""Runs the benchmark in a namespace of its own: ``python -m benchmarks.verification [ADDRESSES]``.

As root the peers are installed into a temporary folder and measured too; without root the engine
and its baseline run alone.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.verification.namespace import missing, namespace
from benchmarks.verification.peers import install


def main(count: str) -> int:
    """Prepare what the comparison needs, and run it."""
    comparison = [sys.executable, "-m", "benchmarks.verification.comparison", count]
    problem = missing()
    if problem is not None:
        print(f"The engine and its baseline run alone: {problem}.\n", flush=True)
        return subprocess.run(comparison).returncode
    with tempfile.TemporaryDirectory() as folder, namespace() as prefix:
        install(Path(folder))
        return subprocess.run([*prefix, *comparison, folder]).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "20000"))
