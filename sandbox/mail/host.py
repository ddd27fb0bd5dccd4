"""Describes one mail server: what holds before a recipient is named. No I/O."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sandbox.mail.behaviour import HOST_LEVEL, Behaviour, Domain, Style, Timing
from sandbox.mail.directory import Directory

RECIPIENTS = 100
FEW_RECIPIENTS = 3
#: Recipients that CLOSES_MID_BATCH takes in one connection before its 421.
BATCH = 5


@dataclass(frozen=True, slots=True)
class Host:
    """Describe a server by its style and by what is wrong with it (HONEST: nothing)."""

    style: Style = Style.POSTFIX
    behaviour: Behaviour = Behaviour.HONEST
    reply: str | None = None
    #: Whether it stands in front of domains that it does not serve.
    stranger: bool = False

    @property
    def ordinary(self) -> bool:
        """Return whether nothing is wrong with it: the usual mail server of the usual domain."""
        return self.behaviour is Behaviour.HONEST and not self.stranger

    @property
    def extended(self) -> bool:
        """Return whether it knows EHLO."""
        return self.behaviour is not Behaviour.HELO_ONLY

    @property
    def extensions(self) -> tuple[str, ...]:
        """Return what its EHLO offers before TLS."""
        offers = _OFFERS[self.style]
        if self.behaviour is Behaviour.NO_PIPELINING:
            offers = tuple(offer for offer in offers if offer != "PIPELINING")
        if self.behaviour is Behaviour.DEMANDS_TLS and "STARTTLS" not in offers:
            offers = (*offers, "STARTTLS")
        return offers

    @property
    def recipients(self) -> int:
        """Return how many recipients it takes in one transaction."""
        return FEW_RECIPIENTS if self.behaviour is Behaviour.FEW_RECIPIENTS else RECIPIENTS

    @property
    def error_limits(self) -> tuple[int, int] | None:
        """Return after how many errors it slows down and hangs up (Postfix only)."""
        return (10, 20) if self.style is Style.POSTFIX else None


@dataclass(frozen=True, slots=True)
class Setting:
    """Hold what is fixed for one connection."""

    host: Host
    #: The IP address of the server and the name by which it greets.
    address: str
    server: str
    client: str
    directory: Directory
    timing: Timing
    #: The domains that this server takes mail for.
    serves: AbstractSet[str]
    #: Whether the client's address has a name.
    has_rdns: bool = False


_OFFERS: dict[Style, tuple[str, ...]] = {
    Style.POSTFIX: (
        "PIPELINING",
        "SIZE 10240000",
        "ETRN",
        "STARTTLS",
        "ENHANCEDSTATUSCODES",
        "8BITMIME",
        "DSN",
        "SMTPUTF8",
        "CHUNKING",
    ),
    Style.EXIM: ("SIZE 52428800", "8BITMIME", "PIPELINING", "STARTTLS", "HELP"),
    Style.EXCHANGE: (
        "SIZE 157286400",
        "PIPELINING",
        "DSN",
        "ENHANCEDSTATUSCODES",
        "STARTTLS",
        "8BITMIME",
        "BINARYMIME",
        "CHUNKING",
        "SMTPUTF8",
    ),
    Style.GOOGLE: (
        "SIZE 157286400",
        "8BITMIME",
        "STARTTLS",
        "ENHANCEDSTATUSCODES",
        "PIPELINING",
        "CHUNKING",
        "SMTPUTF8",
    ),
    Style.SENDMAIL: ("ENHANCEDSTATUSCODES", "PIPELINING", "8BITMIME", "SIZE 36700160", "DSN"),
    Style.YAHOO: ("PIPELINING", "SIZE 41943040", "8BITMIME", "STARTTLS"),
}


def hosts_of(domain: Domain) -> tuple[Host, ...]:
    """Return the server behind each of a domain's MX names, best first."""
    at_host = domain.behaviour in HOST_LEVEL
    host = Host(
        domain.style,
        domain.behaviour if at_host else Behaviour.HONEST,
        domain.reply if at_host else None,
    )
    if domain.behaviour is Behaviour.RELAY_DENIED_FIRST:
        return (Host(domain.style, stranger=True), *(host for _ in domain.mx_names[1:]))
    return tuple(host for _ in domain.mx_names)
