"""Where the mail of a domain goes, by RFC 5321 section 5.1 and RFC 7505."""

from collections.abc import Sequence
from dataclasses import dataclass

from verification.networks import is_public
from verification.resolver import Addresses, Exchangers, Found, Resolver
from verification.verdicts import Reason

#: A domain's further mail hosts are not asked: a stranger's DNS must not keep us busy.
MOST_HOSTS = 4
#: Hosts looked up until one has an address: some domains keep dead names above the living one.
MOST_LOOKED_UP = 20
#: Look-ups of one domain that may fail: each one can take its whole deadline.
_MOST_FAILURES = 4


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


NOWHERE = DeadEnd(Reason.NO_MAIL_SERVER, "no-address")


def read_exchangers(domain: str, answer: Exchangers) -> Route | DeadEnd:
    """Decide from the MX answer of a name that exists; the hosts are as many as it names."""
    if answer.found is Found.FAILED:
        return DeadEnd(Reason.DNS_FAILED, "mx-lookup-failed")
    if answer.found is Found.NOTHING:
        return Route((domain,))  # RFC 5321 section 5.1: implicit MX
    # RFC 7505 section 3: "." says "no mail" only when it stands alone.
    hosts = tuple(dict.fromkeys(mx.host for mx in answer.records if mx.host not in (".", "")))
    if not hosts:
        return DeadEnd(Reason.NULL_MX, "null-mx")
    return Route(hosts)


def read_denied(domain: str, answer: Addresses) -> Route | DeadEnd:
    """Decide what the NXDOMAIN of an MX question means, from the addresses of the same name.

    It speaks of the name, whatever was asked (RFC 8020). Some servers say it where only the record
    is missing (RFC 4074 section 4.2), and mail servers then deliver to the address.
    """
    if answer.found is Found.NO_SUCH_NAME:
        return DeadEnd(Reason.NO_SUCH_DOMAIN, "nxdomain")
    if answer.found is Found.RECORDS:
        return Route((domain,))
    return DeadEnd(Reason.DNS_FAILED, "nxdomain-in-doubt")


def read_addresses(answers: Sequence[Addresses], *, allow_private_networks: bool) -> DeadEnd | None:
    """Decide whether any mail host can be connected to; None when one can."""
    addresses = [address for answer in answers for address in answer.records]
    if any(allow_private_networks or is_public(address) for address in addresses):
        return None
    if any(answer.found is Found.FAILED for answer in answers):
        return DeadEnd(Reason.DNS_FAILED, "address-lookup-failed")
    if addresses:
        return DeadEnd(Reason.UNROUTABLE, "no-public-address")
    return NOWHERE


async def find_route(
    domain: str, *, resolver: Resolver, allow_private_networks: bool
) -> Route | DeadEnd:
    """Find the mail hosts of a domain, the first of them one that has a usable address."""
    answer = await resolver.exchangers(domain)
    if answer.found is Found.NO_SUCH_NAME:
        route = read_denied(domain, await resolver.addresses(domain))
    else:
        route = read_exchangers(domain, answer)
    if isinstance(route, DeadEnd):
        return route
    return await _usable(route.hosts, resolver, allow_private_networks=allow_private_networks)


async def _usable(
    hosts: tuple[str, ...], resolver: Resolver, *, allow_private_networks: bool
) -> Route | DeadEnd:
    """Look hosts up until one can be connected to, and give it with those that follow.

    Those before it are left out: whose name a stranger puts there must not count.
    """
    answers: list[Addresses] = []
    dead_end = NOWHERE
    for place, host in enumerate(hosts[:MOST_LOOKED_UP]):
        answers.append(await resolver.addresses(host))
        why_not = read_addresses(answers, allow_private_networks=allow_private_networks)
        if why_not is None:
            return Route(hosts[place : place + MOST_HOSTS])
        dead_end = why_not
        if sum(answer.found is Found.FAILED for answer in answers) == _MOST_FAILURES:
            return dead_end
    if len(hosts) > MOST_LOOKED_UP and dead_end == NOWHERE:
        # The next one may live: what was not looked at proves nothing.
        return DeadEnd(Reason.DNS_FAILED, "too-many-mail-hosts")
    return dead_end
