"""Make-believe DNS, and engines that ask it and the scripted servers."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ipaddress import ip_address

from verification import Deadlines, Engine, ProbeOptions, Verdict
from verification.lists import Lists, bundled_lists
from verification.networks import IpAddress, parse_ip
from verification.resolver import Addresses, Exchanger, Exchangers, Found, Texts

DOMAIN = "reader.example"
NOW = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)
BUNDLED = bundled_lists()
LOCAL = ProbeOptions(
    helo_name="verifier.example.com",
    mail_from="probe@verifier.example.com",
    allow_private_networks=True,
    rate=math.inf,
    made_up_key=b"a key of the tests",
    deadlines=Deadlines(connect=2, greeting=2, reply=2, group=4, dns=1),
)


@dataclass
class ScriptedDns:
    """Answers from tables; what is in neither table does not exist."""

    #: Mail hosts by domain, the most wanted first; no host for "no MX record".
    mail: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: Addresses by host.
    hosts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: TXT records by name.
    text: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: Domains and hosts at which the question fails.
    failing: frozenset[str] = frozenset()
    asked: list[str] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)

    async def exchangers(self, domain: str) -> Exchangers:
        self.asked.append(domain)
        if domain in self.failing:
            return Exchangers(Found.FAILED)
        if domain not in self.mail:
            return Exchangers(Found.NOTHING if domain in self.hosts else Found.NO_SUCH_NAME)
        records = tuple(Exchanger(10 * n, host) for n, host in enumerate(self.mail[domain]))
        return Exchangers(Found.RECORDS if records else Found.NOTHING, records)

    async def addresses(self, host: str) -> Addresses:
        self.looked_up.append(host)
        literal = parse_ip(host)
        if literal is not None:
            return Addresses(Found.RECORDS, (literal,))
        if host in self.failing:
            return Addresses(Found.FAILED)
        if host not in self.hosts:
            return Addresses(Found.NO_SUCH_NAME)
        records = tuple(ip_address(text) for text in self.hosts[host])
        return Addresses(Found.RECORDS if records else Found.NOTHING, records)

    async def texts(self, name: str) -> Texts:
        if name in self.failing:
            return Texts(Found.FAILED)
        records = tuple(self.text.get(name, ()))
        return Texts(Found.RECORDS if records else Found.NOTHING, records)

    async def names(self, address: IpAddress) -> tuple[str, ...]:
        return ()


def readers(count: int, domain: str = DOMAIN) -> list[str]:
    """Make this many addresses at one domain."""
    return [f"reader{number}@{domain}" for number in range(count)]


def engine_for(
    dns: ScriptedDns, *, port: int = 25, options: ProbeOptions = LOCAL, lists: Lists = BUNDLED
) -> Engine:
    """Build an engine on make-believe DNS that asks mail servers at one port."""
    return Engine(
        options=replace(options, smtp_port=port),
        resolver=dns,
        lists=lists,
        now=lambda: NOW,
        clock=time.monotonic,
    )


def one_domain(domain: str = DOMAIN) -> ScriptedDns:
    """Make DNS in which one domain has one mail host on loopback."""
    return ScriptedDns(mail={domain: ["mx.example.com"]}, hosts={"mx.example.com": ["127.0.0.1"]})


def two_hosts(*addresses: str) -> ScriptedDns:
    """Make DNS in which a domain has two mail hosts."""
    return ScriptedDns(
        mail={DOMAIN: ["mx1.example.com", "mx2.example.com"]},
        hosts={f"mx{n}.example.com": [address] for n, address in enumerate(addresses, start=1)},
    )


async def verdicts(engine: Engine, addresses: Iterable[str]) -> dict[str, Verdict]:
    """Verify addresses; fails when one of them gets two verdicts."""
    found: dict[str, Verdict] = {}
    async for verdict in engine.verify(addresses):
        assert verdict.address not in found
        found[verdict.address] = verdict
    return found
