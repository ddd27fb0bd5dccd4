"""The domain that a subscriber may have meant: the mailcheck algorithm, a hint and never a verdict.

Source: https://github.com/mailcheck/mailcheck (MIT), with its sift4 distance and its thresholds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

#: The largest distance at which two names are taken for a slip of the finger.
THRESHOLD = 2
#: How far sift4 looks ahead for a letter that moved.
_REACH = 5


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_DOMAINS = _names(
    """
    gmail.com googlemail.com google.com yahoo.com hotmail.com outlook.com aol.com icloud.com
    live.com msn.com me.com mac.com mail.com gmx.com gmx.de gmx.net web.de t-online.de freenet.de
    proton.me protonmail.com fastmail.com zoho.com yandex.com yandex.ru mail.ru hey.com comcast.net
    verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net optonline.net
    rocketmail.com ymail.com yahoo.co.uk hotmail.co.uk live.co.uk btinternet.com virginmedia.com
    sky.com yahoo.fr hotmail.fr orange.fr wanadoo.fr free.fr laposte.net sfr.fr yahoo.de hotmail.de
    yahoo.it hotmail.it libero.it yahoo.es hotmail.es yahoo.com.br uol.com.br bol.com.br yahoo.co.jp
    yahoo.co.in rediffmail.com qq.com 163.com naver.com bigpond.com
    """
)
_SECOND_LEVEL = ("yahoo", "hotmail", "gmail", "mail", "live", "outlook", "gmx")
_TOP_LEVEL = _names(
    """
    com com.au com.br com.mx com.tw ca co.in co.jp co.kr co.nz co.uk at be ch cz de dk edu es eu fr
    gov gr hk hu ie in info io it jp kr mil net net.au nl no org pl pt ru se sg us
    """
)


@dataclass(frozen=True, slots=True)
class KnownDomains:
    """The names that a typing error is measured against."""

    domains: Sequence[str] = _DOMAINS
    second_level: Sequence[str] = _SECOND_LEVEL
    top_level: Sequence[str] = _TOP_LEVEL


def suggest_domain(domain: str, known: KnownDomains) -> str | None:
    """Give the likelier spelling of a lower-case domain, or None."""
    labels = domain.split(".")
    if len(labels) == 1:
        return _other(_closest(domain, known.domains), domain)
    second_level, top_level = labels[0], ".".join(labels[1:])
    if second_level in known.second_level and top_level in known.top_level:
        return None
    whole = _closest(domain, known.domains)
    if whole is not None:
        return _other(whole, domain)
    second = _closest(second_level, known.second_level) or second_level
    top = _closest(top_level, known.top_level) or top_level
    return _other(f"{second}.{top}", domain)


def _other(suggestion: str | None, domain: str) -> str | None:
    return None if suggestion == domain else suggestion


def _closest(name: str, candidates: Sequence[str]) -> str | None:
    if name in candidates:
        return name
    letters = set(name)
    near = [
        (distance, candidate)
        for candidate in candidates
        # sift4 is never smaller than the difference in length, nor than the missing letters.
        if abs(len(candidate) - len(name)) <= THRESHOLD
        and len(letters.difference(candidate)) <= THRESHOLD
        and (distance := sift4(name, candidate)) <= THRESHOLD
    ]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def sift4(left: str, right: str) -> int:
    """Measure how different two strings are: changed, missing and swapped letters.

    The common form of the algorithm, https://siderite.dev/blog/super-fast-and-accurate-string-distance.html
    """
    at_left = at_right = longest = run = swaps = 0
    offsets: list[tuple[int, int]] = []
    while at_left < len(left) and at_right < len(right):
        if left[at_left] == right[at_right]:
            run += 1
            swaps += _swapped(offsets, at_left, at_right)
            offsets.append((at_left, at_right))
        else:
            longest, run = longest + run, 0
            at_left = at_right = min(at_left, at_right)
            at_left, at_right = _next_match(left, right, at_left, at_right)
            continue
        at_left += 1
        at_right += 1
    return max(len(left), len(right)) - longest - run + swaps


def _swapped(offsets: Sequence[tuple[int, int]], at_left: int, at_right: int) -> int:
    """Count one when a match crosses an earlier one."""
    return int(any(at_left <= left or at_right <= right for left, right in offsets))


def _next_match(left: str, right: str, at_left: int, at_right: int) -> tuple[int, int]:
    """Look ahead on both sides for the next equal letters; else step over one letter."""
    for ahead in range(1, _REACH):
        if left[at_left + ahead : at_left + ahead + 1] == right[at_right : at_right + 1] != "":
            return at_left + ahead, at_right
        if right[at_right + ahead : at_right + ahead + 1] == left[at_left : at_left + 1] != "":
            return at_left, at_right + ahead
    return at_left + 1, at_right + 1
