"""The verifiers that a user would otherwise pick: installed in a folder and timed for a minute."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.verification.measure import Measurement, Ports, world
from benchmarks.verification.people import Person

SECONDS = 60.0
_HERE = Path(__file__).parent
_NPM_PACKAGES = ("deep-email-validator@0.1.27", "@emailcheck/email-validator-js@3.4.4")


@dataclass(frozen=True, slots=True)
class Peer:
    """One package, and how its program is started once it is installed in a folder."""

    name: str
    command: Callable[[Path], list[str]]


def _npm_command(package: str) -> Callable[[Path], list[str]]:
    return lambda folder: ["node", str(folder / "peer_npm.mjs"), package]


PEERS = (
    Peer(
        "py3-validate-email",
        lambda folder: [str(folder / "venv/bin/python"), str(_HERE / "peer_py3.py")],
    ),
    Peer("deep-email-validator", _npm_command("deep-email-validator")),
    Peer("@emailcheck/email-validator-js", _npm_command("@emailcheck/email-validator-js")),
)


def install(folder: Path) -> None:
    """Install the peers; nothing outside the folder is touched."""
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    pip = [str(folder / "venv/bin/pip"), "install", "--quiet", "py3-validate-email==1.0.5.post2"]
    subprocess.run(pip, check=True)
    if shutil.which("npm") is not None:
        quiet = ["--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
        subprocess.run(["npm", "install", *quiet, *_NPM_PACKAGES], check=True)
        shutil.copy(_HERE / "peer_npm.mjs", folder)


def measure_peer(
    peer: Peer, folder: Path, sample: Iterable[Person], *, calls: int, turn: float, ports: Ports
) -> Measurement:
    """Let a peer verify as many addresses as it finishes in a minute."""
    measurement = Measurement(f"{peer.name}, {calls} calls at a time")
    truth = {person.address: "yes" if person.exists else "no" for person in sample}
    questions, answers = folder / "questions", folder / "answers"
    questions.write_text("\n".join(truth))
    with world(turn, measurement, ports), questions.open() as asked, answers.open("w") as said:
        command = [*peer.command(folder), str(calls), str(SECONDS)]
        began = time.perf_counter()
        process = subprocess.Popen(command, stdin=asked, stdout=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        measurement.seconds = time.perf_counter() - began
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    measurement.cpu_seconds = usage.ru_utime + usage.ru_stime
    measurement.peak_megabytes = usage.ru_maxrss / 1024
    for row in answers.read_text().splitlines():
        address, answer = row.split("\t")
        measurement.addresses += 1
        if answer != truth[address]:
            measurement.wrong[f"{truth[address]} as {answer}"] += 1
    return measurement
