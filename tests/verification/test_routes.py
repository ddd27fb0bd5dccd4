"""Where the mail of a domain goes, and what is no proof that it goes nowhere."""

from ipaddress import ip_address

import dns.rcode
import pytest

from tests.verification.scripted_dns import Answer, ScriptedDnsServer, mail_answers, resolver_at
from tests.verification.worlds import ScriptedDns
from verification import Reason
from verification.resolver import Exchanger, Exchangers, Found
from verification.routes import (
    MOST_HOSTS,
    MOST_LOOKED_UP,
    DeadEnd,
    Route,
    find_route,
    read_exchangers,
)


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        pytest.param([(0, ".")], DeadEnd(Reason.NULL_MX, "null-mx"), id="null-mx"),
        pytest.param([(0, "."), (5, "mx")], Route(("mx",)), id="a-dot-among-others-is-ignored"),
        pytest.param([(5, "mx"), (5, "mx")], Route(("mx",)), id="twice-the-same"),
    ],
)
def test_a_null_mx_stands_alone(records: list[tuple[int, str]], expected: Route | DeadEnd) -> None:
    answer = Exchangers(Found.RECORDS, tuple(Exchanger(*record) for record in records))
    assert read_exchangers("reader.example", answer) == expected


def dangling(count: int, *alive: str) -> ScriptedDns:
    """Make DNS in which a domain's first mail hosts do not exist, and these come after them."""
    gone = [f"gone{number}.example.com" for number in range(count)]
    return ScriptedDns(
        mail={"reader.example": [*gone, *alive]},
        hosts={name: ["198.51.99.1"] for name in alive},
    )


async def route_in(dns_world: ScriptedDns) -> Route | DeadEnd:
    """Find the mail hosts of the reader's domain."""
    return await find_route("reader.example", resolver=dns_world, allow_private_networks=False)


async def test_the_number_of_mail_hosts_is_capped() -> None:
    route = await route_in(dangling(0, *(f"mx{n}.example.com" for n in range(50))))
    assert route == Route(tuple(f"mx{n}.example.com" for n in range(MOST_HOSTS)))


async def test_a_living_mail_host_behind_many_dead_ones_is_found() -> None:
    route = await route_in(dangling(MOST_LOOKED_UP - 1, "alive.example.com"))
    assert route == Route(("alive.example.com",))


async def test_mail_hosts_that_were_not_looked_up_leave_the_domain_unknown() -> None:
    route = await route_in(dangling(MOST_LOOKED_UP, "alive.example.com"))
    assert route == DeadEnd(Reason.DNS_FAILED, "too-many-mail-hosts")


async def test_a_row_of_failing_look_ups_is_not_drawn_out() -> None:
    names = [f"ill{number}.example.com" for number in range(50)]
    dns_world = ScriptedDns(mail={"reader.example": names}, failing=frozenset(names))
    assert await route_in(dns_world) == DeadEnd(Reason.DNS_FAILED, "address-lookup-failed")
    assert len(dns_world.looked_up) == MOST_HOSTS


async def test_a_mail_host_that_is_an_ip_address_is_its_own_address() -> None:
    async with ScriptedDnsServer(mail_answers(["10 8.8.4.4.", "20 10.0.0.1."])) as server:
        resolver = resolver_at(server.address)
        route = await find_route("reader.example", resolver=resolver, allow_private_networks=False)
        assert (await resolver.addresses("8.8.4.4")).records == (ip_address("8.8.4.4"),)
    assert route == Route(("8.8.4.4", "10.0.0.1"))
    assert server.asked == [("reader.example", "MX")]


@pytest.mark.parametrize(
    ("dns_world", "expected"),
    [
        pytest.param(
            ScriptedDns(hosts={"reader.example": ["198.51.99.1"]}),
            Route(("reader.example",)),
            id="implicit-mx",
        ),
        pytest.param(
            ScriptedDns(hosts={"reader.example": []}),
            DeadEnd(Reason.NO_MAIL_SERVER, "no-address"),
            id="neither-mx-nor-address",
        ),
        pytest.param(ScriptedDns(), DeadEnd(Reason.NO_SUCH_DOMAIN, "nxdomain"), id="nxdomain"),
        pytest.param(
            ScriptedDns(mail={"reader.example": ["gone.example"]}),
            DeadEnd(Reason.NO_MAIL_SERVER, "no-address"),
            id="mx-to-nowhere-does-not-fall-back",
        ),
        pytest.param(
            ScriptedDns(
                mail={"reader.example": ["gone.example", "ill.example"]},
                failing=frozenset({"ill.example"}),
            ),
            DeadEnd(Reason.DNS_FAILED, "address-lookup-failed"),
            id="doubt-about-one-host",
        ),
        pytest.param(
            ScriptedDns(failing=frozenset({"reader.example"})),
            DeadEnd(Reason.DNS_FAILED, "mx-lookup-failed"),
            id="servfail",
        ),
        pytest.param(
            ScriptedDns(mail={"reader.example": ["mx"]}, hosts={"mx": ["10.0.0.1"]}),
            DeadEnd(Reason.UNROUTABLE, "no-public-address"),
            id="private-only",
        ),
        pytest.param(
            ScriptedDns(mail={"reader.example": ["127.0.0.1"]}),
            DeadEnd(Reason.UNROUTABLE, "no-public-address"),
            id="a-private-ip-address-as-mail-host",
        ),
    ],
)
async def test_the_way_of_mail_follows_rfc_5321(
    dns_world: ScriptedDns, expected: Route | DeadEnd
) -> None:
    assert await route_in(dns_world) == expected


@pytest.mark.parametrize(
    ("addresses", "expected"),
    [
        pytest.param(["198.51.99.1"], Route(("reader.example",)), id="an-address"),
        pytest.param([], DeadEnd(Reason.DNS_FAILED, "nxdomain-in-doubt"), id="no-address"),
        pytest.param(
            dns.rcode.SERVFAIL, DeadEnd(Reason.DNS_FAILED, "nxdomain-in-doubt"), id="servfail"
        ),
        pytest.param(dns.rcode.NXDOMAIN, DeadEnd(Reason.NO_SUCH_DOMAIN, "nxdomain"), id="nxdomain"),
    ],
)
async def test_nxdomain_for_the_mail_hosts_counts_where_the_addresses_say_so_too(
    addresses: Answer, expected: Route | DeadEnd
) -> None:
    def answer(name: str, kind: str) -> Answer:
        absent: Answer = [] if isinstance(addresses, list) else addresses
        return {"MX": dns.rcode.NXDOMAIN, "A": addresses}.get(kind, absent)

    async with ScriptedDnsServer(answer) as server:
        resolver = resolver_at(server.address)
        route = await find_route("reader.example", resolver=resolver, allow_private_networks=False)
    assert route == expected
