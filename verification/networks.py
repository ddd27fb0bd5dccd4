"""Which IP addresses may be connected to: a subscriber's domain is a stranger's input."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

IpAddress = IPv4Address | IPv6Address

#: Ranges that some Python releases call global although no mail server of the public lives there.
_NEVER_PUBLIC = tuple(
    ip_network(net)
    for net in (
        "100.64.0.0/10",  # RFC 6598, carrier-grade NAT
        "168.63.129.16/32",  # a cloud's host services, in public space
        "192.0.0.0/24",  # RFC 6890, protocol assignments
        "192.88.99.0/24",  # RFC 7526, former 6to4 relays
        "198.18.0.0/15",  # RFC 2544, benchmarks
        "240.0.0.0/4",  # RFC 1112, reserved, with the broadcast address
        "64:ff9b::/96",  # RFC 6052, leads to any IPv4 address
        "64:ff9b:1::/48",  # RFC 8215, likewise
        "100::/64",  # RFC 6666, discard
        "2001::/23",  # RFC 2928, Teredo, ORCHID and the like
        "2002::/16",  # RFC 3056, 6to4 leads to any IPv4 address
        "3fff::/20",  # RFC 9637, documentation
        "5f00::/16",  # RFC 9602, segment routing
        "::/96",  # RFC 4291, IPv4-compatible
    )
)


def is_public(address: IpAddress) -> bool:
    """Tell whether an address is globally routable, looking through v4-mapped IPv6."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.scope_id is not None:
            return False
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    return not any(address in net for net in _NEVER_PUBLIC if net.version == address.version)


def parse_ip(text: str) -> IpAddress | None:
    """Read an IP address, or give None."""
    try:
        return ip_address(text)
    except ValueError:
        return None
