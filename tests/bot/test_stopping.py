"""The process ends by itself and with its own code, although a thread goes on for ever."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

PREAMBLE = """
import sys, threading, time
from bot import stopping
"""
ENDLESS = "threading.Thread(target=time.sleep, args=(60,)).start()\n"


def run(code: str, *, then: signal.Signals | None = None) -> tuple[int, str]:
    """Run Python code; signal it once it has said something, and give its code and its output."""
    with subprocess.Popen(
        [sys.executable, "-c", PREAMBLE + code],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout
        first = process.stdout.readline()
        if then:
            process.send_signal(then)
        # Not by communicate(), which forgets what came along with the first line.
        output = first + process.stdout.read()
        return process.wait(timeout=10), output


@pytest.mark.parametrize(
    ("end", "code", "said"),
    [
        pytest.param("pass", 0, "", id="by-itself"),
        pytest.param("sys.exit(3)", 3, "", id="with-a-code"),
        pytest.param("sys.exit()", 0, "", id="without-one"),
        pytest.param("raise ValueError('no')", 1, "ValueError: no", id="by-an-error"),
    ],
)
def test_no_thread_is_waited_for(end: str, code: int, said: str) -> None:
    block = f"with stopping.not_joining_threads():\n    print('said')\n    {end}\n"
    ended, output = run(ENDLESS + block)
    assert ended == code
    assert "said\n" in output
    assert said in output


@pytest.mark.parametrize("which", [signal.SIGINT, signal.SIGTERM])
def test_what_hangs_when_it_is_told_to_stop_is_left(which: signal.Signals) -> None:
    listen = "stopping.on_signal(lambda: print('stopping', flush=True), patience=0.5)\n"
    code, output = run(f"{listen}{ENDLESS}print('up', flush=True)\ntime.sleep(60)\n", then=which)
    assert (code, output.splitlines()[:2]) == (0, ["up", "stopping"])
