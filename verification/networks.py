"""Which IP addresses may be connected to: a subscriber's domain is a stranger's input."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

IpAddress = IPv4Address | IPv6Address

#: The only IPv6 addresses given out so far (RFC 4291 section 2.4, with IANA's registry).
_UNICAST = ip_network("2000::/3")

#: Ranges in which no mail server of the public lives, whatever a Python release thinks of them.
_NEVER_PUBLIC = tuple(
    ip_network(net)
    for net in (
        "100.64.0.0/10",  # RFC 6598, carrier-grade NAT
        "168.63.129.16/32",  # a cloud's host services, in public space
        "192.0.0.0/24",  # RFC 6890, protocol assignments
        "192.31.196.0/24",  # RFC 7535, AS112
        "192.52.193.0/24",  # RFC 7450, multicast tunnelling (AMT)
        "192.88.99.0/24",  # RFC 7526, former 6to4 relays
        "192.175.48.0/24",  # RFC 7534, direct delegation of AS112
        "198.18.0.0/15",  # RFC 2544, benchmarks
        "240.0.0.0/4",  # RFC 1112, reserved, with the broadcast address
        "2001::/23",  # RFC 2928, Teredo, ORCHID and the like
        "2001:db8::/32",  # RFC 3849, documentation
        "2002::/16",  # RFC 3056, 6to4 leads to any IPv4 address
        "2620:4f:8000::/48",  # RFC 7534, direct delegation of AS112
        "3ffe::/16",  # RFC 3701, the former 6bone
        "3fff::/20",  # RFC 9637, documentation
    )
)
#: The upper half of an interface identifier that leads to any IPv4 address (RFC 5214, ISATAP).
_ISATAP = frozenset({0x0000_5EFE, 0x0200_5EFE})


def is_public(address: IpAddress) -> bool:
    """Tell whether an address is globally routable, looking through v4-mapped IPv6."""
    plain = unmapped(address)
    if isinstance(plain, IPv6Address) and not _is_plain_unicast(plain):
        return False
    if not plain.is_global or plain.is_multicast or plain.is_reserved:
        return False
    return not any(plain in net for net in _NEVER_PUBLIC if net.version == plain.version)


def _is_plain_unicast(address: IPv6Address) -> bool:
    """Tell whether an address belongs to a host of the internet rather than to a tunnel or link."""
    leads_to_ipv4 = int(address) >> 32 & 0xFFFF_FFFF in _ISATAP
    return address.scope_id is None and address in _UNICAST and not leads_to_ipv4


def unmapped(address: IpAddress) -> IpAddress:
    """Give the IPv4 address in a v4-mapped IPv6 address, and any other as it is."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def parse_ip(text: str) -> IpAddress | None:
    """Read an IP address, or give None."""
    try:
        return ip_address(text)
    except ValueError:
        return None
