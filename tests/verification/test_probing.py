"""How recipients are asked about: batches, broken conversations, greylists, evidence."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.verification.scripted_mail import (
    HANG_UP,
    Script,
    ScriptedServer,
    only,
)
from tests.verification.worlds import LOCAL, engine_for, one_domain, readers, verdicts
from verification import Category, Deadlines, Reason
from verification.probing.lane import MOST_REJECTIONS


async def test_an_accepted_mailbox_is_safe_when_the_made_up_one_is_refused() -> None:
    async with ScriptedServer(Script(only("ann@reader.example"))) as server:
        engine = engine_for(one_domain(), port=server.port)
        found = await verdicts(engine, ["ann@reader.example", "bob@reader.example"])
    assert found["ann@reader.example"].reason is Reason.ACCEPTED
    assert found["bob@reader.example"].reason is Reason.NO_SUCH_MAILBOX


async def test_a_domain_that_accepts_the_made_up_address_is_catch_all() -> None:
    async with ScriptedServer() as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(3))
    assert {verdict.reason for verdict in found.values()} == {Reason.ACCEPTS_ALL}


async def test_an_undetermined_domain_makes_its_accepted_mailboxes_unknown() -> None:
    def answer(recipient: str) -> str:
        return "250 Ok" if recipient.startswith("reader") else "451 4.3.0 Temporary lookup failure"

    async with ScriptedServer(Script(answer)) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(3))
    assert {verdict.reason for verdict in found.values()} == {Reason.ACCEPTED_UNPROVEN}


async def test_every_verdict_carries_its_evidence() -> None:
    async with ScriptedServer(Script(only("ann@reader.example"))) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), ["bob@reader.example"])
    evidence = found["bob@reader.example"].evidence
    assert evidence.mail_host == "mx.example.com"
    assert evidence.reply is not None
    assert "User unknown" in evidence.reply
    assert evidence.made_up_reply is not None
    assert evidence.made_up_reply.startswith("550")
    assert evidence.rule == "no_mailbox/no-such-user"


async def test_recipients_travel_in_one_group_with_the_made_up_address_last() -> None:
    async with ScriptedServer(Script(only(*readers(20)))) as server:
        await verdicts(engine_for(one_domain(), port=server.port), readers(20))
    assert server.heard[1].startswith("MAIL FROM:<probe@verifier.example.com>")
    assert server.connections[0][:20] == readers(20)
    assert server.connections[0][20].startswith("q")
    assert len(server.connections) == 1


async def test_a_known_domain_is_not_asked_about_its_made_up_address_again() -> None:
    async with ScriptedServer(Script(only(*readers(4)))) as server:
        engine = engine_for(one_domain(), port=server.port)
        await verdicts(engine, readers(2))
        found = await verdicts(engine, readers(4)[2:])
    assert server.connections[1] == readers(4)[2:]
    assert {verdict.reason for verdict in found.values()} == {Reason.ACCEPTED}


async def test_without_pipelining_each_command_waits_for_its_answer() -> None:
    script = Script(only(*readers(5)), extensions=("8BITMIME",))
    async with ScriptedServer(script) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(5))
    assert {verdict.reason for verdict in found.values()} == {Reason.ACCEPTED}


async def test_only_harmless_commands_are_ever_said() -> None:
    async with ScriptedServer(Script(only(*readers(60)))) as server:
        await verdicts(engine_for(one_domain(), port=server.port), readers(70))
    verbs = {line.partition(" ")[0] for line in server.heard}
    assert verbs <= {"EHLO", "MAIL", "RCPT", "RSET", "QUIT"}
    assert server.heard[-1] == "QUIT"


async def test_a_fresh_connection_is_opened_after_nine_rejections() -> None:
    async with ScriptedServer(Script(only(), patience=20)) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(60))
    assert {verdict.reason for verdict in found.values()} == {Reason.NO_SUCH_MAILBOX}
    assert len(server.connections) >= 60 // MOST_REJECTIONS
    assert all(len(recipients) < 20 for recipients in server.connections[1:])


@pytest.mark.parametrize(
    "end", [pytest.param("421 4.7.0 Error", id="421"), pytest.param(HANG_UP, id="hang-up")]
)
async def test_a_break_in_the_middle_of_a_batch_loses_nothing_and_judges_nothing(end: str) -> None:
    broken = False

    def answer(recipient: str) -> str:
        nonlocal broken
        if recipient == "reader20@reader.example" and not broken:
            broken = True
            return end
        return only(*readers(50))(recipient)

    async with ScriptedServer(Script(answer)) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(50))
    assert len(found) == 50
    assert {verdict.reason for verdict in found.values()} == {Reason.ACCEPTED}
    asked_again = {one for recipients in server.connections[1:] for one in recipients}
    assert asked_again.isdisjoint(readers(20)), "an answered address was asked about again"


async def test_a_server_that_always_hangs_up_is_given_up() -> None:
    async with ScriptedServer(Script(lambda _: HANG_UP)) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(50))
    assert {verdict.reason for verdict in found.values()} == {Reason.CONNECTION_LOST}
    assert len(server.connections) <= 3


async def test_an_address_at_which_the_server_hangs_up_does_not_harm_the_others() -> None:
    def answer(recipient: str) -> str:
        return HANG_UP if recipient == "reader3@reader.example" else only(*readers(9))(recipient)

    async with ScriptedServer(Script(answer)) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(9))
    assert found["reader3@reader.example"].reason is Reason.CONNECTION_LOST
    assert found["reader8@reader.example"].reason is Reason.ACCEPTED


async def test_a_greylisting_server_sees_the_same_triple_on_the_second_look() -> None:
    seen: set[str] = set()

    def answer(recipient: str) -> str:
        if recipient not in seen:
            seen.add(recipient)
            return "450 4.2.0 Greylisted, please try again in 300 seconds"
        return only(*readers(3))(recipient)

    async with ScriptedServer(Script(answer)) as server:
        engine = engine_for(one_domain(), port=server.port)
        first = await verdicts(engine, readers(3))
        second = await verdicts(engine, readers(3))
    assert {verdict.reason for verdict in first.values()} == {Reason.GREYLISTED}
    assert {verdict.retry_after for verdict in first.values()} == {timedelta(minutes=6)}
    assert {verdict.reason for verdict in second.values()} == {Reason.ACCEPTED}
    assert server.connections[0] == server.connections[1]
    mails = [line for line in server.heard if line.startswith("MAIL")]
    assert mails[0] == mails[1]


async def test_too_many_recipients_halves_the_batch_until_all_are_answered() -> None:
    count = 0

    def mail(_: str) -> str:
        nonlocal count
        count = 0
        return "250 Ok"

    def answer(recipient: str) -> str:
        nonlocal count
        count += 1
        if count > 10:
            return "452 4.5.3 Error: too many recipients"
        return only(*readers(40))(recipient)

    async with ScriptedServer(Script(answer, mail=mail)) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(40))
    assert {verdict.reason for verdict in found.values()} == {Reason.ACCEPTED}
    assert len(found) == 40


async def test_silence_in_the_middle_of_a_batch_is_unknown() -> None:
    options = replace(LOCAL, deadlines=Deadlines(connect=1, greeting=1, reply=0.3, group=0.5))
    script = Script(delay=0.08)
    async with ScriptedServer(script) as server:
        engine = engine_for(one_domain(), port=server.port, options=options)
        found = await verdicts(engine, readers(20))
    assert len(found) == 20
    assert Category.INVALID not in {verdict.category for verdict in found.values()}


async def test_a_mailbox_that_needs_smtputf8_is_unknown_without_the_extension() -> None:
    names = ["jürgen@reader.example", "ann@reader.example"]
    async with ScriptedServer(Script(only(*names), extensions=("PIPELINING",))) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), names)
    assert found["jürgen@reader.example"].reason is Reason.NEEDS_SMTPUTF8
    assert found["ann@reader.example"].reason is Reason.ACCEPTED


async def test_a_mailbox_that_needs_smtputf8_is_asked_with_the_extension() -> None:
    async with ScriptedServer(Script(only("jürgen@reader.example"))) as server:
        engine = engine_for(one_domain(), port=server.port)
        found = await verdicts(engine, ["jürgen@reader.example"])
    assert "MAIL FROM:<probe@verifier.example.com> SMTPUTF8" in server.heard
    assert found["jürgen@reader.example"].reason is Reason.ACCEPTED


async def test_a_sender_at_an_international_domain_is_named_in_ascii() -> None:
    options = replace(LOCAL, mail_from="probe@Bücher-Verifier.example")
    async with ScriptedServer(Script(only("ann@reader.example"))) as server:
        engine = engine_for(one_domain(), port=server.port, options=options)
        found = await verdicts(engine, ["ann@reader.example"])
    assert "MAIL FROM:<probe@xn--bcher-verifier-gsb.example>" in server.heard
    assert found["ann@reader.example"].reason is Reason.ACCEPTED
