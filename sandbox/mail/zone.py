"""Answers DNS questions from the names it was told and the top-level domains. No I/O.

Everything else does not exist.
"""

from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.reversename
import dns.rrset
from publicsuffixlist import PublicSuffixList

TTL = 300
#: How long "there is no such thing" may be kept (RFC 2308).
NEGATIVE_TTL = 60


class Zone:
    """Hold the names of the world. Names are text without the last dot, any case."""

    def __init__(self) -> None:
        self._records: dict[str, dict[str, list[str]]] = defaultdict(dict)
        self._ttls: dict[tuple[str, str], int] = {}
        self._known: set[str] = set()
        self._failing: set[str] = set()
        self._silent: set[str] = set()
        self._suffixes = _public_suffixes()

    def add(self, name: str, kind: str, *values: str, ttl: int = TTL) -> None:
        """Add records of one kind ("MX", "A", "TXT", ...) in the text form of a zone file."""
        name = name.lower()
        self._records[name].setdefault(kind, []).extend(values)
        self._ttls[name, kind] = ttl
        # A name with children exists even without records of its own (RFC 8020).
        self._known.update(_and_parents(name))

    def remove(self, name: str) -> None:
        """Forget a name and everything below it."""
        name = name.lower()

        def outside(other: str) -> bool:
            return other != name and not other.endswith(f".{name}")

        for inside in [other for other in self._records if not outside(other)]:
            del self._records[inside]
        for names in (self._known, self._failing, self._silent):
            names.intersection_update([other for other in names if outside(other)])

    def add_reverse(self, address: str, name: str) -> None:
        """Give an IP address a name."""
        pointer = dns.reversename.from_address(address).to_text(omit_final_dot=True)
        self.add(pointer, "PTR", f"{name}.")

    def addresses(self, name: str) -> list[str]:
        """Return the A records of a name."""
        return self._records.get(name.lower(), {}).get("A", [])

    def reverse(self, address: str) -> str | None:
        """Return the name of an IP address, or None."""
        pointer = dns.reversename.from_address(address).to_text(omit_final_dot=True)
        names = self._records.get(pointer, {}).get("PTR", [])
        return names[0].rstrip(".") if names else None

    def fail(self, name: str) -> None:
        """Answer SERVFAIL for a name and everything below it."""
        self._failing.add(name.lower())

    def silence(self, name: str) -> None:
        """Never answer for a name and everything below it."""
        self._silent.add(name.lower())

    def answer(self, query: dns.message.Message) -> dns.message.Message | None:
        """Return the answer to a query, or None where there is silence."""
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        if any(part in self._silent for part in _and_parents(name)):
            return None
        response = dns.message.make_response(query, recursion_available=True)
        if any(part in self._failing for part in _and_parents(name)):
            response.set_rcode(dns.rcode.SERVFAIL)
            return response
        kind = dns.rdatatype.to_text(question.rdtype)
        last = self._fill(response, question.name, kind)
        if (
            not response.answer
            or response.answer[-1].rdtype == dns.rdatatype.CNAME != question.rdtype
        ):
            self._deny(response, last)
        return response

    def _fill(self, response: dns.message.Message, asked: dns.name.Name, kind: str) -> str:
        """Add the records asked for, through aliases, and return the last name looked at."""
        name, owner = asked.to_text(omit_final_dot=True).lower(), asked
        for _ in range(8):
            records = self._records.get(name, {})
            found = kind if kind in records else "CNAME"
            if found not in records:
                return name
            ttl = self._ttls[name, found]
            response.answer.append(dns.rrset.from_text(owner, ttl, "IN", found, *records[found]))
            if found == kind:
                return name
            name = records["CNAME"][0].rstrip(".").lower()
            owner = dns.name.from_text(name)
        return name

    def _deny(self, response: dns.message.Message, name: str) -> None:
        """Say that a name, or that kind of record, does not exist (RFC 2308: with the SOA)."""
        if not self._exists(name):
            response.set_rcode(dns.rcode.NXDOMAIN)
        owner = next((part for part in _and_parents(name) if self._exists(part)), "")
        soa = f"ns1.world. hostmaster.world. 1 7200 900 1209600 {NEGATIVE_TTL}"
        owner_name = dns.name.from_text(owner)
        response.authority.append(dns.rrset.from_text(owner_name, NEGATIVE_TTL, "IN", "SOA", soa))

    def _exists(self, name: str) -> bool:
        """Tell whether a name was told, or is a top-level domain: those do not come and go."""
        top = "." not in name and self._suffixes.publicsuffix(name, accept_unknown=False) == name
        return top or name in self._known


@cache
def _public_suffixes() -> PublicSuffixList:
    """Load the list, once for all worlds."""
    return PublicSuffixList()


def _and_parents(name: str) -> Iterator[str]:
    """Yield a name and each name above it, the root left out."""
    while name:
        yield name
        _, _, name = name.partition(".")
