"""Runs a peer in a network namespace of its own, where the world listens on ports 25 and 53.

Run as root: ``python -m benchmarks.verification.peers INTERPRETER``, where the interpreter is one
of a virtual environment that holds py3-validate-email.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.verification.__main__ import TURN, line
from benchmarks.verification.measure import Measurement, world
from benchmarks.verification.people import people
from benchmarks.verification.world import RESOLVER

NAMESPACE = "verification-bench"
#: As many calls at a time as the engine had connections open at its peak.
CALLS = 54
SECONDS = 60.0
PEER = Path(__file__).with_name("peer_py3.py")


@contextmanager
def namespace() -> Iterator[list[str]]:
    """Make a namespace with loopback and a resolver; give the command prefix that enters it."""
    folder = Path("/etc/netns") / NAMESPACE
    subprocess.run(["ip", "netns", "add", NAMESPACE], check=True)
    try:
        subprocess.run(["ip", "-n", NAMESPACE, "link", "set", "lo", "up"], check=True)
        folder.mkdir(parents=True)
        (folder / "resolv.conf").write_text(f"nameserver {RESOLVER[0]}\n")
        yield ["ip", "netns", "exec", NAMESPACE]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(["ip", "netns", "del", NAMESPACE], check=True)


def measure_peer(interpreter: str) -> Measurement:
    """Let the peer verify as many addresses as it finishes in a minute."""
    measurement = Measurement(f"py3-validate-email, {CALLS} calls at a time")
    sample = list(people(20_000))
    truth = {person.address: "yes" if person.exists else "no" for person in sample}
    with namespace() as prefix, world(TURN, measurement, prefix=prefix, smtp_port=25, dns_port=53):
        began = time.perf_counter()
        command = [*prefix, interpreter, str(PEER), str(CALLS), str(SECONDS)]
        done = subprocess.run(
            command, input="\n".join(truth), capture_output=True, text=True, check=True
        )
        measurement.seconds = time.perf_counter() - began
    for row in done.stdout.splitlines():
        address, said = row.split("\t")
        measurement.addresses += 1
        if said != truth[address]:
            measurement.wrong[f"{truth[address]} as {said}"] += 1
    return measurement


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print(line(measure_peer(sys.argv[1])))
