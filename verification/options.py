"""What an operator chooses about probing; plain values, no environment."""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long one step of a conversation may take, in seconds."""

    #: Opening the TCP connection to one address.
    connect: float = 10.0
    #: Waiting for the first reply; honest servers let newcomers wait (postscreen 6 s, Exim 30 s).
    greeting: float = 30.0
    #: One reply to one command.
    reply: float = 30.0
    #: All replies to one pipelined group, so that a tarpit costs its deadline once.
    group: float = 120.0
    #: One DNS question with all its retries.
    dns: float = 8.0


@dataclass(frozen=True, slots=True)
class ProbeOptions:
    """How, as whom and how politely mail servers are asked."""

    #: The name in EHLO: a host name of the operator's that resolves to this machine and back.
    helo_name: str = ""
    #: The address in MAIL FROM: a mailbox of the operator's that receives mail.
    mail_from: str = ""
    smtp_port: int = 25
    #: Host and port of the resolver to ask, or None for the system's own.
    resolver: tuple[str, int] | None = None
    #: Connect to loopback and private addresses too: for a sandbox, never in production.
    allow_private_networks: bool = False
    #: Whether mail servers are asked at all; without it only syntax, lists and DNS judge.
    probe: bool = True
    #: Whether providers are asked that forbid or defeat probing.
    probe_reluctant_providers: bool = False
    #: The key that derives each domain's made-up address: secret, or a server could tell it from a
    #: real one. Keep it across restarts, so that a greylisting server sees the same address again;
    #: empty for a random one that lasts as long as the process.
    made_up_key: bytes = b""
    #: Connections at a time to one mail organisation, or None for the provider's own figure.
    connections_per_host: int | None = None
    #: Recipients a second for one mail organisation, or None for the provider's own figure;
    #: ``math.inf`` lifts the limit.
    rate: float | None = None
    #: Conversations at a time, over all organisations.
    conversations: int = 200
    #: Addresses held in memory at a time; the rest of the input waits unread.
    window: int = 20_000
    #: How long an organisation that blocks us is left alone.
    block_rest: timedelta = timedelta(hours=24)
    deadlines: Deadlines = field(default_factory=Deadlines)
