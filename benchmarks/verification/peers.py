"""The verifiers that a user would otherwise pick: installed in a folder, fed and timed."""

import math
import os
import shutil
import subprocess
import sys
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.verification.measure import Measurement, Ports, world
from benchmarks.verification.people import Person, host_of

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


class Feed:
    """The addresses still to be asked, given out within the limits that a caller keeps.

    A peer knows no cap for one mail host, and a careful user of it would keep one around its calls.
    The list's order is kept, but for those whose host has as many calls as it may: so no call
    waits while anybody could be asked.
    """

    def __init__(self, addresses: Iterable[str], *, calls: int, for_each_host: int) -> None:
        self._calls = calls
        self._for_each_host = for_each_host
        self._under_way: Counter[str] = Counter()
        self._waiting: defaultdict[str, deque[tuple[int, str]]] = defaultdict(deque)
        for place, address in enumerate(addresses):
            self._waiting[_host(address)].append((place, address))

    def ready(self) -> Iterator[str]:
        """Give every address that can be asked now."""
        while self._under_way.total() < self._calls:
            heads = [
                (waiting[0], host)
                for host, waiting in self._waiting.items()
                if waiting and self._under_way[host] < self._for_each_host
            ]
            if not heads:
                return
            (_, address), host = min(heads)
            self._waiting[host].popleft()
            self._under_way[host] += 1
            yield address

    def answered(self, address: str) -> None:
        """Make room for the next."""
        self._under_way[_host(address)] -= 1

    @property
    def idle(self) -> bool:
        """Nobody's answer is awaited."""
        return not self._under_way.total()


def _host(address: str) -> str:
    return host_of(address.partition("@")[2])


def measure_peer(
    peer: Peer,
    folder: Path,
    sample: Sequence[Person],
    *,
    calls: int,
    turn: float,
    ports: Ports,
    for_each_host: int | None = None,
    seconds: float = math.inf,
) -> Measurement:
    """Let a peer verify the sample, or as much of it as it is asked within so many seconds."""
    cap = "" if for_each_host is None else f", {for_each_host} to a host"
    measurement = Measurement(f"{peer.name}, {calls} calls at a time{cap}")
    truth = {person.address: "yes" if person.exists else "no" for person in sample}
    feed = Feed(truth, calls=calls, for_each_host=for_each_host or calls)
    command = [*peer.command(folder), str(calls)]
    piped = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with world(turn, measurement, ports), piped as process:
        assert process.stdin is not None
        assert process.stdout is not None
        began = time.perf_counter()
        while True:
            if time.perf_counter() - began < seconds:
                process.stdin.writelines(f"{address}\n" for address in feed.ready())
                process.stdin.flush()
            if feed.idle:
                break
            row = process.stdout.readline()
            if not row:
                raise EOFError(f"{peer.name} ended before it had answered")
            address, answer = row.rstrip("\n").split("\t")
            feed.answered(address)
            measurement.addresses += 1
            if answer != truth[address]:
                measurement.wrong[f"{truth[address]} as {answer}"] += 1
        measurement.seconds = time.perf_counter() - began
        process.stdin.close()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    measurement.cpu_seconds = usage.ru_utime + usage.ru_stime
    measurement.peak_megabytes = usage.ru_maxrss / 1024
    return measurement
