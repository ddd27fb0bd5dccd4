"""Checks, before any subscriber is asked about, whether this machine may ask mail servers."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from verification.errors import (
    HangUpError,
    HostRefusedError,
    HostSilentError,
    HostUnreachableError,
)
from verification.identity import identity_problem
from verification.networks import IpAddress, is_public
from verification.options import ProbeOptions
from verification.probing.conversation import Endpoint, open_conversation
from verification.resolver import DnsResolver, Found, Resolver
from verification.sender_policy import judge_policy
from verification.spf import check_spf
from verification.spf_record import SpfResult
from verification.syntax import Address, parse_address


class Topic(StrEnum):
    """What a finding is about."""

    #: The HELO name and MAIL FROM as such.
    IDENTITY = "identity"
    #: The HELO name has an address.
    OWN_NAME = "own_name"
    #: That address has a reverse name, and it is the HELO name.
    REVERSE_NAME = "reverse_name"
    #: The domain of MAIL FROM receives mail.
    SENDER_MX = "sender_mx"
    #: The domain of MAIL FROM lets this machine send for it.
    SENDER_SPF = "sender_spf"
    #: Mail servers can be reached.
    SMTP_PORT = "smtp_port"


@dataclass(frozen=True, slots=True)
class PreflightFinding:
    """One thing that was checked."""

    topic: Topic
    passed: bool
    #: What was found, and what to do about it if it did not pass.
    sentence: str
    #: Whether asking mail servers is useless or rude unless it passes.
    needed: bool = False
    #: Whether all of it could be looked at; if not, another look may soon find something else.
    known: bool = True


@dataclass(frozen=True, slots=True)
class Preflight:
    """Everything that was checked."""

    findings: tuple[PreflightFinding, ...]

    @property
    def problem(self) -> str | None:
        """Say in a sentence why mail servers cannot be asked, or None when they can."""
        for finding in self.findings:
            if not finding.passed and finding.needed:
                return finding.sentence
        return None

    @property
    def is_sure(self) -> bool:
        """Tell whether everything could be looked at."""
        return all(finding.known for finding in self.findings)


async def preflight(options: ProbeOptions, *, hosts: Sequence[str] = ()) -> Preflight:
    """Check the identity, its DNS, and whether the mail hosts chosen by the operator answer.

    Raises:
        ConfigurationError: The resolver cannot be used.
    """
    resolver = DnsResolver(
        server=options.resolver, lifetime=options.deadlines.dns, clock=time.monotonic
    )
    return await inspect_sender(options, hosts=hosts, resolver=resolver)


async def resolves(options: ProbeOptions, domain: str) -> bool:
    """Tell whether the resolver finds the mail exchangers of a domain that has some.

    Raises:
        ConfigurationError: The resolver cannot be used.
    """
    resolver = DnsResolver(
        server=options.resolver, lifetime=options.deadlines.dns, clock=time.monotonic
    )
    return (await resolver.exchangers(domain)).found is Found.RECORDS


async def inspect_sender(
    options: ProbeOptions, *, hosts: Sequence[str], resolver: Resolver
) -> Preflight:
    """Do what ``preflight`` does, with a resolver of the caller's."""
    problem = identity_problem(options)
    identity = PreflightFinding(
        Topic.IDENTITY,
        problem is None,
        problem or "The HELO name and MAIL FROM are plausible.",
        needed=True,
    )
    findings, addresses = [identity], tuple[IpAddress, ...]()
    if options.helo_name:
        addresses = (await resolver.addresses(options.helo_name)).records
        findings += await _own_name(options.helo_name, addresses, resolver)
    sender = parse_address(options.mail_from)
    if isinstance(sender, Address):
        findings.append(await _sender_exchangers(sender.domain, resolver))
        findings.append(await _sender_policy(sender.domain, addresses, resolver))
    if hosts and problem is None:
        findings.append(await _smtp_port(hosts, options, resolver))
    return Preflight(tuple(findings))


