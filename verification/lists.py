"""What is known about a domain or a mailbox by its name alone."""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from disposable_email_domains import blocklist
from publicsuffixlist import PublicSuffixList


def names(text: str) -> frozenset[str]:
    """Read names that are separated by white space."""
    return frozenset(text.split())


#: Relay, alias and large providers: real people read this mail, whatever a block list says.
RELAY_DOMAINS = names(
    """
    33mail.com 8alias.com 8shield.net addy.io aleeas.com anonaddy.com anonaddy.me cloaked.id
    dralias.com duck.com erine.email fastmail.com fastmail.fm firemail.cc icloud.com ironvest.com
    me.com mac.com mozmail.com opayq.com passfwd.com passinbox.com passmail.com passmail.net
    private.icloud.com privaterelay.appleid.com relay.firefox.com sent.com silomails.com
    simplelogin.co simplelogin.com simplelogin.fr simplelogin.io slmail.me slmails.com
    """
)

#: Large providers where anybody gets a mailbox for nothing.
FREE_PROVIDERS = names(
    """
    126.com 163.com aim.com aol.com aol.de aol.fr att.net bigpond.com bluewin.ch bol.com.br
    btinternet.com caiyun.com centrum.cz comcast.net cox.net daum.net duck.com email.com email.cz
    fastmail.com fastmail.fm foxmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de
    gmx.fr gmx.net googlemail.com hanmail.net hey.com hotmail.be hotmail.ca hotmail.co.uk
    hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it hotmail.nl hushmail.com icloud.com
    inbox.com inbox.lv inbox.ru interia.pl juno.com laposte.net libero.it list.ru live.ca live.co.uk
    live.com live.fr live.nl mac.com mail.com mail.ru me.com msn.com naver.com nate.com o2.pl
    onet.pl op.pl optonline.net orange.fr outlook.com outlook.de outlook.es outlook.fr outlook.it
    pm.me proton.me protonmail.ch protonmail.com qq.com rambler.ru rediffmail.com rocketmail.com
    sapo.pt sbcglobal.net seznam.cz sfr.fr sina.com sky.com t-online.de terra.com.br tiscali.it
    tuta.com tuta.io tutanota.com ukr.net uol.com.br verizon.net virgilio.it virginmedia.com
    wanadoo.fr web.de wp.pl yahoo.ca yahoo.co.id yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com
    yahoo.com.ar yahoo.com.au yahoo.com.br yahoo.com.mx yahoo.de yahoo.es yahoo.fr yahoo.it
    yandex.com yandex.ru yeah.net ymail.com zoho.com
    """
)

#: Mailboxes of a function rather than a person: RFC 2142 and common practice.
ROLE_NAMES = names(
    """
    abuse accounts admin administrator billing careers compliance contact devnull dns enquiries
    feedback finance ftp hello help helpdesk hostmaster hr info inoc ispfeedback ispsupport jobs
    legal list list-request mail mailer-daemon maildaemon marketing media news newsletter no-reply
    noc noreply null office orders phish phishing postmaster press privacy registrar reception root
    sales security service spam support sysadmin team tech undisclosed-recipients unsubscribe usenet
    uucp webmaster www
    """
)


class Standing(StrEnum):
    """What the lists say about a domain."""

    #: Real people read mail behind it, whatever a block list says.
    RELAY = "relay"
    #: The careful list holds it.
    DISPOSABLE = "disposable"
    #: Only the weak list holds it.
    WEAKLY_DISPOSABLE = "weakly_disposable"
    #: No list holds it.
    UNLISTED = "unlisted"


@dataclass(frozen=True, slots=True)
class Lists:
    """The block and allow lists, and the public suffixes that bound them."""

    suffixes: PublicSuffixList
    disposable: Set[str]
    relays: Set[str] = RELAY_DOMAINS
    #: A big aggregated list that is often wrong: it makes Risky, never Disposable.
    weak_disposable: Set[str] = frozenset()

    def standing(self, domain: str) -> Standing:
        """Look a domain and its parents up; a relay wins over any block list."""
        names = list(self._registrable(domain))
        if any(name in self.relays for name in names):
            return Standing.RELAY
        if any(name in self.disposable for name in names):
            return Standing.DISPOSABLE
        if any(name in self.weak_disposable for name in names):
            return Standing.WEAKLY_DISPOSABLE
        return Standing.UNLISTED

    def _registrable(self, domain: str) -> Iterator[str]:
        """Walk from the domain up to, but not including, its public suffix."""
        suffix = self.suffixes.publicsuffix(domain) or ""
        while domain and domain != suffix:
            yield domain
            _, _, domain = domain.partition(".")


@cache
def public_suffixes() -> PublicSuffixList:
    """Load the list of public suffixes, once."""
    return PublicSuffixList()


def is_top_level(label: str) -> bool:
    """Tell whether a single label is a top-level domain that exists."""
    return public_suffixes().publicsuffix(label, accept_unknown=False) == label


def bundled_lists(weak_disposable: Set[str] = frozenset()) -> Lists:
    """Load the lists that come with the installed packages."""
    return Lists(
        suffixes=public_suffixes(),
        disposable=frozenset(blocklist),
        weak_disposable=weak_disposable,
    )


def is_role(local_part: str) -> bool:
    """Tell whether a mailbox, without its "+tag", belongs to a function."""
    name, _, _ = local_part.lower().partition("+")
    return name in ROLE_NAMES


def is_free_provider(domain: str) -> bool:
    """Tell whether the domain is one of the large free mail providers."""
    return domain in FREE_PROVIDERS
