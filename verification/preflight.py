"""Checks, before any subscriber is asked about, whether this machine may ask mail servers."""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from verification.errors import ConversationError
from verification.identity import identity_problem
from verification.networks import is_public
from verification.options import ProbeOptions
from verification.probing.conversation import Endpoint, open_conversation
from verification.resolver import DnsResolver, Found, Resolver
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
    #: The domain of MAIL FROM says who may send for it.
    SENDER_SPF = "sender_spf"
    #: Mail servers can be reached.
    SMTP_PORT = "smtp_port"


#: Without these, asking mail servers is useless or rude.
NEEDED = frozenset({Topic.IDENTITY, Topic.SMTP_PORT})


@dataclass(frozen=True, slots=True)
class PreflightFinding:
    """One thing that was checked."""

    topic: Topic
    passed: bool
    #: What was found, and what to do about it if it did not pass.
    sentence: str


@dataclass(frozen=True, slots=True)
class Preflight:
    """Everything that was checked."""

    findings: tuple[PreflightFinding, ...]

    @property
    def problem(self) -> str | None:
        """Say in a sentence why mail servers cannot be asked, or None when they can."""
        for finding in self.findings:
            if not finding.passed and finding.topic in NEEDED:
                return finding.sentence
        return None


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
        Topic.IDENTITY, problem is None, problem or "The HELO name and MAIL FROM are plausible."
    )
    findings = [identity]
    if options.helo_name:
        findings += await _own_name(options.helo_name, resolver)
    sender = parse_address(options.mail_from)
    if isinstance(sender, Address):
        findings += await _sender_domain(sender.domain, resolver)
    if hosts and problem is None:
        findings.append(await _smtp_port(hosts, options, resolver))
    return Preflight(tuple(findings))


async def _own_name(name: str, resolver: Resolver) -> list[PreflightFinding]:
    addresses = (await resolver.addresses(name)).records
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


async def _sender_domain(domain: str, resolver: Resolver) -> list[PreflightFinding]:
    answer = await resolver.exchangers(domain)
    # RFC 7505 section 4.2: servers refuse senders whose domain takes no mail.
    receives = answer.found is Found.RECORDS and any(mx.host != "." for mx in answer.records)
    policies = [text for text in await resolver.texts(domain) if text.lower().startswith("v=spf1")]
    return [
        PreflightFinding(
            Topic.SENDER_MX,
            receives,
            f"{domain} receives mail."
            if receives
            else f"{domain}, the domain of MAIL FROM, has no MX record: use one that gets mail.",
        ),
        PreflightFinding(
            Topic.SENDER_SPF,
            len(policies) == 1,  # RFC 7208 section 4.5: more than one is an error
            f"{domain} has an SPF record: {policies[0]}"
            if len(policies) == 1
            else f"{domain} needs exactly one SPF record that names this machine.",
        ),
    ]


async def _smtp_port(
    hosts: Sequence[str], options: ProbeOptions, resolver: Resolver
) -> PreflightFinding:
    answers = await asyncio.gather(*(_answers(host, options, resolver) for host in hosts))
    reached = [host for host, answered in zip(hosts, answers, strict=True) if answered]
    if reached:
        sentence = f"Port {options.smtp_port} is open: {', '.join(reached)} answered."
    else:
        sentence = (
            f"Port {options.smtp_port} seems to be closed: none of {', '.join(hosts)} answered. "
            "Ask your host to open it, or use an outside verification service."
        )
    return PreflightFinding(Topic.SMTP_PORT, bool(reached), sentence)


async def _answers(host: str, options: ProbeOptions, resolver: Resolver) -> bool:
    """Tell whether a host greets us and hears our name."""
    for address in (await resolver.addresses(host)).records:
        if not options.allow_private_networks and not is_public(address):
            continue
        with contextlib.suppress(ConversationError):
            conversation = await open_conversation(
                Endpoint(host, address, options.smtp_port),
                options.helo_name,
                options.deadlines,
                options.deadlines.greeting,
            )
            await conversation.quit()
            return True
    return False
