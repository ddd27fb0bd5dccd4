"""The commands ``check`` and ``explain``, as a person or a script runs them."""

import csv
import io
import json
import re
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from fcntl import ioctl
from pathlib import Path
from signal import SIGINT
from struct import unpack
from subprocess import PIPE, Popen, run
from termios import FIONREAD

import pytest
from typer.testing import CliRunner

from tests.verification.worlds import NOW
from verification import Category, Evidence, Reason, Verdict
from verification.cli import ExitCode, app, exit_code, parse_host_and_port
from verification.reporting import CsvWriter, JsonWriter, Tally

ROOT = Path(__file__).parents[2]
runner = CliRunner()

#: A resolver that nobody runs: whatever is not decided by name ends as Unknown.
NO_DNS = ["--resolver", "127.0.0.1:9"]


def verification(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
    """Run the command in a process of its own."""
    command = [sys.executable, "-m", "verification", *arguments]
    done = run(command, input=stdin, capture_output=True, cwd=ROOT, check=False, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_explain_prints_the_outcome_the_category_and_the_row() -> None:
    reply = "550 5.7.1 Service unavailable; client host [192.0.2.1] blocked using Spamhaus"
    result = runner.invoke(app, ["explain", reply])
    assert result.exit_code == 0
    assert "outcome   blocked" in result.output
    assert "category  Unknown" in result.output
    assert "rule      blocked/block-list" in result.output


def test_explain_reads_one_reply_a_line_and_writes_one_object_a_line() -> None:
    stdin = b"550 5.1.1 User unknown\n550-bo\xeete\\n550 inexistante\n\n450 User unknown\n"
    code, stdout, _ = verification("explain", "-", stdin=stdin)
    assert code == 0
    found = [json.loads(line) for line in stdout.splitlines()]
    assert [row["category"] for row in found] == ["Invalid", "Invalid", "Unknown"]
    assert set(found[0]) == {"reply", "outcome", "category", "rule"}
    assert found[0]["reply"] == "550 5.1.1 User unknown"


def test_explain_knows_the_stage() -> None:
    code, stdout, _ = verification("explain", "-", "--stage", "mail", stdin=b"550 User unknown\n")
    assert code == 0
    assert json.loads(stdout)["category"] == "Unknown"


def test_check_writes_a_verdict_for_every_distinct_address() -> None:
    stdin = b"ann@mailinator.com\nnobody\n\nnobody\n\xff@x\n"
    code, stdout, stderr = verification("check", "-", *NO_DNS, stdin=stdin)
    assert code == 0
    found = [json.loads(line) for line in stdout.splitlines()]
    assert {row["address"]: row["category"] for row in found[:2]} == {
        "ann@mailinator.com": "Disposable",
        "nobody": "Invalid",
    }
    assert len(found) == 3
    assert "Disposable" in stderr
    assert "Total" in stderr


def test_check_reads_a_column_of_a_csv_file(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text('name,email\n"Lee, Ann",ann@mailinator.com\nBob,\n', encoding="utf-8-sig")
    result = runner.invoke(
        app, ["check", str(file), "--column", "email", "--format", "csv", *NO_DNS]
    )
    assert result.exit_code == 0
    found = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["address"] for row in found] == ["ann@mailinator.com"]


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["no-such-file"], id="no-file"),
        pytest.param(["-", "--resolver", "nonsense:x"], id="bad-resolver"),
        pytest.param(["-", "--column", "email"], id="no-such-column"),
        pytest.param(["-", "--rate", "0"], id="no-rate"),
        pytest.param(["-", "--rate", "nan"], id="rate-is-no-number"),
        pytest.param(["-", "--smtp-port", "0"], id="no-port"),
        pytest.param(["-", "--smtp-port", "70000"], id="port-too-high"),
    ],
)
def test_check_says_what_it_cannot_use(arguments: list[str]) -> None:
    result = runner.invoke(app, ["check", *arguments], input="name\nann\n")
    assert result.exit_code == 2
    assert "Cannot check" in result.stderr


def verdict(address: str, reason: Reason, reply: str | None = None) -> Verdict:
    """Make a verdict without flags."""
    return Verdict(
        address, reason, Evidence(reply=reply), False, False, None, NOW, timedelta(minutes=6)
    )


@pytest.mark.parametrize(
    ("reason", "probing", "expected"),
    [
        pytest.param(Reason.ACCEPTED, True, ExitCode.DONE, id="done"),
        pytest.param(Reason.NOT_PROBED, True, ExitCode.DONE, id="address-literal"),
        pytest.param(Reason.NOT_PROBED, False, ExitCode.NOT_PROBED, id="not-probed"),
        pytest.param(Reason.BAD_SYNTAX, False, ExitCode.DONE, id="nothing-to-ask"),
        pytest.param(Reason.PROBING_STOPPED, True, ExitCode.STOPPED, id="stopped"),
    ],
)
def test_the_exit_code_says_how_check_ended(
    reason: Reason, probing: bool, expected: ExitCode
) -> None:
    tally = Tally()
    tally.count(verdict("ann@reader.example", reason))
    assert exit_code(tally, probing=probing) is expected


def test_json_lines_hold_the_evidence() -> None:
    target = io.StringIO()
    JsonWriter(target).write(verdict("ann@reader.example", Reason.GREYLISTED, "450 Greylisted"))
    row = json.loads(target.getvalue())
    assert row["reply"] == "450 Greylisted"
    assert row["retry_after"] == 360.0
    assert row["decided_at"] == NOW.isoformat()


