"""DNS: which answers are evidence, where mail goes, and which addresses are public."""

import asyncio
from collections.abc import Callable
from ipaddress import ip_address

import dns.rcode
import pytest

from tests.verification.scripted_dns import Answer, ScriptedDnsServer
from tests.verification.worlds import ScriptedDns, engine_for, verdicts
from verification import ConfigurationError, Reason
from verification.networks import is_public, parse_ip
from verification.resolver import DnsResolver, Exchanger, Exchangers, Found
from verification.routes import (
    MOST_HOSTS,
    MOST_LOOKED_UP,
    DeadEnd,
    Route,
    find_route,
    read_exchangers,
)


def resolver_at(
    server: tuple[str, int], clock: Callable[[], float] = lambda: 0.0, lifetime: float = 0.5
) -> DnsResolver:
    """Make a resolver that asks the test's server."""
    return DnsResolver(server=server, lifetime=lifetime, clock=clock)


def mail_answers(answer: Answer) -> Callable[[str, str], Answer]:
    """Answer MX questions so, and every other question with nothing."""
    return lambda name, kind: answer if kind == "MX" else []


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        pytest.param(["10 mx.example.com."], Found.RECORDS, id="records"),
        pytest.param([], Found.NOTHING, id="no-record"),
        pytest.param(dns.rcode.NXDOMAIN, Found.NO_SUCH_NAME, id="nxdomain"),
        pytest.param(dns.rcode.SERVFAIL, Found.FAILED, id="servfail"),
        pytest.param(dns.rcode.REFUSED, Found.FAILED, id="refused"),
        pytest.param(None, Found.FAILED, id="time-out"),
    ],
)
async def test_only_nxdomain_and_an_empty_answer_are_evidence(answer: Answer, found: Found) -> None:
    async with ScriptedDnsServer(mail_answers(answer)) as server:
        assert (await resolver_at(server.address).exchangers("reader.example")).found is found


async def test_exchangers_come_by_preference_in_lower_case() -> None:
    records = ["20 B.example.com.", "10 A.example.com.", "0 ."]
    async with ScriptedDnsServer(mail_answers(records)) as server:
        answer = await resolver_at(server.address).exchangers("reader.example")
    assert [mx.host for mx in answer.records] == [".", "a.example.com", "b.example.com"]


async def test_a_truncated_answer_is_asked_again_over_tcp() -> None:
    async with ScriptedDnsServer(mail_answers(["10 mx.example.com."]), truncate=True) as server:
        answer = await resolver_at(server.address).exchangers("reader.example")
    assert answer.found is Found.RECORDS


async def test_an_answer_is_kept_for_its_ttl_and_not_longer() -> None:
    now = 0.0
    async with ScriptedDnsServer(mail_answers(["10 mx.example.com."])) as server:
        resolver = resolver_at(server.address, lambda: now)
        await resolver.exchangers("reader.example")
        now = 59.0
        await resolver.exchangers("reader.example")
        assert len(server.asked) == 1
        now = 61.0
        await resolver.exchangers("reader.example")
        assert len(server.asked) == 2


async def test_a_failure_is_not_kept() -> None:
    async with ScriptedDnsServer(mail_answers(dns.rcode.SERVFAIL)) as server:
        resolver = resolver_at(server.address)
        await resolver.exchangers("reader.example")
        asked = len(server.asked)
        await resolver.exchangers("reader.example")
        assert len(server.asked) > asked


async def test_everybody_with_the_same_question_waits_for_one_answer() -> None:
    async with ScriptedDnsServer(mail_answers(["10 mx.example.com."])) as server:
        resolver = resolver_at(server.address)
        await asyncio.gather(*(resolver.exchangers("reader.example") for _ in range(20)))
        assert len(server.asked) == 1


async def test_addresses_are_both_families_and_a_half_failure_is_no_evidence() -> None:
    def answer(name: str, kind: str) -> Answer:
        if name == "half.example.com":
            return [] if kind == "A" else dns.rcode.SERVFAIL
        return {"A": ["192.0.2.1"], "AAAA": ["2001:db8::1"]}[kind]

    async with ScriptedDnsServer(answer) as server:
        both = await resolver_at(server.address).addresses("mx.example.com")
        half = await resolver_at(server.address).addresses("half.example.com")
    assert both.records == (ip_address("192.0.2.1"), ip_address("2001:db8::1"))
    assert half.found is Found.FAILED


async def test_texts_and_reverse_names_are_found() -> None:
    def answer(name: str, kind: str) -> Answer:
        return {"TXT": ['"v=spf1 " "-all"'], "PTR": ["MX.Example.com."]}.get(kind, [])

    async with ScriptedDnsServer(answer) as server:
        resolver = resolver_at(server.address)
        assert (await resolver.texts("example.com")).records == ("v=spf1 -all",)
        assert await resolver.names(ip_address("192.0.2.1")) == ("mx.example.com",)


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".example", "." + "a." * 200])
async def test_a_name_that_dns_cannot_ask_about_is_a_failure(name: str) -> None:
    async with ScriptedDnsServer(mail_answers([])) as server:
        assert (await resolver_at(server.address).exchangers(name)).found is Found.FAILED


def test_a_resolver_that_is_no_address_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        resolver_at(("resolver.example.com", 53))


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


async def test_a_domain_is_looked_up_once_for_all_its_addresses() -> None:
    dns_world = ScriptedDns()
    await verdicts(engine_for(dns_world), [f"reader{n}@nowhere.example" for n in range(300)])
    assert dns_world.asked == ["nowhere.example"]


@pytest.mark.parametrize("text", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_public_internet_are_public(text: str) -> None:
    address = parse_ip(text)
    assert address is not None
    assert is_public(address)


def test_what_is_no_ip_address_is_none() -> None:
    assert parse_ip("mx.example.com") is None
