"""Runs py3-validate-email for a minute, by its own interpreter; started by ``peers``.

Reads addresses, and writes each finished one with "yes", "no" or "unknown" behind a tab.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor


def main(calls: int, seconds: float) -> None:
    """Make so many calls at a time for so long."""
    from validate_email import validate_email  # type: ignore[import-not-found]

    deadline = time.monotonic() + seconds
    words = {True: "yes", False: "no", None: "unknown"}

    def check(address: str) -> str | None:
        if time.monotonic() >= deadline:
            return None
        answer = validate_email(
            address,
            check_blacklist=False,
            smtp_helo_host="verifier.example.com",
            smtp_from_address="probe@verifier.example.com",
            smtp_skip_tls=True,
        )
        return f"{address}\t{words[answer]}"

    with ThreadPoolExecutor(calls) as pool:
        for line in pool.map(check, sys.stdin.read().split()):
            if line is not None:
                print(line)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
