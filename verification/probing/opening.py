"""Finds a mail host that talks to us: host by host, address by address, safe addresses only."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from verification.errors import (
    ConversationError,
    HangUpError,
    HostRefusedError,
    HostSilentError,
)
from verification.judge import Judgement, Stage, judge, parse_reply
from verification.judge.outcomes import REASONS
from verification.networks import is_public
from verification.options import ProbeOptions
from verification.probing.conversation import Conversation, Endpoint, open_conversation
from verification.probing.reading import trips
from verification.providers import Manners
from verification.resolver import Resolver
from verification.verdicts import Evidence, Reason

#: Addresses tried of one family of one host, and addresses tried altogether.
_MOST_OF_A_FAMILY = 2
_MOST_ADDRESSES = 6


@dataclass(frozen=True, slots=True)
class NotOpened:
    """Why no mail host of a domain could be talked to."""

    reason: Reason
    evidence: Evidence
    #: The reply that turned us away, judged, or None when there was none.
    judgement: Judgement | None = None


async def open_any(
    hosts: Sequence[str],
    *,
    options: ProbeOptions,
    manners: Manners,
    resolver: Resolver,
    provider: str | None,
) -> Conversation | NotOpened:
    """Open a conversation with the first host that lets us; give the last failure otherwise."""
    greeting = max(options.deadlines.greeting, manners.greeting)
    failure = NotOpened(Reason.NO_CONNECTION, Evidence(rule="no-address"))
    tried = 0
    async for endpoint in _endpoints(hosts, options=options, resolver=resolver):
        try:
            return await open_conversation(endpoint, options.helo_name, options.deadlines, greeting)
        except ConversationError as problem:
            failure = _failure(endpoint.host, problem, provider)
            tried += 1
            if tried == _MOST_ADDRESSES or not _may_try_another(failure):
                break
    return failure


def _may_try_another(failure: NotOpened) -> bool:
    """Tell whether another host is worth trying: not after a block, nor after a tarpit."""
    if failure.judgement is not None:
        return not trips(failure.judgement)
    return failure.reason is not Reason.TIMEOUT


async def _endpoints(
    hosts: Sequence[str], *, options: ProbeOptions, resolver: Resolver
) -> AsyncIterator[Endpoint]:
    """Walk over the addresses that may be connected to; what is checked is what is used."""
    for host in hosts:
        answer = await resolver.addresses(host)
        usable = [
            address
            for address in answer.records
            if options.allow_private_networks or is_public(address)
        ]
        for version in (4, 6):
            family = [address for address in usable if address.version == version]
            for address in family[:_MOST_OF_A_FAMILY]:
                yield Endpoint(host, address, options.smtp_port)


def _failure(host: str, problem: ConversationError, provider: str | None) -> NotOpened:
    """Say what a failed attempt means: never anything about a recipient."""
    if isinstance(problem, HostRefusedError):
        judgement = judge(Stage(problem.stage), parse_reply(problem.reply), provider)
        return NotOpened(
            REASONS.get(judgement.outcome, Reason.PROTOCOL),
            Evidence(mail_host=host, reply=problem.reply, rule=judgement.rule.name),
            judgement,
        )
    if isinstance(problem, HostSilentError):
        return NotOpened(Reason.TIMEOUT, Evidence(mail_host=host, rule="silent"))
    if isinstance(problem, HangUpError):
        return NotOpened(Reason.CONNECTION_LOST, Evidence(mail_host=host, rule="hang-up"))
    return NotOpened(Reason.NO_CONNECTION, Evidence(mail_host=host, rule="unreachable"))


async def encrypt(conversation: Conversation, helo_name: str) -> Conversation | NotOpened:
    """Encrypt a conversation, or say why that cannot be done."""
    try:
        await conversation.start_tls(helo_name)
    except ConversationError as problem:
        conversation.close()
        evidence = Evidence(
            mail_host=conversation.endpoint.host, reply=str(problem), rule="starttls-failed"
        )
        return NotOpened(Reason.TLS_FAILED, evidence)
    return conversation
