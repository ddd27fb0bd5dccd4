"""Addresses as RFC 5321 writes them, parsed without any I/O."""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from unicodedata import category

from email_validator import EmailNotValidError, validate_email

#: RFC 5321 section 4.5.3.1.3: a path is at most 256 octets, two of them the angle brackets.
LONGEST_ADDRESS = 254
#: RFC 5321 section 4.5.3.1.1, quotes included.
LONGEST_LOCAL_PART = 64
#: A local part that is well-formed by RFC 5321 section 4.1.2 and means itself. Capitals are left
#: out: a few names, such as Postmaster, are the same in lower case (RFC 2142).
_PLAIN = re.compile(r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*")
#: Marks without width: joiners, directions, byte order.
_NO_WIDTH = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
#: What comes along when an address is copied: tabs, marks, and every width of space (Zs) there is.
_AROUND = "\t" + _NO_WIDTH + "".join(c for c in map(chr, range(0x3001)) if category(c) == "Zs")
#: Domains whose form is remembered: a list has far fewer of them than addresses.
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Address:
    """A well-formed address."""

    #: The part before the "@", as written: case, dots and tags mean what the server says.
    local_part: str
    #: The domain in lower case, as A-labels (RFC 5891).
    domain: str
    #: Whether the local part needs SMTPUTF8 (RFC 6531).
    needs_smtputf8: bool = False
    #: Whether the domain is an IP address in brackets.
    is_literal: bool = False

    @property
    def wire(self) -> str:
        """Give the address as it goes into RCPT TO."""
        return f"{self.local_part}@{self.domain}"


@dataclass(frozen=True, slots=True)
class Malformed:
    """Why a string is not an address, in words for people."""

    problem: str


def trimmed(text: str) -> str:
    """Take the white space away that stands around an address."""
    return text.strip(_AROUND)


def parse_address(text: str) -> Address | Malformed:
    """Read one address; white space around it is forgiven, nothing inside it is repaired."""
    text = trimmed(text)
    local_part, at, domain = text.rpartition("@")
    if at and len(local_part) <= LONGEST_LOCAL_PART and _PLAIN.fullmatch(local_part):
        alike = _parse_domain(domain)
        if isinstance(alike, Malformed):
            return alike
        address = replace(alike, local_part=local_part)
        if len(address.wire) <= LONGEST_ADDRESS and len(text.encode()) <= LONGEST_ADDRESS:
            return address
    return parse_with_library(text)


@lru_cache(_REMEMBERED)
def _parse_domain(domain: str) -> Address | Malformed:
    """Read the address of some plain local part at a domain."""
    return parse_with_library(f"a@{domain}")


def parse_with_library(text: str) -> Address | Malformed:
    """Read one address without remembering anything."""
    try:
        parsed = validate_email(
            text,
            allow_quoted_local=True,
            allow_domain_literal=True,
            check_deliverability=False,
            # Whether a dotless or a .test domain exists is a question for the resolver.
            globally_deliverable=False,
            test_environment=True,
            strict=True,
        )
    except EmailNotValidError as problem:
        return Malformed(str(problem))
    if len(parsed.local_part.encode()) > LONGEST_LOCAL_PART:
        return Malformed("The part before the @-sign is too long.")
    if len(f"{parsed.local_part}@{parsed.ascii_domain}".encode()) > LONGEST_ADDRESS:
        return Malformed("The email address is too long.")
    is_literal = parsed.domain.startswith("[")
    if not is_literal and parsed.ascii_domain.rpartition(".")[2].isdigit():
        # RFC 3696 section 2; an IP address stands in brackets.
        return Malformed("The last part of the domain is a number.")
    return Address(
        local_part=parsed.local_part,
        domain=parsed.ascii_domain.lower(),
        needs_smtputf8=parsed.ascii_local_part is None,
        is_literal=is_literal,
    )
