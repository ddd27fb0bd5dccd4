"""DNS: which answers are evidence, how long they hold, and which addresses are public."""

import asyncio
from collections.abc import Callable
from ipaddress import ip_address

import dns.message
import dns.rcode
import dns.rrset
import pytest

from tests.verification.scripted_dns import Answer, ScriptedDnsServer, mail_answers, resolver_at
from tests.verification.worlds import ScriptedDns, engine_for, verdicts
from verification import ConfigurationError
from verification.networks import is_public, parse_ip
from verification.resolver import Found


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


SOA = "example. {ttl} IN SOA ns.example. host.example. 1 2 3 4 {minimum}"


def record(line: str) -> dns.rrset.RRset:
    """Read one line of a zone file."""
    name, ttl, *rest = line.split(" ", 4)
    return dns.rrset.from_text(f"{name.rstrip('.')}.", int(ttl), *rest)


def filled(
    *answer: str, authority: str = "", code: dns.rcode.Rcode = dns.rcode.NOERROR
) -> Callable[[dns.message.Message], None]:
    """Make a response of these records, as "NAME TTL CLASS TYPE DATA"."""

    def fill(response: dns.message.Message) -> None:
        response.set_rcode(code)
        for line in answer:
            response.answer.append(record(line))
        if authority:
            response.authority.append(record(authority))

    return fill


@pytest.mark.parametrize(
    ("answer", "lasts"),
    [
        pytest.param(
            filled(
                "reader.example. 20 IN CNAME target.example.",
                "target.example. 3600 IN MX 10 mx.example.",
            ),
            20,
            id="alias",
        ),
        pytest.param(filled("reader.example. 1 IN MX 10 mx.example."), 5, id="least"),
        pytest.param(filled("reader.example. 86400 IN MX 10 mx.example."), 3600, id="most"),
        pytest.param(filled(authority=SOA.format(ttl=30, minimum=60)), 30, id="soa-ttl"),
        pytest.param(filled(authority=SOA.format(ttl=60, minimum=30)), 30, id="soa-minimum"),
        pytest.param(filled(authority=SOA.format(ttl=9999, minimum=9999)), 300, id="most-of-none"),
        pytest.param(filled(authority=SOA.format(ttl=0, minimum=0)), 5, id="least-of-none"),
        pytest.param(
            filled(authority=SOA.format(ttl=40, minimum=40), code=dns.rcode.NXDOMAIN),
            40,
            id="nxdomain",
        ),
        pytest.param(dns.rcode.NXDOMAIN, 300, id="nxdomain-without-soa"),
    ],
)
async def test_an_answer_is_kept_as_long_as_its_parts_say_within_bounds(
    answer: Answer, lasts: float
) -> None:
    now = 0.0
    async with ScriptedDnsServer(mail_answers(answer)) as server:
        resolver = resolver_at(server.address, lambda: now)
        await resolver.exchangers("reader.example")
        now = lasts - 0.5
        await resolver.exchangers("reader.example")
        assert len(server.asked) == 1
        now = lasts + 0.5
        await resolver.exchangers("reader.example")
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(filled("other.example. 60 IN MX 10 mx.example."), id="about-another-name"),
        pytest.param(filled(authority="example. 60 IN NS ns.example."), id="referral"),
    ],
)
async def test_an_answer_that_neither_gives_nor_denies_is_no_evidence(answer: Answer) -> None:
    async with ScriptedDnsServer(mail_answers(answer)) as server:
        found = (await resolver_at(server.address).exchangers("reader.example")).found
    assert found is Found.FAILED


async def test_an_ipv4_address_in_an_aaaa_record_is_an_ipv4_address() -> None:
    records = {"A": ["8.8.4.4"], "AAAA": ["2001:4860::8", "::ffff:8.8.8.8", "::ffff:8.8.4.4"]}
    async with ScriptedDnsServer(lambda name, kind: list(records[kind])) as server:
        answer = await resolver_at(server.address).addresses("mx.example.com")
    expected = [ip_address(text) for text in ("8.8.4.4", "8.8.8.8", "2001:4860::8")]
    assert list(answer.records) == expected


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
