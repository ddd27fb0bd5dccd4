"""A resolver that denies everything makes nobody Invalid."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import dns.message
import dns.rcode
import dns.rrset
import pytest

from tests.verification.scripted_dns import Answer, ScriptedDnsServer, resolver_at
from tests.verification.worlds import LOCAL, verdicts
from verification import Reason, build_engine
from verification.resolver import Found


def denying(*names: str, top: Answer = dns.rcode.NXDOMAIN) -> Callable[[str, str], Answer]:
    """Answer NXDOMAIN to every name but these, and so to the question about a top-level domain."""

    def answer(name: str, kind: str) -> Answer:
        if kind == "NS":
            return top
        return ["10 mx.example.com."] if name in names and kind == "MX" else dns.rcode.NXDOMAIN

    return answer


def properly_nothing(response: dns.message.Message) -> None:
    """Say that there is no such record, with the zone's SOA."""
    soa = "ns.example.com. hostmaster.example.com. 1 7200 900 1209600 60"
    response.authority.append(dns.rrset.from_text("com.", 60, "IN", "SOA", soa))


async def test_nxdomain_is_no_evidence_where_the_top_level_domain_is_denied_too() -> None:
    async with ScriptedDnsServer(denying()) as server:
        found = await verdicts(
            build_engine(replace(LOCAL, resolver=server.address)),
            ["ann@gmail.com", "bob@web.de", "eve@bücher.рф", "joe@nobody.co.uk"],
        )
    assert {verdict.reason for verdict in found.values()} == {Reason.DNS_FAILED}


@pytest.mark.parametrize(
    "top",
    [
        pytest.param([], id="no-record"),
        pytest.param(["ns.example.com."], id="records"),
        pytest.param(dns.rcode.REFUSED, id="refused"),
        pytest.param(dns.rcode.SERVFAIL, id="servfail"),
        pytest.param(None, id="time-out"),
    ],
)
async def test_nxdomain_stands_where_the_top_level_domain_is_not_denied(top: Answer) -> None:
    async with ScriptedDnsServer(denying(top=top)) as server:
        resolver = resolver_at(server.address)
        assert (await resolver.exchangers("nobody.com")).found is Found.NO_SUCH_NAME
        assert (await resolver.addresses("nobody.com")).found is Found.NO_SUCH_NAME


async def test_that_nothing_has_any_record_is_no_evidence() -> None:
    async with ScriptedDnsServer(lambda name, kind: []) as server:
        found = await verdicts(
            build_engine(replace(LOCAL, resolver=server.address)), ["ann@gmail.com", "bob@web.de"]
        )
    assert {verdict.reason for verdict in found.values()} == {Reason.DNS_FAILED}


@pytest.mark.parametrize(
    "top",
    [
        pytest.param(dns.rcode.NXDOMAIN, id="denied"),
        pytest.param(properly_nothing, id="no-record-with-the-soa"),
        pytest.param(["ns.example.com."], id="records"),
        pytest.param(dns.rcode.REFUSED, id="refused"),
        pytest.param(None, id="time-out"),
    ],
)
async def test_that_a_name_has_no_address_stands_otherwise(top: Answer) -> None:
    async with ScriptedDnsServer(lambda name, kind: top if kind == "NS" else []) as server:
        assert (await resolver_at(server.address).addresses("empty.com")).found is Found.NOTHING


@pytest.mark.parametrize("missing", ["A", "AAAA"])
async def test_a_name_that_exists_for_one_question_only_is_in_doubt(missing: str) -> None:
    async with ScriptedDnsServer(
        lambda name, kind: dns.rcode.NXDOMAIN if kind == missing else []
    ) as server:
        answer = await resolver_at(server.address).addresses("mx.reader.example")
    assert answer.found is Found.FAILED


async def test_nxdomain_stands_below_a_top_level_domain_that_nobody_has() -> None:
    async with ScriptedDnsServer(denying()) as server:
        answer = await resolver_at(server.address).exchangers("ann.gmail.con")
    assert answer.found is Found.NO_SUCH_NAME
    assert [kind for _, kind in server.asked] == ["MX"]


async def test_a_top_level_domain_is_asked_about_once_for_all_its_names_and_again_later() -> None:
    now = 0.0
    async with ScriptedDnsServer(denying("alive.com", top=[])) as server:
        resolver = resolver_at(server.address, lambda: now)
        await resolver.exchangers("alive.com")
        assert ("com", "NS") not in server.asked
        await asyncio.gather(*(resolver.exchangers(f"nobody{n}.com") for n in range(20)))
        await resolver.exchangers("nobody.com")
        assert server.asked.count(("com", "NS")) == 1
        now = 60.0
        await resolver.exchangers("later.com")
        assert server.asked.count(("com", "NS")) == 2


async def test_a_denial_that_was_in_doubt_is_not_kept() -> None:
    now, ill = 0.0, True
    async with ScriptedDnsServer(
        lambda name, kind: dns.rcode.NXDOMAIN if ill else ["10 mx.example.com."]
    ) as server:
        resolver = resolver_at(server.address, lambda: now)
        assert (await resolver.exchangers("reader.com")).found is Found.FAILED
        ill, now = False, 20.0
        assert (await resolver.exchangers("reader.com")).found is Found.RECORDS
