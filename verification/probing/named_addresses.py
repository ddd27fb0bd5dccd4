"""The IP addresses that a text names; no I/O."""

import re

from verification.networks import IpAddress, parse_ip, unmapped

#: What RFC 5321 section 4.1.3 writes before an IPv6 address.
_TAG = re.compile("ipv6:", re.IGNORECASE)
_LIKE_AN_ADDRESS = re.compile(r"(?<![0-9A-Za-z])[0-9A-Fa-f:.]{3,}(?![0-9A-Za-z])")


def addresses_in(text: str) -> frozenset[IpAddress]:
    """Find the IP addresses that a text names, however they are written."""
    words = _LIKE_AN_ADDRESS.findall(_TAG.sub(" ", text))
    found = (parse_ip(word) or parse_ip(word.rstrip(".:")) for word in words)
    return frozenset(unmapped(address) for address in found if address is not None)
