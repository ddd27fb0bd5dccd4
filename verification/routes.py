"""Where the mail of a domain goes, by RFC 5321 section 5.1 and RFC 7505."""

from dataclasses import dataclass

from verification.networks import is_public
from verification.resolver import Addresses, Exchangers, Found, Resolver
from verification.verdicts import Reason

#: A domain's further mail hosts are ignored: a stranger's DNS must not keep us busy.
MOST_HOSTS = 4


@dataclass(frozen=True, slots=True)
class Route:
    """The mail hosts of a domain, the most wanted first."""

    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """Why no mail can be taken to a domain, or why that is not known."""

    reason: Reason
    #: The name of the rule that decided.
    rule: str


def read_exchangers(domain: str, answer: Exchangers) -> Route | DeadEnd:
    """Decide from the MX answer alone."""
    if answer.found is Found.FAILED:
        return DeadEnd(Reason.DNS_FAILED, "mx-lookup-failed")
    if answer.found is Found.NO_SUCH_NAME:
        return DeadEnd(Reason.NO_SUCH_DOMAIN, "nxdomain")
    if answer.found is Found.NOTHING:
        return Route((domain,))  # RFC 5321 section 5.1: implicit MX
    # RFC 7505 section 3: "." says "no mail" only when it stands alone.
    hosts = tuple(dict.fromkeys(mx.host for mx in answer.records if mx.host not in (".", "")))
    if not hosts:
        return DeadEnd(Reason.NULL_MX, "null-mx")
    return Route(hosts[:MOST_HOSTS])


def read_addresses(
    answers: tuple[Addresses, ...], *, allow_private_networks: bool
) -> DeadEnd | None:
    """Decide whether any mail host can be connected to; None when one can."""
    addresses = [address for answer in answers for address in answer.records]
    if any(allow_private_networks or is_public(address) for address in addresses):
        return None
    if any(answer.found is Found.FAILED for answer in answers):
        return DeadEnd(Reason.DNS_FAILED, "address-lookup-failed")
    if addresses:
        return DeadEnd(Reason.UNROUTABLE, "no-public-address")
    return DeadEnd(Reason.NO_MAIL_SERVER, "no-address")


async def find_route(
    domain: str, *, resolver: Resolver, allow_private_networks: bool
) -> Route | DeadEnd:
    """Find the mail hosts of a domain, the first of them one that has a usable address.

    Hosts that cannot be connected to are left out before it: whose name a stranger puts there
    must not count.
    """
    route = read_exchangers(domain, await resolver.exchangers(domain))
    if isinstance(route, DeadEnd):
        return route
    answers: tuple[Addresses, ...] = ()
    dead_end: DeadEnd | None = None
    for number, host in enumerate(route.hosts):
        answers += (await resolver.addresses(host),)
        dead_end = read_addresses(answers, allow_private_networks=allow_private_networks)
        if dead_end is None:
            return Route(route.hosts[number:])
    return dead_end or route
