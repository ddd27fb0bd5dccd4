"""Says how domains and mailboxes of the make-believe mail world behave; it does no I/O."""

from dataclasses import dataclass
from enum import StrEnum


class Mailbox(StrEnum):
    """What a server knows about one mailbox."""

    #: Takes mail.
    EXISTS = "exists"
    #: Exists, and is over its quota.
    FULL = "full"
    #: Exists, and receives mail faster than its provider allows.
    OVER_RATE = "over_rate"
    #: Existed once and was switched off.
    DISABLED = "disabled"


class Style(StrEnum):
    """Whose words a server speaks."""

    #: Postfix, as packaged, with its error limits.
    POSTFIX = "postfix"
    #: Exim 4.
    EXIM = "exim"
    #: Exchange Online.
    EXCHANGE = "exchange"
    #: Gmail and Google Workspace.
    GOOGLE = "google"
    #: Sendmail 8.
    SENDMAIL = "sendmail"
    #: Yahoo and the brands it hosts.
    YAHOO = "yahoo"


class Behaviour(StrEnum):
    """How a whole domain behaves, from its DNS to its answer at RCPT TO."""

    #: Accepts the mailboxes it has and refuses the others.
    HONEST = "honest"
    #: Accepts any address, and delivers it somewhere.
    CATCH_ALL = "catch_all"
    #: Accepts any address, and bounces later what it does not have.
    HIDES = "hides"
    #: Defers each (client, sender, recipient) until it comes back after the greylist time.
    GREYLISTS = "greylists"
    #: Defers everything, for ever.
    DEFERS = "defers"
    #: Refuses this client in its greeting.
    BLOCKS_AT_CONNECT = "blocks_at_connect"
    #: Refuses this client at MAIL FROM.
    BLOCKS_AT_MAIL = "blocks_at_mail"
    #: Refuses this client at each RCPT TO.
    BLOCKS_AT_RCPT = "blocks_at_rcpt"
    #: Refuses clients without a reverse DNS name.
    NEEDS_RDNS = "needs_rdns"
    #: Greets late.
    SLOW_BANNER = "slow_banner"
    #: Answers each command late.
    SLOW_REPLIES = "slow_replies"
    #: Takes the connection and never says a word.
    SILENT = "silent"
    #: Cuts the connection at RCPT TO without a reply.
    DROPS = "drops"
    #: Says 421 and closes after a few recipients, each time.
    CLOSES_MID_BATCH = "closes_mid_batch"
    #: Nothing listens where its MX points.
    REFUSES = "refuses"
    #: Wants STARTTLS before MAIL FROM (RFC 3207).
    DEMANDS_TLS = "demands_tls"
    #: Knows HELO only, so no extension at all.
    HELO_ONLY = "helo_only"
    #: Knows EHLO, offers no PIPELINING, and takes one command at a time.
    NO_PIPELINING = "no_pipelining"
    #: Takes very few recipients in one transaction (452).
    FEW_RECIPIENTS = "few_recipients"
    #: Its best MX does not serve it (relay denied); the second does.
    RELAY_DENIED_FIRST = "relay_denied_first"
    #: Has no MX and takes mail at its own address (RFC 5321 section 5.1).
    IMPLICIT_MX = "implicit_mx"
    #: Is an alias of a domain that takes mail.
    ALIASED = "aliased"
    #: Says with a null MX that it takes no mail (RFC 7505).
    NULL_MX = "null_mx"
    #: Exists without MX, A and AAAA.
    NO_MAIL = "no_mail"
    #: Has an MX whose name does not exist.
    DANGLING_MX = "dangling_mx"
    #: Has an MX in a private network where nothing listens.
    PRIVATE_MX = "private_mx"
    #: Its name servers fail (SERVFAIL).
    DNS_FAILS = "dns_fails"
    #: Its name servers never answer.
    DNS_SILENT = "dns_silent"
    #: Does not exist (NXDOMAIN).
    NO_SUCH_DOMAIN = "no_such_domain"


#: Behaviours that end in the DNS: no server of this world ever serves such a domain.
DNS_ONLY = frozenset(
    {
        Behaviour.NULL_MX,
        Behaviour.NO_MAIL,
        Behaviour.DANGLING_MX,
        Behaviour.PRIVATE_MX,
        Behaviour.DNS_FAILS,
        Behaviour.DNS_SILENT,
        Behaviour.NO_SUCH_DOMAIN,
    }
)


#: Behaviours of the server rather than of the domain: they show before a recipient is named.
HOST_LEVEL = frozenset(
    {
        Behaviour.BLOCKS_AT_CONNECT,
        Behaviour.BLOCKS_AT_MAIL,
        Behaviour.NEEDS_RDNS,
        Behaviour.SLOW_BANNER,
        Behaviour.SLOW_REPLIES,
        Behaviour.SILENT,
        Behaviour.DEMANDS_TLS,
        Behaviour.HELO_ONLY,
        Behaviour.NO_PIPELINING,
        Behaviour.FEW_RECIPIENTS,
        Behaviour.CLOSES_MID_BATCH,
    }
)


@dataclass(frozen=True, slots=True)
class Domain:
    """Describe one domain of the world.

    `name` is lower case, IDN domains as A-labels. `exchangers` are its MX names, best first; when
    empty, `mx1.<name>` and (for RELAY_DENIED_FIRST) `mx2.<name>`. `reply` replaces the style's text
    of the refusal that the behaviour is about, code included, e.g. "554 5.7.1 Go away".
    """

    name: str
    behaviour: Behaviour = Behaviour.HONEST
    style: Style = Style.POSTFIX
    exchangers: tuple[str, ...] = ()
    reply: str | None = None

    @property
    def mx_names(self) -> tuple[str, ...]:
        """Return the names of its mail servers, best first."""
        if self.exchangers:
            return self.exchangers
        if self.behaviour is Behaviour.RELAY_DENIED_FIRST:
            return (f"mx1.{self.name}", f"mx2.{self.name}")
        return (f"mx1.{self.name}",)


@dataclass(frozen=True, slots=True)
class Timing:
    """Set how long the slow parts of the mail world take, in seconds."""

    #: A greylisted triple is accepted when it returns after this time (RFC 6647).
    greylist: float = 2.0
    #: SLOW_BANNER greets after this time.
    slow_banner: float = 3.0
    #: SLOW_REPLIES answers each command after this time.
    slow_reply: float = 0.5
    #: What each reply costs after ten errors in one connection (Postfix smtpd_error_sleep_time).
    error_sleep: float = 1.0
