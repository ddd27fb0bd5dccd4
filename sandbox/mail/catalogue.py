"""Lists the domains of the make-believe internet that believable subscribers live at."""

from collections.abc import Iterator
from random import Random

from disposable_email_domains import blocklist

from sandbox.mail.behaviour import Behaviour, Domain, Style

_GOOGLE_MX = (
    "aspmx.l.google.com",
    "alt1.aspmx.l.google.com",
    "alt2.aspmx.l.google.com",
)

#: Providers that everybody knows, behind the MX names that they really use.
GMAIL = Domain(
    "gmail.com",
    style=Style.GOOGLE,
    exchangers=(
        "gmail-smtp-in.l.google.com",
        "alt1.gmail-smtp-in.l.google.com",
        "alt2.gmail-smtp-in.l.google.com",
    ),
)
ICLOUD = Domain("icloud.com", exchangers=("mx01.mail.icloud.com", "mx02.mail.icloud.com"))
YAHOO = Domain(
    "yahoo.com",
    Behaviour.HIDES,
    Style.YAHOO,
    ("mta5.am0.yahoodns.net", "mta6.am0.yahoodns.net", "mta7.am0.yahoodns.net"),
)
OUTLOOK = Domain(
    "outlook.com",
    Behaviour.BLOCKS_AT_MAIL,
    Style.EXCHANGE,
    ("outlook-com.olc.protection.outlook.com",),
)

#: Honest domains whose way of taking mail needs some care. Their mailboxes can be proven.
CAREFUL = (
    Domain("northquay.com", Behaviour.DEMANDS_TLS),
    Domain("tinwhistle.org", Behaviour.HELO_ONLY, Style.SENDMAIL),
    Domain("slowharbour.net", Behaviour.SLOW_BANNER, Style.EXIM),
    Domain("mossgarden.org", Behaviour.SLOW_REPLIES),
    Domain("threeatatime.com", Behaviour.FEW_RECIPIENTS, Style.EXCHANGE),
    Domain("oldhouse-newhouse.com", Behaviour.RELAY_DENIED_FIRST),
    Domain("plainhost.net", Behaviour.IMPLICIT_MX),
    Domain("penname.net", Behaviour.ALIASED),
    Domain("shortbreath.com", Behaviour.CLOSES_MID_BATCH),
    Domain("onebyone.org", Behaviour.NO_PIPELINING, Style.EXIM),
)
#: Honest domains that defer a stranger first.
GREYLISTING = (
    Domain("patientmail.org", Behaviour.GREYLISTS),
    Domain("greyheron.net", Behaviour.GREYLISTS, Style.EXIM),
)
CATCH_ALLS = (
    Domain("everyletter.com", Behaviour.CATCH_ALL),
    Domain("openletterbox.net", Behaviour.CATCH_ALL, Style.EXIM),
    Domain("allcomers-studio.com", Behaviour.CATCH_ALL, Style.GOOGLE, _GOOGLE_MX),
    Domain("brightpenny.co.uk", Behaviour.CATCH_ALL, Style.SENDMAIL),
    Domain(
        "weldandweave.com",
        Behaviour.CATCH_ALL,
        Style.EXCHANGE,
        ("weldandweave-com.mail.protection.outlook.com",),
    ),
)
#: Domains that tell nobody anything. Two organisations block, so that a whole run need not stop.
CLOSED = (
    YAHOO,
    OUTLOOK,
    Domain(
        "granitegate.com",
        Behaviour.BLOCKS_AT_RCPT,
        exchangers=("mx1.bastionfilter.net", "mx2.bastionfilter.net"),
    ),
    Domain("shutterbay.com", Behaviour.REFUSES),
    Domain("midsentence.net", Behaviour.DROPS),
    Domain("latertoday.org", Behaviour.DEFERS, Style.EXIM),
    Domain(
        "ironhinge.com",
        Behaviour.BLOCKS_AT_CONNECT,
        exchangers=("mx3.bastionfilter.net",),
    ),
    Domain("brokenlantern.net", Behaviour.DNS_FAILS),
    Domain("silentvalley.org", Behaviour.SILENT),
    Domain("lostsignal.net", Behaviour.DNS_SILENT),
)
NO_MAIL_HERE = (
    Domain("wordsonly.org", Behaviour.NULL_MX),
    Domain("justapage.net", Behaviour.NO_MAIL),
)
#: An internationalised domain, bücherhöhle.com, whose server does not offer SMTPUTF8.
IDN = Domain("xn--bcherhhle-57a4d.com", style=Style.EXIM)

FIXED = (GMAIL, ICLOUD, *CAREFUL, *GREYLISTING, *CATCH_ALLS, *CLOSED, *NO_MAIL_HERE, IDN)

_WELL_KNOWN_THROW_AWAY = (
    "mailinator.com",
    "guerrillamail.com",
    "yopmail.com",
    "10minutemail.com",
    "trashmail.com",
    "temp-mail.org",
    "sharklasers.com",
    "dispostable.com",
)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_FIRST = _words(
    "amber birch brass bright cedar clay cloud cobalt copper coral crisp dapple dawn ember fern"
    " flint frost gentle glass golden harbor hazel hollow indigo iron ivory juniper kind lantern"
    " linen little lunar maple marble meadow merry misty mosaic north oaken olive opal paper"
    " pebble pine plum quiet quill rowan rustic saffron sage salt silver slate sunny swift thistle"
    " timber velvet violet wander willow winter"
)
_SECOND = _words(
    "anchor atelier bakery barn basket bee bell bindery books bridge brook cellar chapel coach"
    " compass cottage craft dairy dental design desk engine farm field finch forge fox garden"
    " grove harvest heron hill house journal kettle kitchen knits lab lane law ledger letters loom"
    " market mill music orchard otter oven owl paddle path pottery press quarter recipes river"
    " robin school shop spoon stitch studio table tailor tea theatre tools travel wagon words yoga"
)
_ENDINGS = ("com", "com", "com", "com", "net", "org", "co.uk", "de", "fr", "nl", "ca", "io")
_HOSTED_BY = (
    (Style.GOOGLE, _GOOGLE_MX),
    (Style.EXCHANGE, ()),
    (Style.POSTFIX, ("mx1.harborhost.net", "mx2.harborhost.net")),
    (Style.EXIM, ("mail.pagesandpost.com",)),
)


def throw_away_domains() -> tuple[str, ...]:
    """Return real disposable domains that are on the public block list, in a fixed order."""
    return tuple(name for name in _WELL_KNOWN_THROW_AWAY if name in blocklist)


def invented_names(random: Random) -> Iterator[str]:
    """Yield believable domain names without an end, none twice."""
    seen = {domain.name for domain in FIXED}
    while True:
        name = random.choice(_FIRST) + random.choice(_SECOND)
        if len(seen) > len(_FIRST) * len(_SECOND):
            name += str(random.randrange(2, 10_000))
        name = f"{name}.{random.choice(_ENDINGS)}"
        if name not in seen:
            seen.add(name)
            yield name


def honest_domain(name: str, random: Random) -> Domain:
    """Describe a small organisation's domain: half at a big host, half on a server of its own."""
    if random.random() < 0.5:
        own = random.choice((Style.POSTFIX, Style.POSTFIX, Style.EXIM, Style.SENDMAIL))
        return Domain(name, style=own)
    style, exchangers = random.choice(_HOSTED_BY)
    if style is Style.EXCHANGE:
        exchangers = (f"{name.replace('.', '-')}.mail.protection.outlook.com",)
    return Domain(name, style=style, exchangers=exchangers)
