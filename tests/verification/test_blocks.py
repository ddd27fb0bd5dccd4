"""Politeness: blocks, budgets, providers that mind; and refusals that prove nothing."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.verification.scripted_mail import (
    Script,
    ScriptedServer,
    accept_everybody,
    only,
)
from tests.verification.worlds import LOCAL, ScriptedDns, engine_for, one_domain, readers, verdicts
from verification import Category, Reason

BLOCK = "550 5.7.1 Service unavailable; client host [192.0.2.9] blocked by our reputation system"


async def test_a_block_on_recipient_seven_of_fifty_judges_nobody_invalid() -> None:
    def answer(recipient: str) -> str:
        if recipient in readers(6):
            return "250 Ok"
        return BLOCK if recipient == readers(7)[6] else "550 5.1.1 User unknown"

    async with ScriptedServer(Script(answer)) as server:
        engine = engine_for(one_domain(), port=server.port)
        found = await verdicts(engine, readers(50))
    assert Category.INVALID not in {verdict.category for verdict in found.values()}
    blocked = [verdict for verdict in found.values() if verdict.reason is Reason.BLOCKED]
    assert len(blocked) == 44  # the seventh and the 43 after it
    assert {verdict.evidence.rule for verdict in blocked} == {"blocked/blocked"}
    assert [block.organisation for block in engine.blocks] == ["mx.example.com"]


async def test_who_is_asked_one_by_one_is_asked_nothing_after_a_block() -> None:
    def answer(recipient: str) -> str:
        return BLOCK if recipient == readers(3)[2] else "250 Ok"

    people = [*readers(9), *readers(9, "other.example")]
    dns = ScriptedDns(
        mail={name: ["mx.example.com"] for name in ("reader.example", "other.example")},
        hosts={"mx.example.com": ["127.0.0.1"]},
    )
    async with ScriptedServer(Script(answer, extensions=("8BITMIME",))) as server:
        found = await verdicts(engine_for(dns, port=server.port), people)
    assert server.connections == [readers(3)]
    assert server.heard[-1] == "QUIT"
    assert len(found) == len(people)
    assert {found[one].reason for one in people[2:]} == {Reason.BLOCKED}


async def test_who_is_asked_one_by_one_hears_of_no_more_than_nine_that_are_missing() -> None:
    people = readers(60)
    script = Script(only(*people[:30]), extensions=("8BITMIME",))
    async with ScriptedServer(script) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), people)
    missing = [set(asked) - set(people[:30]) for asked in server.connections]
    assert max(map(len, missing)) <= 9
    assert {found[one].reason for one in people[:30]} == {Reason.ACCEPTED}
    assert {found[one].reason for one in people[30:]} == {Reason.NO_SUCH_MAILBOX}


async def test_a_blocking_organisation_is_left_alone_afterwards() -> None:
    async with ScriptedServer(Script(lambda _: BLOCK)) as server:
        engine = engine_for(one_domain(), port=server.port)
        await verdicts(engine, readers(2))
        found = await verdicts(engine, readers(4))
    assert len(server.connections) == 1
    assert {verdict.reason for verdict in found.values()} == {Reason.BLOCKED}


@pytest.mark.parametrize(
    "reply",
    [
        "550 5.1.1 <{sender}>: no such user",
        "550 Unable to verify {sender}: mailbox not found",
        "550-<{sender}>\r\n550 user unknown",
    ],
)
async def test_a_reply_that_names_our_sender_is_about_nobody_else(reply: str) -> None:
    said = reply.format(sender=LOCAL.mail_from.upper())
    async with ScriptedServer(Script(lambda _: said)) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(3))
    assert {verdict.reason for verdict in found.values()} == {Reason.SENDER_REJECTED}


async def test_our_sender_may_be_a_reader_as_well() -> None:
    dns = one_domain(LOCAL.mail_from.partition("@")[2])
    async with ScriptedServer(Script(only())) as server:
        found = await verdicts(engine_for(dns, port=server.port), [LOCAL.mail_from])
    assert found[LOCAL.mail_from].reason is Reason.NO_SUCH_MAILBOX


def domains_at(*addresses: str) -> ScriptedDns:
    """Make DNS in which every domain has a mail host of its own name, at these addresses."""
    return ScriptedDns(
        mail={f"d{n}.example": [f"mx.d{n}.example"] for n in range(len(addresses))},
        hosts={f"mx.d{n}.example": [address] for n, address in enumerate(addresses)},
    )


FOUR = tuple(f"127.0.0.{number}" for number in range(1, 5))


async def test_three_blocking_organisations_stop_the_run() -> None:
    async with ScriptedServer(Script(lambda _: BLOCK), also=FOUR[1:]) as server:
        engine = engine_for(domains_at(*FOUR), port=server.port)
        for number in range(3):
            await verdicts(engine, [f"ann@d{number}.example"])
        found = await verdicts(engine, ["ann@d3.example"])
    assert len(server.connections) == 3
    assert found["ann@d3.example"].reason is Reason.PROBING_STOPPED


async def test_names_of_one_address_are_one_organisation_when_it_blocks() -> None:
    async with ScriptedServer(Script(lambda _: BLOCK)) as server:
        engine = engine_for(domains_at(*["127.0.0.1"] * 4), port=server.port)
        found = await verdicts(engine, [f"ann@d{number}.example" for number in range(4)])
    assert {verdict.reason for verdict in found.values()} == {Reason.BLOCKED}
    assert len(server.connections) == 1
    assert len(engine.blocks) == 1
    hosts = {address: verdict.evidence.mail_host for address, verdict in found.items()}
    assert hosts == {f"ann@d{n}.example": f"mx.d{n}.example" for n in range(4)}


LISTED = "554 5.7.1 Client host [{}] blocked using zen.spamhaus.org"


@pytest.mark.parametrize("where", ["banner", "mail", "recipient"])
@pytest.mark.parametrize(
    ("named", "stopped"),
    [
        pytest.param("127.0.0.1", True, id="our-end-of-the-connection"),
        pytest.param("192.0.2.9", True, id="where-our-name-leads"),
        pytest.param("IPv6:2001:DB8:0:0::9", True, id="in-another-form"),
        pytest.param("::ffff:192.0.2.9", True, id="v4-mapped"),
        pytest.param("192.0.2.99", False, id="somebody-else"),
        pytest.param("unknown", False, id="nobody"),
    ],
)
async def test_a_block_list_stops_the_run_at_once_where_it_names_us(
    named: str, stopped: bool, where: str
) -> None:
    dns = domains_at(*FOUR)
    dns.hosts = {**dns.hosts, LOCAL.helo_name: ["192.0.2.9", "2001:db8::9"]}
    words = LISTED.format(named)
    script = {
        "banner": Script(banner=words),
        "mail": Script(mail=lambda _: words),
        "recipient": Script(lambda _: words),
    }[where]
    async with (
        ScriptedServer(script) as server,
        ScriptedServer(Script(only("ann@d3.example")), host=FOUR[3], port=server.port),
    ):
        engine = engine_for(dns, port=server.port)
        await verdicts(engine, ["ann@d0.example"])
        found = await verdicts(engine, ["ann@d3.example"])
    assert found["ann@d3.example"].reason is (
        Reason.PROBING_STOPPED if stopped else Reason.ACCEPTED
    )
    assert [block.organisation for block in engine.blocks] == ["mx.d0.example"]


async def test_a_row_of_refusals_by_policy_counts_as_a_block() -> None:
    async with ScriptedServer(Script(lambda _: "554 5.7.1 Not permitted")) as server:
        engine = engine_for(one_domain(), port=server.port)
        found = await verdicts(engine, readers(200))
    assert {verdict.reason for verdict in found.values()} == {Reason.BLOCKED}
    assert len(engine.blocks) == 1
    assert len(server.connections) == 1


async def test_a_suspended_engine_asks_no_mail_server() -> None:
    async with ScriptedServer(Script(only(*readers(1)))) as server:
        engine = engine_for(one_domain(), port=server.port)
        engine.suspend("Port 25 is closed.")
        found = await verdicts(engine, readers(1))
        assert server.connections == []
        engine.suspend(None)
        again = await verdicts(engine, readers(1))
    assert [verdict.evidence.rule for verdict in found.values()] == [
        "not-probed: Port 25 is closed."
    ]
    assert [verdict.reason for verdict in again.values()] == [Reason.ACCEPTED]


async def test_a_domain_refused_as_a_whole_in_the_same_words_is_unknown() -> None:
    refuse: Callable[[str], str] = lambda _: "550 5.2.1 Mailbox unavailable"  # noqa: E731
    async with ScriptedServer(Script(refuse)) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(6))
    assert {verdict.reason for verdict in found.values()} == {Reason.ALL_REFUSED_ALIKE}


async def test_the_same_words_prove_something_where_another_mailbox_is_accepted() -> None:
    def answer(recipient: str) -> str:
        return "250 Ok" if recipient == "reader0@reader.example" else "550 Mailbox unavailable"

    async with ScriptedServer(Script(answer)) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(3))
    assert found["reader0@reader.example"].reason is Reason.ACCEPTED
    assert found["reader1@reader.example"].reason is Reason.NO_SUCH_MAILBOX


async def test_domains_of_one_mail_host_share_its_connections() -> None:
    dns = ScriptedDns(
        mail={f"d{n}.example": ["mx.example.com"] for n in range(30)},
        hosts={"mx.example.com": ["127.0.0.1"]},
    )
    async with ScriptedServer(Script(accept_everybody)) as server:
        engine = engine_for(dns, port=server.port)
        await verdicts(engine, [f"ann@d{n}.example" for n in range(30)])
    assert server.most_open == 1


async def test_no_more_connections_are_open_than_the_operator_allows() -> None:
    options = replace(LOCAL, connections_per_host=2)
    async with ScriptedServer(Script(only(*readers(400)), delay=0.001)) as server:
        engine = engine_for(one_domain(), port=server.port, options=options)
        await verdicts(engine, readers(400))
    assert server.most_open == 2


async def test_reluctant_providers_are_not_asked_unless_the_operator_wants_it() -> None:
    dns = ScriptedDns(
        mail={"reader.example": ["mta5.am0.yahoodns.net"]},
        hosts={"mta5.am0.yahoodns.net": ["127.0.0.1"]},
    )
    async with ScriptedServer() as server:
        found = await verdicts(engine_for(dns, port=server.port), readers(1))
        assert server.connections == []
        willing = replace(LOCAL, probe_reluctant_providers=True)
        asked = await verdicts(engine_for(dns, port=server.port, options=willing), readers(1))
    assert [verdict.reason for verdict in found.values()] == [Reason.PROVIDER_NOT_PROBED]
    assert [verdict.reason for verdict in asked.values()] == [Reason.HIDES_MAILBOXES]


async def test_a_long_wait_for_an_organisations_turn_holds_up_nobody_else() -> None:
    dns = ScriptedDns(
        mail={"reader.example": ["mx1"], "other.example": ["mx2"]},
        hosts={"mx1": ["127.0.0.1"], "mx2": ["127.0.0.1"]},
    )
    options = replace(LOCAL, rate=0.5, conversations=1)
    found = []
    async with ScriptedServer(Script(only(*readers(60)))) as server, asyncio.timeout(10):
        engine = engine_for(dns, port=server.port, options=options)
        stream = engine.verify([*readers(60), "ann@other.example"])
        while "ann@other.example" not in found:
            found.append((await anext(stream)).address)
        await stream.aclose()  # type: ignore[attr-defined]
        assert server.open_now <= 1
    assert len(found) < 61


GMAIL = "gmail-smtp-in.l.google.com"


@pytest.mark.parametrize(
    "strangers",
    [
        pytest.param({"nope.google.com": []}, id="that-does-not-resolve"),
        pytest.param({"www.google.com": ["127.0.0.3"]}, id="that-nobody-can-connect-to"),
    ],
)
@pytest.mark.parametrize(
    "evil",
    [
        pytest.param(Script(banner="554 5.7.1 Your IP is blocked"), id="banner"),
        pytest.param(Script(lambda _: BLOCK), id="recipient"),
    ],
)
async def test_a_block_counts_against_who_said_it_whatever_name_stands_before(
    evil: Script, strangers: dict[str, list[str]]
) -> None:
    dns = ScriptedDns(
        mail={"gmail.com": [GMAIL], "evil.example": [*strangers, "mx.evil.example"]},
        hosts={GMAIL: ["127.0.0.1"], "mx.evil.example": ["127.0.0.2"], **strangers},
    )
    async with (
        ScriptedServer(Script(only("ann@gmail.com"))) as google,
        ScriptedServer(evil, host="127.0.0.2", port=google.port),
    ):
        engine = engine_for(dns, port=google.port)
        blocked = await verdicts(engine, ["x@evil.example", "y@evil.example"])
        found = await verdicts(engine, ["ann@gmail.com"])
    assert {verdict.reason for verdict in blocked.values()} == {Reason.BLOCKED}
    assert [block.organisation for block in engine.blocks] == ["mx.evil.example"]
    assert found["ann@gmail.com"].reason is Reason.ACCEPTED


async def test_a_host_of_another_organisation_is_asked_when_the_first_ones_do_not_serve() -> None:
    dns = ScriptedDns(
        mail={"reader.example": ["aspmx.l.google.com", "alt1.aspmx.l.google.com", "mx.own"]},
        hosts={
            "aspmx.l.google.com": ["127.0.0.3"],
            "alt1.aspmx.l.google.com": ["127.0.0.2"],
            "mx.own": ["127.0.0.1"],
        },
    )
    relay = Script(lambda _: "554 5.7.1 Relay access denied")
    async with (
        ScriptedServer(Script(only(*readers(3)))) as own,
        ScriptedServer(relay, host="127.0.0.2", port=own.port),
    ):
        found = await verdicts(engine_for(dns, port=own.port), readers(3))
    assert {verdict.reason for verdict in found.values()} == {Reason.ACCEPTED}
    assert {verdict.evidence.mail_host for verdict in found.values()} == {"mx.own"}
