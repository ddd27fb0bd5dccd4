"""Streams a million addresses through ``check`` and prints the peak memory it took.

Run as ``python -m benchmarks.verification.memory [ADDRESSES]``.
"""

import math
import os
import subprocess
import sys
import time

from benchmarks.verification.measure import CONNECTIONS, OPTIONS, Measurement, Ports, world
from benchmarks.verification.people import people
from benchmarks.verification.world import RESOLVER, SMTP_PORT


def command() -> list[str]:
    """Write the command line that checks standard input against the world."""
    options = {
        "--helo": OPTIONS.helo_name,
        "--mail-from": OPTIONS.mail_from,
        "--resolver": "{}:{}".format(*RESOLVER),
        "--smtp-port": str(SMTP_PORT),
        "--connections-per-host": str(CONNECTIONS),
        "--rate": str(math.inf),
    }
    words = [word for option in options.items() for word in option]
    return [sys.executable, "-m", "verification", "check", "-", *words, "--allow-private-networks"]


def main(count: int) -> None:
    """Feed the command and wait for its end."""
    began = time.perf_counter()
    with world(0.0, Measurement("memory"), Ports()):
        check = subprocess.Popen(
            command(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        assert check.stdin is not None
        for person in people(count):
            check.stdin.write(f"{person.address}\n".encode())
        check.stdin.close()
        _, status, usage = os.wait4(check.pid, 0)
    seconds = time.perf_counter() - began
    print(
        f"{count:,} addresses in {seconds:.0f} s: peak {usage.ru_maxrss / 1024:.0f} MB, "
        f"{usage.ru_utime + usage.ru_stime:.0f} s of CPU, "
        f"exit code {os.waitstatus_to_exitcode(status)}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
