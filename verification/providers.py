"""Mail organisations: who runs a domain's mail hosts, and how politely each is asked."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import takewhile

#: Recipients a second, at the start, for a giant, a middling provider and an unknown host.
_GIANT, _MIDDLING, _SMALL = 5.0, 2.0, 1.0
#: How far a rate may rise above its start: 20 % a minute is 15 minutes of good behaviour.
_CEILING = 16.0


@dataclass(frozen=True, slots=True)
class Manners:
    """How one organisation is asked."""

    #: Connections at a time.
    connections: int = 1
    #: Recipients a second at the start; the rate rises while all goes well.
    start_rate: float = _SMALL
    #: Recipients a second at most.
    top_rate: float = _SMALL * _CEILING
    #: Recipients in one transaction at most; RFC 5321 section 4.5.3.1.8 promises 100.
    batch: int = 50
    #: Whether it forbids or defeats probing, so that it is asked only on the operator's wish.
    reluctant: bool = False
    #: Seconds that its greeting may take, where longer than usual.
    greeting: float = 0.0


@dataclass(frozen=True, slots=True)
class Provider:
    """A mail organisation that many domains share, known by the names of its mail hosts."""

    name: str
    #: A mail host belongs to the provider when its name is one of these or ends with ".suffix";
    #: never a name that a customer's own machine may have: its behaviour is not the provider's.
    suffixes: tuple[str, ...]
    manners: Manners


def _manners(rate: float, connections: int = 2, *, greeting: float = 0.0) -> Manners:
    return Manners(connections, rate, rate * _CEILING, greeting=greeting)


_RELUCTANT = Manners(1, _SMALL, _SMALL, batch=10, reluctant=True)

#: The first match counts, so a narrow suffix stands before the wide one that holds it too.
PROVIDERS = (
    Provider("google", ("google.com", "googlemail.com"), _manners(_GIANT)),
    # Microsoft's sender policies forbid "namespace mining".
    Provider("microsoft_consumer", ("olc.protection.outlook.com", "hotmail.com"), _RELUCTANT),
    Provider("microsoft_365", ("mail.protection.outlook.com", "mx.microsoft"), _manners(_MIDDLING)),
    # Yahoo says yes to everybody at RCPT TO and refuses later.
    Provider("yahoo", ("yahoodns.net", "comcast.net"), _RELUCTANT),
    Provider("apple", ("icloud.com",), _manners(_MIDDLING, 1)),
    Provider("zoho", ("zoho.com", "zoho.eu", "zoho.in", "zohomail.com"), _manners(_MIDDLING, 1)),
    Provider("yandex", ("yandex.ru", "yandex.net", "yandex.com"), _manners(_MIDDLING)),
    Provider("mailru", ("mail.ru",), _manners(_MIDDLING, 1)),
    Provider("proton", ("protonmail.ch", "proton.me"), _manners(_MIDDLING, 1)),
    Provider("fastmail", ("messagingengine.com",), _manners(_MIDDLING, 1)),
    Provider("gmx", ("gmx.net", "gmx.com", "web.de", "mail.com"), _manners(_MIDDLING, 1)),
    Provider("ionos", ("kundenserver.de", "ionos.com", "ionos.de", "1and1.com", "perfora.net"),
             _manners(_MIDDLING, 1)),
    Provider("mimecast", ("mimecast.com",), _manners(_MIDDLING, 1)),
    Provider("proofpoint", ("pphosted.com", "ppe-hosted.com"), _manners(_MIDDLING, 1)),
    Provider("barracuda", ("barracudanetworks.com",), _manners(_MIDDLING, 1)),
    Provider("cisco", ("iphmx.com",), _manners(_MIDDLING, 1)),
    Provider("symantec", ("messagelabs.com",), _manners(_MIDDLING, 1)),
    Provider("trendmicro", ("trendmicro.com", "trendmicro.eu"), _manners(_MIDDLING, 1)),
    Provider("forcepoint", ("mailcontrol.com",), _manners(_SMALL)),
    Provider("sophos", ("sophos.com", "reflexion.net"), _manners(_SMALL)),
    Provider("hornet", ("hornetsecurity.com", "antispameurope.com"), _manners(_SMALL)),
    Provider("spamexperts", ("antispamcloud.com", "spamexperts.com", "mailspamprotection.com"),
             _manners(_SMALL, greeting=60.0)),
    Provider("ovh", ("mail.ovh.net", "mx*.ovh.net", "mail.ovh.ca"), _manners(_MIDDLING)),
    Provider("rackspace", ("emailsrvr.com",), _manners(_MIDDLING)),
    Provider("godaddy", ("smtp.secureserver.net", "mailstore1.secureserver.net"),
             _manners(_MIDDLING, 1)),
    Provider("amazon", ("inbound-smtp.*.amazonaws.com",), _manners(_MIDDLING, 1)),
    Provider("cloudflare", ("mx.cloudflare.net",), _manners(_MIDDLING, 1)),
    Provider("improvmx", ("improvmx.com",), _manners(_SMALL)),
    Provider("forwardemail", ("forwardemail.net",), _manners(_SMALL)),
    Provider("mailgun", ("mailgun.org",), _manners(_SMALL)),
    Provider("tencent", ("qq.com",), _manners(_SMALL)),
    Provider("netease", ("163.com", "126.com", "netease.com", "yeah.net"), _manners(_SMALL)),
    # T-Online turns away every host that it has not been introduced to.
    Provider("t_online", ("t-online.de",), _RELUCTANT),
    Provider("free_fr", ("free.fr",), _manners(_SMALL)),
    Provider("orange", ("smtp-in.orange.fr", "smtp-in.wanadoo.fr"), _manners(_SMALL, 1)),
)  # fmt: skip


def provider_of(host: str) -> Provider | None:
    """Find the provider that runs a mail host."""
    for provider in PROVIDERS:
        if any(_is_named(host, name) for name in provider.suffixes):
            return provider
    return None


def _is_named(host: str, name: str) -> bool:
    """Tell whether a host is or ends with a name, in which "*" stands for letters of one label."""
    if "*" not in name:
        return host == name or host.endswith(f".{name}")
    wanted = name.split(".")
    labels = host.split(".")[-len(wanted) :]
    return len(labels) == len(wanted) and all(map(fnmatchcase, labels, wanted))


def run_together(hosts: tuple[str, ...]) -> tuple[str, ...]:
    """Give the first hosts as far as one organisation runs them; the others are not its own."""
    provider = provider_of(hosts[0])
    return tuple(takewhile(lambda host: provider_of(host) is provider, hosts))


def with_own_figures(manners: Manners, *, connections: int | None, rate: float | None) -> Manners:
    """Put the operator's own figures in place of a provider's."""
    return Manners(
        connections=connections or manners.connections,
        start_rate=manners.start_rate if rate is None else rate,
        top_rate=manners.top_rate if rate is None else rate,
        batch=manners.batch,
        reluctant=manners.reluctant,
        greeting=manners.greeting,
    )
