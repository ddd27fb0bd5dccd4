"""Which addresses of mail hosts may be tried, and what comes of trying one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from verification.errors import (
    ConversationError,
    HangUpError,
    HostRefusedError,
    HostSilentError,
    OutOfStepError,
)
from verification.judge import Judgement, Stage, judge, parse_reply
from verification.judge.outcomes import REASONS
from verification.networks import IpAddress, is_public, unmapped
from verification.options import ProbeOptions
from verification.probing.conversation import Conversation, Endpoint, open_conversation
from verification.probing.reading import TRIPPING, trips
from verification.providers import Manners
from verification.verdicts import Evidence, Reason

#: Addresses tried of one family of one host, and addresses tried altogether.
_MOST_OF_A_FAMILY = 2
MOST_ADDRESSES = 6

#: After one of these no further host is tried: a tarpit costs once, and a block is heeded.
_FINAL = frozenset({Reason.TIMEOUT, *(REASONS[outcome] for outcome in TRIPPING)})


@dataclass(frozen=True, slots=True)
class NotOpened:
    """Why no mail host of a domain could be talked to."""

    reason: Reason
    evidence: Evidence
    #: The reply that turned us away, judged, or None when there was none.
    judgement: Judgement | None = None
    #: Our own end of the connection on which that was said.
    heard_at: IpAddress | None = None

    @property
    def is_block(self) -> bool:
        """Tell whether a reply said that we are not welcome."""
        return self.judgement is not None and trips(self.judgement)

    @property
    def is_final(self) -> bool:
        """Tell whether no other host is worth trying."""
        return self.reason in _FINAL if self.judgement is None else self.is_block


NO_ADDRESS = NotOpened(Reason.NO_CONNECTION, Evidence(rule="no-address"))


def endpoints(
    host: str, addresses: Sequence[IpAddress], options: ProbeOptions
) -> Iterator[Endpoint]:
    """Name the addresses of a host that may be connected to; what is checked is what is used.

    Each in its plain form, so that caps and failures are kept under one key however DNS wrote it.
    """
    usable = dict.fromkeys(
        unmapped(address)
        for address in addresses
        if options.allow_private_networks or is_public(address)
    )
    for version in (4, 6):
        family = [address for address in usable if address.version == version]
        for address in family[:_MOST_OF_A_FAMILY]:
            yield Endpoint(host, address, options.smtp_port)


async def open_at(
    endpoint: Endpoint, *, options: ProbeOptions, manners: Manners, provider: str | None
) -> Conversation | NotOpened:
    """Open a conversation at one address, or say why that cannot be done."""
    greeting = max(options.deadlines.greeting, manners.greeting)
    try:
        return await open_conversation(endpoint, options.helo_name, options.deadlines, greeting)
    except ConversationError as problem:
        return _failure(endpoint.host, problem, provider)


def _failure(host: str, problem: ConversationError, provider: str | None) -> NotOpened:
    """Say what a failed attempt means: never anything about a recipient."""
    if isinstance(problem, HostRefusedError):
        judgement = judge(Stage(problem.stage), parse_reply(problem.reply), provider)
        return NotOpened(
            REASONS.get(judgement.outcome, Reason.PROTOCOL),
            Evidence(mail_host=host, reply=problem.reply, rule=judgement.rule.name),
            judgement,
            problem.heard_at,
        )
    if isinstance(problem, HostSilentError):
        return NotOpened(Reason.TIMEOUT, Evidence(mail_host=host, rule="silent"))
    if isinstance(problem, OutOfStepError):
        return NotOpened(Reason.PROTOCOL, Evidence(mail_host=host, rule="out-of-step"))
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
