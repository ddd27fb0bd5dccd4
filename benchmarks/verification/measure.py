"""Times a way of verifying, and counts its wrong verdicts by kind."""

import asyncio
import math
import resource
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

from benchmarks.verification.people import Person, host_address, host_of
from benchmarks.verification.world import RESOLVER, SMTP_PORT
from verification import Category, Deadlines, ProbeOptions, build_engine
from verification.judge import Stage, accepts_all, judge, reason_for
from verification.probing.conversation import Endpoint, Transaction, open_conversation
from verification.probing.questions import made_up_address

#: The same for every way: two connections to one mail host, and no limit on the rate.
CONNECTIONS = 2
OPTIONS = ProbeOptions(
    helo_name="verifier.example.com",
    mail_from="probe@verifier.example.com",
    smtp_port=SMTP_PORT,
    resolver=RESOLVER,
    allow_private_networks=True,
    connections_per_host=CONNECTIONS,
    rate=math.inf,
    made_up_key=b"benchmark",
    deadlines=Deadlines(),
)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the world listens."""

    smtp: int = SMTP_PORT
    dns: int = RESOLVER[1]

    @property
    def options(self) -> ProbeOptions:
        """Point the engine there."""
        return replace(OPTIONS, smtp_port=self.smtp, resolver=(RESOLVER[0], self.dns))


@dataclass(frozen=True, slots=True)
class WorldCounts:
    """What the servers of the world saw during one measurement."""

    connections: int
    most_open: int
    recipients: int
    hang_ups: int
    forbidden: int


@dataclass(slots=True)
class Measurement:
    """One way of verifying, measured."""

    name: str
    addresses: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_megabytes: float = 0.0
    #: Wrong verdicts by what was said of whom.
    wrong: Counter[str] = field(default_factory=Counter)
    world: WorldCounts | None = None

    @property
    def rate(self) -> float:
        """Give addresses a second."""
        return self.addresses / self.seconds if self.seconds else 0.0


@contextmanager
def world(turn: float, measurement: Measurement, ports: Ports) -> Iterator[None]:
    """Run the world in a process of its own, and keep what it saw."""
    program = [sys.executable, "-m", "benchmarks.verification.world"]
    server = subprocess.Popen(
        [*program, str(turn), str(ports.smtp), str(ports.dns)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    assert server.stdout.readline().strip() == "ready"
    try:
        yield
    finally:
        seen, _ = server.communicate()
        measurement.world = WorldCounts(*(int(number) for number in seen.split()))


Way = Callable[[Sequence[str], ProbeOptions], AsyncIterator[tuple[str, Category]]]


async def engine_way(
    addresses: Sequence[str], options: ProbeOptions
) -> AsyncIterator[tuple[str, Category]]:
    """Verify with the engine."""
    async for verdict in build_engine(options).verify(addresses):
        yield verdict.address, verdict.category


async def single_way(
    addresses: Sequence[str], options: ProbeOptions
) -> AsyncIterator[tuple[str, Category]]:
    """Hold one conversation for each address, with the engine's own client and judge."""
    slots: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(CONNECTIONS))

    async def ask(address: str) -> tuple[str, Category]:
        domain = address.partition("@")[2]
        host = host_of(domain)
        async with slots[host]:
            endpoint = Endpoint(host, ip_address(host_address(host)), options.smtp_port)
            conversation = await open_conversation(
                endpoint, options.helo_name, options.deadlines, 30.0
            )
            recipients = (address, made_up_address(domain, options.made_up_key))
            answers = await conversation.ask(options.mail_from, [Transaction(recipients)])
            await conversation.quit()
        replies = [reply for reply in answers[0].recipients if reply is not None]
        real, made_up = (judge(Stage.RCPT, reply).outcome for reply in replies)
        return address, reason_for(real, accepts_all(made_up)).category

    for done in asyncio.as_completed([ask(address) for address in addresses]):
        yield await done


async def measure(
    name: str, way: Way, sample: Sequence[Person], turn: float, ports: Ports
) -> Measurement:
    """Time one way over a sample of the world's people."""
    measurement = Measurement(name)
    truth = {person.address: person.exists for person in sample}
    with world(turn, measurement, ports):
        began, cpu = time.perf_counter(), time.process_time()
        async for address, category in way(list(truth), ports.options):
            measurement.addresses += 1
            right = Category.SAFE if truth[address] else Category.INVALID
            if category is not right:
                measurement.wrong[f"{right.label} as {category.label}"] += 1
        measurement.seconds = time.perf_counter() - began
        measurement.cpu_seconds = time.process_time() - cpu
    measurement.peak_megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return measurement
