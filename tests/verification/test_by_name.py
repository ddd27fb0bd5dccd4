"""What a name alone tells: syntax, lists, flags, typing errors and the identity we ask with."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.verification.worlds import BUNDLED, LOCAL, ScriptedDns, engine_for, one_domain, verdicts
from verification import Category, ProbeOptions, Reason
from verification.identity import identity_problem
from verification.lists import RELAY_DOMAINS, Standing, bundled_lists, is_free_provider, is_role
from verification.syntax import Address, Malformed, parse_address
from verification.typos import KnownDomains, sift4, suggest_domain

DATA = Path(__file__).parents[2].parent / "shared" / "reference" / "verification-data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared reference data is absent")


def rows(name: str) -> list[dict[str, Any]]:
    """Read a file of JSON lines."""
    return [json.loads(line) for line in (DATA / name).read_text("utf-8").splitlines()]


@needs_data
def test_addresses_that_mainstream_mail_knows_are_well_formed() -> None:
    refused = [
        row["address"]
        for row in rows("addresses_isemail.jsonl")
        if row["mailable_mainstream"] and isinstance(parse_address(row["address"]), Malformed)
    ]
    too_long = [
        address for address in refused if len(address.rpartition("@")[2].split(".")[0]) > 63
    ]
    assert refused == too_long


@needs_data
def test_addresses_that_rfc_5321_refuses_are_malformed() -> None:
    # Spaces around an address are forgiven; RFC 6531 and a shorter IPv6 form came later.
    forgiven = {"isemail-71", "isemail-158", "isemail-160"}
    taken = {
        row["id"]
        for row in rows("addresses_isemail.jsonl")
        if not row["rfc5321_ok"] and isinstance(parse_address(row["address"]), Address)
    }
    assert taken <= forgiven


@pytest.mark.parametrize(
    ("text", "wire"),
    [
        pytest.param(
            " Ann.Lee+News@Reader.Example ", "Ann.Lee+News@reader.example", id="as-written"
        ),
        pytest.param("ann@bücher.example", "ann@xn--bcher-kva.example", id="idn"),
        pytest.param('"ann lee"@reader.example', '"ann lee"@reader.example', id="quoted"),
        pytest.param("ann@reader", "ann@reader", id="dotless"),
    ],
)
def test_an_address_keeps_its_local_part_and_gets_its_domain_in_a_labels(
    text: str, wire: str
) -> None:
    parsed = parse_address(text)
    assert isinstance(parsed, Address)
    assert parsed.wire == wire


@pytest.mark.parametrize("mark", list("\u00a0\u2003\u202f\u3000\u200b\u200d\u200e\u2060\ufeff"))
def test_white_space_that_was_copied_along_is_no_part_of_an_address(mark: str) -> None:
    assert parse_address(f"{mark}ann@reader.example {mark}") == Address("ann", "reader.example")
    assert isinstance(parse_address(f"an{mark}n@reader.example"), Malformed)


@pytest.mark.parametrize(
    "text",
    ["", "@", "ann", "ann@", "@reader.example", "a@b@reader.example", "a..b@reader.example",
     "ann@reader..example", "ann@-reader.example", "ann\r\nDATA@reader.example",
     "ann@reader.example\r\nRSET", "a" * 65 + "@reader.example", "a@" + "b." * 130 + "example",
     "ann@192.0.2.7", "ann@reader.123"],
)  # fmt: skip
def test_what_is_not_an_address_is_malformed(text: str) -> None:
    assert isinstance(parse_address(text), Malformed)


@pytest.mark.parametrize("domain", sorted(RELAY_DOMAINS))
def test_a_relay_is_never_disposable_even_if_a_list_says_so(domain: str) -> None:
    lists = replace(BUNDLED, disposable=frozenset({domain, "fastmail.com"}))
    assert lists.standing(domain) is Standing.RELAY
    assert lists.standing(f"sub.{domain}") is Standing.RELAY


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        pytest.param("throwaway.example.com", True, id="listed"),
        pytest.param("inbox.throwaway.example.com", True, id="below-a-listed-one"),
        pytest.param("example.com", False, id="above-a-listed-one"),
        pytest.param("notthrowaway.example.com", False, id="only-similar"),
        pytest.param("reader.co.uk", False, id="a-listed-public-suffix-does-not-count"),
    ],
)
def test_the_list_is_matched_up_to_the_public_suffix(domain: str, expected: bool) -> None:
    lists = replace(BUNDLED, disposable=frozenset({"throwaway.example.com", "co.uk"}))
    assert (lists.standing(domain) is Standing.DISPOSABLE) is expected


async def test_disposable_addresses_are_not_looked_up() -> None:
    dns = ScriptedDns()
    found = await verdicts(engine_for(dns), ["ann@mailinator.com"])
    assert found["ann@mailinator.com"].reason is Reason.DISPOSABLE
    assert dns.asked == []


async def test_a_domain_whose_mail_servers_are_all_disposable_is_disposable() -> None:
    dns = ScriptedDns(mail={"reader.example": ["mail.mailinator.com"]},
                      hosts={"mail.mailinator.com": ["127.0.0.1"]})  # fmt: skip
    found = await verdicts(engine_for(dns), ["ann@reader.example"])
    assert found["ann@reader.example"].reason is Reason.DISPOSABLE_MAIL_SERVER


async def test_a_weak_list_makes_risky_at_most() -> None:
    lists = bundled_lists(weak_disposable=frozenset({"reader.example"}))
    found = await verdicts(engine_for(one_domain(), lists=lists), ["ann@reader.example"])
    assert found["ann@reader.example"].category is Category.RISKY


async def test_flags_do_not_change_the_category() -> None:
    dns = ScriptedDns(mail={"gmail.com": []}, hosts={"gmail.com": []})
    found = await verdicts(engine_for(dns), ["info+news@gmail.com", "ann@gmial.co"])
    assert found["info+news@gmail.com"].role
    assert found["info+news@gmail.com"].free_provider
    assert found["ann@gmial.co"].suggestion == "ann@gmail.com"


def test_role_names_and_free_providers_are_known() -> None:
    assert is_role("Info")
    assert not is_role("ann")
    assert is_free_provider("gmail.com")
    assert not is_free_provider("reader.example")


@needs_data
@pytest.mark.parametrize("row", rows("typo_suggestions.jsonl") if DATA.exists() else [],
                         ids=lambda row: row["id"])  # fmt: skip
def test_typing_errors_are_suggested_as_mailcheck_does(row: dict[str, Any]) -> None:
    known = KnownDomains()
    if "domains" in row:
        known = KnownDomains(row["domains"], row["second_level"] or (), row["top_level"] or ())
    domain = row["address"].rpartition("@")[2].lower()
    assert suggest_domain(domain, known) == row["suggested_domain"]


@pytest.mark.parametrize(
    ("left", "right", "distance"),
    [
        ("", "", 0),
        ("gmail", "gmail", 0),
        ("gmail", "gmial", 1),
        ("gmail", "", 5),
        ("abc", "xyz", 3),
    ],
)
def test_sift4_measures_changes(left: str, right: str, distance: int) -> None:
    assert sift4(left, right) == distance


OURS = ProbeOptions(helo_name="mx1.ours.dev", mail_from="probe@ours.dev")


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(replace(OURS, probe=False), id="switched-off"),
        pytest.param(replace(OURS, helo_name=""), id="no-name"),
        pytest.param(replace(OURS, mail_from=""), id="no-sender"),
        pytest.param(replace(OURS, helo_name="localhost"), id="localhost"),
        pytest.param(replace(OURS, helo_name="gmail.com"), id="somebody-elses-name"),
        pytest.param(replace(OURS, helo_name="mail.example.com"), id="example-name"),
        pytest.param(replace(OURS, helo_name="myhost.local"), id="local-name"),
        pytest.param(replace(OURS, helo_name="10.1.2.3"), id="an-address"),
        pytest.param(replace(OURS, mail_from="user@example.org"), id="example-sender"),
        pytest.param(replace(OURS, mail_from="ann@gmail.com"), id="public-provider-sender"),
        pytest.param(replace(OURS, mail_from="nobody"), id="no-address"),
        pytest.param(replace(OURS, helo_name="mx1.ours.dev\r\nDATA"), id="two-commands"),
    ],
)
async def test_nobody_is_asked_with_an_identity_that_is_not_honest(options: ProbeOptions) -> None:
    assert identity_problem(options) is not None
    dns = ScriptedDns(mail={"reader.example": ["mx"]}, hosts={"mx": ["192.88.98.1"]})
    engine = engine_for(dns, options=options)
    found = await verdicts(engine, ["ann@reader.example", "ann@nowhere.example"])
    verdict = found["ann@reader.example"]
    assert verdict.reason is Reason.NOT_PROBED
    assert engine.not_probing is not None
    assert engine.not_probing in (verdict.evidence.rule or "")
    assert found["ann@nowhere.example"].reason is Reason.NO_SUCH_DOMAIN


def test_an_honest_identity_has_no_problem() -> None:
    assert identity_problem(OURS) is None
    assert identity_problem(LOCAL) is None
