"""What SPF records say about an address, in the situations of RFC 7208 with values of our own."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verification.worlds import ScriptedDns
from verification.spf import check_spf
from verification.spf_record import SpfResult, parse_spf

OURS = ip_address("198.51.100.7")
OURS_6 = ip_address("2001:db8:7::7")

#: Policies that the records of the tests refer to, and hosts with their addresses.
DNS = ScriptedDns(
    mail={
        "letters.test": ["mx1.letters.test", "mx2.letters.test"],
        "crowd.test": [f"mx{n}.crowd.test" for n in range(11)],
        "null.test": ["."],
    },
    hosts={
        "letters.test": ["203.0.113.1", "2001:db8:1::1"],
        "post.letters.test": ["198.51.100.7"],
        "near.letters.test": ["198.51.100.9"],
        "mx1.letters.test": ["203.0.113.5"],
        "mx2.letters.test": ["198.51.100.7", "2001:db8:7::7"],
        **{f"mx{n}.crowd.test": ["198.51.100.7"] for n in range(11)},
    },
    text={
        "sender.test": ["v=spf1 ip4:198.51.100.0/28 -all"],
        "strict.test": ["v=spf1 -all"],
        "unsure.test": ["v=spf1 ?all"],
        "loop.test": ["v=spf1 include:loop.test -all"],
        "broken.test": ["v=spf1 ip4:300.1.2.3 -all"],
        "chatty.test": ["some other text", "v=spf1 include:sender.test -all", "v=spf10 -all"],
        "macro.test": ["v=spf1 exists:%{i}.list.test -all"],
        **{f"chain{n}.test": [f"v=spf1 include:chain{n + 1}.test ~all"] for n in range(12)},
        "chain12.test": ["v=spf1 ip4:198.51.100.7 -all"],
    },
    failing=frozenset({"down.test", "mx.down.test"}),
)


async def result(record: str, address: str = str(OURS)) -> SpfResult:
    """Evaluate one record of letters.test."""
    dns = ScriptedDns(
        DNS.mail, DNS.hosts, {**DNS.text, "letters.test": [record]}, failing=DNS.failing
    )
    return (await check_spf(ip_address(address), "letters.test", dns)).result


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        # RFC 7208 section 5.1, all, and 4.6.2, qualifiers
        pytest.param("v=spf1 +all", SpfResult.PASS, id="plus-all"),
        pytest.param("v=spf1 all", SpfResult.PASS, id="no-qualifier-is-plus"),
        pytest.param("v=spf1 -all", SpfResult.FAIL, id="minus-all"),
        pytest.param("v=spf1 ~all", SpfResult.SOFTFAIL, id="tilde-all"),
        pytest.param("v=spf1 ?all", SpfResult.NEUTRAL, id="question-mark-all"),
        pytest.param("v=spf1", SpfResult.NEUTRAL, id="nothing-matches"),
        pytest.param("V=SPF1 IP4:198.51.100.7 -ALL", SpfResult.PASS, id="capitals"),
        pytest.param("v=spf1  ip4:198.51.100.7   -all ", SpfResult.PASS, id="spaces"),
        pytest.param("v=spf1 -ip4:198.51.100.7 +all", SpfResult.FAIL, id="first-match-wins"),
        pytest.param("v=spf1 -all ip4:198.51.100.7", SpfResult.FAIL, id="after-all-nothing-counts"),
        # section 5.6, ip4 and ip6
        pytest.param("v=spf1 ip4:198.51.100.7 -all", SpfResult.PASS, id="ip4"),
        pytest.param("v=spf1 ip4:198.51.100.0/29 -all", SpfResult.PASS, id="ip4-network"),
        pytest.param("v=spf1 ip4:198.51.100.8/29 -all", SpfResult.FAIL, id="ip4-other-network"),
        pytest.param("v=spf1 ip6:2001:db8::/32 -all", SpfResult.FAIL, id="ip6-is-not-ip4"),
        # section 5.3, a
        pytest.param("v=spf1 a -all", SpfResult.FAIL, id="a-of-itself"),
        pytest.param("v=spf1 a:post.letters.test -all", SpfResult.PASS, id="a-of-another"),
        pytest.param("v=spf1 a:post.letters.test. -all", SpfResult.PASS, id="a-with-final-dot"),
        pytest.param("v=spf1 a:near.letters.test/28 -all", SpfResult.PASS, id="a-network"),
        pytest.param("v=spf1 a:near.letters.test//28 -all", SpfResult.FAIL, id="a-network-of-ip6"),
        pytest.param("v=spf1 a:nowhere.test -all", SpfResult.FAIL, id="a-of-nobody"),
        # section 5.4, mx
        pytest.param("v=spf1 mx -all", SpfResult.PASS, id="mx"),
        pytest.param("v=spf1 mx:letters.test/32 -all", SpfResult.PASS, id="mx-of-a-domain"),
        pytest.param("v=spf1 mx:null.test -all", SpfResult.FAIL, id="null-mx"),
        pytest.param("v=spf1 mx:crowd.test -all", SpfResult.PERMERROR, id="eleven-mail-hosts"),
        # section 5.2, include
        pytest.param("v=spf1 include:sender.test -all", SpfResult.PASS, id="include"),
        pytest.param("v=spf1 ?include:sender.test -all", SpfResult.NEUTRAL, id="include-neutral"),
        pytest.param("v=spf1 include:strict.test ~all", SpfResult.SOFTFAIL, id="include-no-match"),
        pytest.param("v=spf1 include:unsure.test -all", SpfResult.FAIL, id="include-of-neutral"),
        pytest.param("v=spf1 include:chatty.test -all", SpfResult.PASS, id="other-texts-beside-it"),
        pytest.param("v=spf1 include:empty.test -all", SpfResult.PERMERROR, id="include-of-none"),
        pytest.param("v=spf1 include:broken.test -all", SpfResult.PERMERROR, id="include-broken"),
        pytest.param("v=spf1 include:down.test -all", SpfResult.TEMPERROR, id="include-and-dns"),
        # section 6.1, redirect
        pytest.param("v=spf1 redirect=sender.test", SpfResult.PASS, id="redirect"),
        pytest.param("v=spf1 redirect=strict.test", SpfResult.FAIL, id="redirect-to-fail"),
        pytest.param("v=spf1 redirect=strict.test ~all", SpfResult.SOFTFAIL, id="all-beats-it"),
        pytest.param("v=spf1 redirect=empty.test", SpfResult.PERMERROR, id="redirect-to-none"),
        pytest.param("v=spf1 note=hello -all", SpfResult.FAIL, id="unknown-modifier"),
        # section 4.6.4, limits
        pytest.param("v=spf1 include:loop.test -all", SpfResult.PERMERROR, id="loop"),
        pytest.param("v=spf1 include:chain2.test -all", SpfResult.PERMERROR, id="eleven-lookups"),
        pytest.param("v=spf1 include:chain3.test -all", SpfResult.PASS, id="ten-lookups"),
        pytest.param(
            "v=spf1 a:no1.test a:no2.test ip4:198.51.100.7 -all", SpfResult.PASS, id="two-void"
        ),
        pytest.param(
            "v=spf1 a:no1.test a:no2.test mx:no3.test ip4:198.51.100.7 -all",
            SpfResult.PERMERROR,
            id="three-void",
        ),
        pytest.param("v=spf1 a:mx.down.test -all", SpfResult.TEMPERROR, id="dns-fails"),
        # what is not evaluated here
        pytest.param("v=spf1 exists:%{i}.list.test -all", SpfResult.UNKNOWN, id="exists"),
        pytest.param("v=spf1 ptr -all", SpfResult.UNKNOWN, id="ptr"),
        pytest.param("v=spf1 include:%{d}.test ~all", SpfResult.UNKNOWN, id="macro"),
        pytest.param("v=spf1 redirect=%{d}.test", SpfResult.UNKNOWN, id="redirect-by-macro"),
        pytest.param("v=spf1 include:macro.test -all", SpfResult.UNKNOWN, id="include-of-unknown"),
        pytest.param("v=spf1 exists:x.test ip4:198.51.100.7", SpfResult.PASS, id="pass-anyway"),
        pytest.param("v=spf1 -exists:x.test ip4:198.51.100.7", SpfResult.UNKNOWN, id="fail-first"),
        pytest.param("v=spf1 -exists:x.test -all", SpfResult.FAIL, id="fail-anyway"),
    ],
)  # fmt: skip
async def test_what_a_record_says_about_our_address(record: str, expected: SpfResult) -> None:
    assert await result(record) is expected


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param("v=spf1 ip6:2001:db8:7::/48 -all", SpfResult.PASS, id="ip6"),
        pytest.param("v=spf1 ip6:2001:DB8:7::7 -all", SpfResult.PASS, id="ip6-alone"),
        pytest.param("v=spf1 ip4:0.0.0.0/0 -all", SpfResult.FAIL, id="ip4-is-not-ip6"),
        pytest.param("v=spf1 mx -all", SpfResult.PASS, id="mx"),
        pytest.param("v=spf1 a//32 -all", SpfResult.PASS, id="a-network"),
        pytest.param("v=spf1 a/0//128 -all", SpfResult.FAIL, id="bits-of-ip4-do-not-count"),
        pytest.param("v=spf1 a:post.letters.test -all", SpfResult.FAIL, id="ip4-only"),
    ],
)
async def test_what_a_record_says_about_an_ipv6_address(record: str, expected: SpfResult) -> None:
    assert await result(record, str(OURS_6)) is expected


async def test_a_mapped_address_is_the_ipv4_address_in_it() -> None:
    assert await result("v=spf1 ip4:198.51.100.7 -all", "::ffff:198.51.100.7") is SpfResult.PASS


@pytest.mark.parametrize(
    "term",
    [
        "ipv4:198.51.100.7",
        "ip4",
        "ip4:198.51.100",
        "ip4:198.51.100.7/33",
        "ip4:2001:db8::1",
        "ip6:198.51.100.7",
        "ip6:2001:db8::1/129",
        "a/33",
        "a//129",
        "mx:/24",
        "include",
        "include:",
        "exists",
        "all:letters.test",
        "allow",
        "-",
        "redirect=",
        "redirect=a.test redirect=b.test",
        "exp=a.test exp=b.test",
    ],
)
async def test_an_error_anywhere_spoils_the_record(term: str) -> None:
    assert await result(f"v=spf1 ip4:198.51.100.7 {term}") is SpfResult.PERMERROR


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        pytest.param([], SpfResult.NONE, id="no-record"),
        pytest.param(["v=spf2 -all", "hello"], SpfResult.NONE, id="other-texts"),
        pytest.param(["v=spf1 -all", "v=spf1 +all"], SpfResult.PERMERROR, id="two-records"),
    ],
)
async def test_a_domain_needs_exactly_one_record(texts: list[str], expected: SpfResult) -> None:
    dns = ScriptedDns(text={"letters.test": texts})
    assert (await check_spf(OURS, "letters.test", dns)).result is expected


async def test_a_record_that_cannot_be_used_says_why() -> None:
    found = await check_spf(OURS, "broken.test", DNS)
    assert found.problem == "'ip4:300.1.2.3' names no network"
    found = await check_spf(OURS, "down.test", DNS)
    assert found.problem == "the records of down.test could not be looked up"


TERMS = ["ip4:198.51.100.7", "a", "mx", "include:sender.test", "-all", "~a:x.test", "exists:%{i}"]


@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(TERMS)).map(" ".join)))
async def test_any_record_has_a_result(terms: str) -> None:
    assert await result(f"v=spf1 {terms}") in SpfResult


def test_a_record_is_read_in_its_order() -> None:
    record = parse_spf("v=spf1 a mx:b.test -ip4:192.0.2.0/24 redirect=c.test")
    assert [(each.name, each.target) for each in record.mechanisms] == [
        ("a", ""),
        ("mx", "b.test"),
        ("ip4", ""),
    ]
    assert record.redirect == "c.test"