def test_a_spreadsheet_runs_nothing() -> None:
    target = io.StringIO()
    CsvWriter(target).write(verdict("=cmd()@reader.example", Reason.ACCEPTED, "+1"))
    row = next(csv.DictReader(io.StringIO(target.getvalue())))
    assert row["address"] == "'=cmd()@reader.example"
    assert row["reply"] == "'+1"


def test_the_closing_table_counts_categories_and_reasons() -> None:
    tally = Tally()
    for reason in (Reason.ACCEPTED, Reason.NULL_MX, Reason.NULL_MX, Reason.BAD_SYNTAX):
        tally.count(verdict("x", reason))
    lines = tally.lines()
    assert lines[0].split() == ["Safe", "1", "25.0%"]
    assert [line.split()[0] for line in lines if line.startswith("  ")] == [
        "accepted",
        "null_mx",
        "bad_syntax",
    ]
    assert lines[-1].split() == ["Total", "4"]
    assert sum(line.split()[0] in {c.label for c in Category} for line in lines) == 6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1:5353", ("127.0.0.1", 5353)),
        ("127.0.0.1", ("127.0.0.1", 53)),
        ("[::1]:53", ("::1", 53)),
        ("[::1]", ("::1", 53)),
    ],
)
def test_host_and_port_are_read(text: str, expected: tuple[str, int]) -> None:
    assert parse_host_and_port(text) == expected


#: Runs the command so that a signal reaches another thread than the one that waits for events:
#: like one that comes just before that thread begins to wait, it disturbs no wait.
ELSEWHERE = """
import runpy, signal, threading
threading.Thread(target=threading.Event().wait, daemon=True).start()
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
runpy.run_module("verification", run_name="__main__", alter_sys=True)
"""


@pytest.fixture(
    params=[
        pytest.param(["-m", "verification"], id="in-a-wait"),
        pytest.param(["-c", ELSEWHERE], id="before-a-wait"),
    ]
)
def checking(request: pytest.FixtureRequest) -> Iterator[Popen[bytes]]:
    """Run ``check -`` in a process of its own."""
    command = [sys.executable, *request.param, "check", "-", *NO_DNS]
    with Popen(command, stdin=PIPE, stdout=PIPE, stderr=PIPE, cwd=ROOT) as process:
        yield process
        process.kill()


def test_an_interrupt_ends_check_while_it_waits_for_its_input(checking: Popen[bytes]) -> None:
    assert checking.stdin is not None
    assert checking.stderr is not None
    checking.stdin.write(b"ann@mailinator.com\n")
    checking.stdin.flush()
    while unpack("i", ioctl(checking.stdin, FIONREAD, b"    ")) != (0,):
        time.sleep(0.05)  # it has not read that yet
    checking.send_signal(SIGINT)
    assert checking.wait(timeout=20) == ExitCode.INTERRUPTED
    assert b"Traceback" not in checking.stderr.read()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        pytest.param(["check", "-", *NO_DNS], b"ann%d@mailinator.com\n", id="check"),
        pytest.param(["explain", "-"], b"550 5.1.1 User unknown %d\n", id="explain"),
    ],
)
def test_an_output_that_nobody_reads_ends_the_command_quietly(
    arguments: list[str], line: bytes, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"".join(line % number for number in range(20_000)))
    command = [sys.executable, "-m", "verification", *arguments]
    with (
        source.open("rb") as stdin,
        Popen(command, stdin=stdin, stdout=PIPE, stderr=PIPE, cwd=ROOT) as process,
    ):
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=60) == ExitCode.UNREAD
        complaints = process.stderr.read()
    assert b"Traceback" not in complaints
    assert b"Exception ignored" not in complaints


def test_a_pipe_is_checked_like_a_file() -> None:
    code, stdout, _ = verification("check", "/dev/stdin", *NO_DNS, stdin=b"ann@mailinator.com\n")
    assert code == 0
    assert json.loads(stdout)["category"] == "Disposable"


def test_an_input_that_cannot_be_read_is_a_sentence_and_an_exit_code() -> None:
    stdin = "ann@mailinator.com\n".encode("utf-16")
    code, stdout, stderr = verification("check", "-", *NO_DNS, stdin=stdin)
    assert (code, stdout) == (2, "")
    assert "Cannot check: Line 1 holds a NUL byte" in stderr
    assert "Traceback" not in stderr


def test_a_disk_that_is_full_is_a_sentence_and_an_exit_code() -> None:
    command = [sys.executable, "-m", "verification", "check", "-", *NO_DNS]
    with Path("/dev/full").open("wb") as full:
        done = run(command, input=b"ann@mailinator.com\n", stdout=full, stderr=PIPE, cwd=ROOT)
    assert done.returncode == 2
    assert b"Cannot check: [Errno 28]" in done.stderr


@pytest.mark.parametrize("command", ["check", "explain"])
def test_help_names_every_exit_code(command: str) -> None:
    code, stdout, _ = verification(command, "--help")
    assert code == 0
    codes = set(ExitCode) if command == "check" else {0, 2, ExitCode.INTERRUPTED, ExitCode.UNREAD}
    described = stdout[stdout.index("Exit codes:") :]
    assert {int(number) for number in re.findall(r"\d+", described)} == codes
