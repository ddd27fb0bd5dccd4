"""Reads an SPF record into its mechanisms, by the grammar of RFC 7208 section 12; no I/O."""

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network

from verification.errors import SpfRecordError


class SpfResult(StrEnum):
    """What a domain says about an address that sends for it (RFC 7208 section 2.6)."""

    #: The address may send for the domain.
    PASS = "pass"
    #: It may not, and mail from it is to be refused.
    FAIL = "fail"
    #: It probably may not.
    SOFTFAIL = "softfail"
    #: The domain says nothing about it.
    NEUTRAL = "neutral"
    #: The domain has no SPF record.
    NONE = "none"
    #: DNS failed, so nobody knows at the moment.
    TEMPERROR = "temperror"
    #: The record cannot be read, or asks for too much.
    PERMERROR = "permerror"
    #: It depends on a part of the record that is not evaluated here: exists, ptr or a macro.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One way for an address to match, and what a match means."""

    result: SpfResult
    #: all, include, a, mx, ptr, exists, ip4 or ip6.
    name: str
    #: The domain that it is about; empty for the record's own.
    target: str = ""
    #: The network of ip4 and ip6.
    network: IPv4Network | IPv6Network | None = None
    #: How many bits of an IPv4 and of an IPv6 address of a and mx have to be the same.
    bits: tuple[int, int] = (32, 128)

    @property
    def has_macro(self) -> bool:
        """Tell whether the target depends on more than the record itself."""
        return "%" in self.target


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """All that counts in a record, in its order."""

    mechanisms: tuple[Mechanism, ...]
    redirect: str | None = None


_QUALIFIERS = {
    "": SpfResult.PASS,
    "+": SpfResult.PASS,
    "-": SpfResult.FAIL,
    "~": SpfResult.SOFTFAIL,
    "?": SpfResult.NEUTRAL,
}
_MODIFIER = re.compile(r"(?P<name>[a-z][a-z0-9._-]*)=(?P<value>.*)", re.IGNORECASE)
_DOMAIN = r":(?P<target>[^/\s]+)"
_BITS = r"(?:/(?P<four>\d{1,2}))?(?://(?P<six>\d{1,3}))?"
#: The forms of each mechanism after its qualifier (RFC 7208 section 5).
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?P<name>all)",
        rf"(?P<name>a|mx)(?:{_DOMAIN})?{_BITS}",
        # A macro may have a slash in it (section 7.1).
        r"(?P<name>include|exists):(?P<target>\S+)",
        r"(?P<name>ptr)(?::(?P<target>\S+))?",
        r"(?P<name>ip4):(?P<network>[\d.]+(?:/\d{1,2})?)",
        r"(?P<name>ip6):(?P<network>[\da-f:.]+(?:/\d{1,3})?)",
    )
)


def is_spf(text: str) -> bool:
    """Tell whether a TXT record is an SPF record: by its version alone (RFC 7208 section 4.5)."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def parse_spf(text: str) -> SpfRecord:
    """Read a record; an error anywhere spoils all of it (RFC 7208 section 4.6).

    Raises:
        SpfRecordError: A term breaks the grammar.
    """
    mechanisms, modifiers = [], dict[str, str]()
    for term in text.split(" ")[1:]:
        modifier = _MODIFIER.fullmatch(term)
        if modifier is not None:
            name = modifier["name"].lower()
            if name in ("redirect", "exp") and (name in modifiers or not modifier["value"]):
                raise SpfRecordError(f"{name} stands there twice or empty")
            modifiers[name] = modifier["value"]
        elif term:
            mechanisms.append(_mechanism(term))
    return SpfRecord(tuple(mechanisms), modifiers.get("redirect"))


def _mechanism(term: str) -> Mechanism:
    qualifier = term[0] if term[0] in _QUALIFIERS else ""
    found = next((m for form in _FORMS if (m := form.fullmatch(term[len(qualifier) :]))), None)
    if found is None:
        raise SpfRecordError(f"{term!r} is no mechanism")
    parts = found.groupdict()
    bits = int(parts.get("four") or 32), int(parts.get("six") or 128)
    if bits[0] > 32 or bits[1] > 128:
        raise SpfRecordError(f"{term!r} has a prefix that is too long")
    return Mechanism(
        _QUALIFIERS[qualifier],
        parts["name"].lower(),
        (parts.get("target") or "").rstrip("."),
        _network(parts["network"], term) if "network" in parts else None,
        bits,
    )


def _network(text: str, term: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(text, strict=False)
    except ValueError as problem:
        raise SpfRecordError(f"{term!r} names no network") from problem
    if (network.version == 6) != ("ip6" in term.lower()[:4]):
        raise SpfRecordError(f"{term!r} names a network of the other family")
    return network