async def _own_name(
    name: str, addresses: Sequence[IpAddress], resolver: Resolver
) -> list[PreflightFinding]:
    if not addresses:
        sentence = f"{name} has no address: add an A record that leads to this machine."
        return [PreflightFinding(Topic.OWN_NAME, False, sentence)]
    found = PreflightFinding(Topic.OWN_NAME, True, f"{name} has an address.")
    for address in addresses:
        if name.lower().rstrip(".") not in await resolver.names(address):
            sentence = f"The reverse name of {address} is not {name}: ask your host for that PTR."
            return [found, PreflightFinding(Topic.REVERSE_NAME, False, sentence)]
    sentence = "The reverse name matches."
    return [found, PreflightFinding(Topic.REVERSE_NAME, True, sentence)]


async def _sender_exchangers(domain: str, resolver: Resolver) -> PreflightFinding:
    answer = await resolver.exchangers(domain)
    # RFC 7505 section 4.2: servers refuse senders whose domain takes no mail.
    receives = answer.found is Found.RECORDS and any(mx.host != "." for mx in answer.records)
    sentence = (
        f"{domain} receives mail."
        if receives
        else f"{domain}, the domain of MAIL FROM, has no MX record: use one that gets mail."
    )
    return PreflightFinding(Topic.SENDER_MX, receives, sentence)


async def _sender_policy(
    domain: str, addresses: Sequence[IpAddress], resolver: Resolver
) -> PreflightFinding:
    """Evaluate SPF for each address of our HELO name: from there we connect."""
    found = [(address, await check_spf(address, domain, resolver)) for address in addresses]
    passed, sentence = judge_policy(domain, found)
    # Servers refuse such a sender and think the worse of its address. One address that may send
    # is enough to go on: a machine need not use every address of its name.
    forbidden = bool(found) and all(spf.result is SpfResult.FAIL for _, spf in found)
    return PreflightFinding(Topic.SENDER_SPF, passed, sentence, needed=forbidden)


class _Answer(Enum):
    """What one of the operator's mail hosts did."""

    #: It talked to us, if only to turn us away.
    SPOKE = auto()
    #: Nothing was heard from any of its addresses.
    SILENT = auto()
    #: It has no address that may be connected to, or none could be looked up.
    NOT_FOUND = auto()


async def _smtp_port(
    hosts: Sequence[str], options: ProbeOptions, resolver: Resolver
) -> PreflightFinding:
    answers = await asyncio.gather(*(_answer_of(host, options, resolver) for host in hosts))
    by_answer = {
        answer: ", ".join(host for host, its in zip(hosts, answers, strict=True) if its is answer)
        for answer in _Answer
    }
    port, spoke, silent = options.smtp_port, by_answer[_Answer.SPOKE], by_answer[_Answer.SILENT]
    if spoke:
        return PreflightFinding(Topic.SMTP_PORT, True, f"Port {port} is open: {spoke} answered.")
    if not silent:
        sentence = (
            f"Whether port {port} is open is not known: {', '.join(hosts)} could not be looked up."
        )
        return PreflightFinding(Topic.SMTP_PORT, False, sentence, known=False)
    sentence = (
        f"Port {port} seems to be closed: {silent} did not answer. "
        "Ask your host to open it, or use an outside verification service."
    )
    known = not by_answer[_Answer.NOT_FOUND]
    return PreflightFinding(Topic.SMTP_PORT, False, sentence, needed=True, known=known)


async def _answer_of(host: str, options: ProbeOptions, resolver: Resolver) -> _Answer:
    """Connect to a host's addresses until one greets us, or refuses to: both come through."""
    answer = _Answer.NOT_FOUND
    for address in (await resolver.addresses(host)).records:
        if not options.allow_private_networks and not is_public(address):
            continue
        answer = _Answer.SILENT
        with contextlib.suppress(HostUnreachableError, HostSilentError, HangUpError):
            await _greet(Endpoint(host, address, options.smtp_port), options)
            return _Answer.SPOKE
    return answer


async def _greet(endpoint: Endpoint, options: ProbeOptions) -> None:
    """Exchange greetings with a host; one that turns us away has answered as well."""
    deadlines = options.deadlines
    with contextlib.suppress(HostRefusedError):
        conversation = await open_conversation(
            endpoint, options.helo_name, deadlines, deadlines.greeting
        )
        await conversation.quit()
