"""Runs py3-validate-email, by its own interpreter; started by ``peers`` with the number of calls.

Checks each address at once that it reads, and writes it with "yes", "no" or "unknown" behind a tab.
"""

import os
import sys
import traceback
from concurrent.futures import Future, ThreadPoolExecutor


def main(calls: int) -> None:
    """Make so many calls at a time at most."""
    from validate_email import validate_email  # type: ignore[import-not-found]

    words = {True: "yes", False: "no", None: "unknown"}

    def check(address: str) -> None:
        answer = validate_email(
            address,
            check_blacklist=False,
            smtp_helo_host="verifier.example.com",
            smtp_from_address="probe@verifier.example.com",
            smtp_skip_tls=True,
        )
        # In one piece, because others write between pieces.
        sys.stdout.write(f"{address}\t{words[answer]}\n")
        sys.stdout.flush()

    with ThreadPoolExecutor(calls) as pool:
        for line in sys.stdin:
            pool.submit(check, line.strip()).add_done_callback(end_with)


def end_with(done: "Future[None]") -> None:
    """End the process with a call that fails: whoever feeds it waits for that answer for ever."""
    if problem := done.exception():
        traceback.print_exception(problem)
        sys.stderr.flush()
        os._exit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
