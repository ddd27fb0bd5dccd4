"""Refusals in weak words: worth something only where a domain tells one address from another."""

from collections.abc import Callable

import pytest

from tests.verification.scripted_mail import HANG_UP, Script, ScriptedServer
from tests.verification.worlds import engine_for, one_domain, readers, verdicts
from verification import Reason

WEAK, EXPLICIT = "550 5.1.0 Address rejected", "550 5.1.1 User unknown"
UNPROVEN = {Reason.ALL_REFUSED_ALIKE, Reason.REFUSED}


def is_made_up(recipient: str) -> bool:
    """Tell the made-up address from the readers."""
    return not recipient.startswith("reader")


async def reasons(script: Script, people: list[str]) -> dict[str, Reason]:
    """Ask one server about its domain's people."""
    async with ScriptedServer(script) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), people)
    return {address: verdict.reason for address, verdict in found.items()}


def one_a_transaction(answer: Callable[[str], str]) -> Script:
    """Answer the first recipient of each transaction only."""
    first = True

    def mail(_: str) -> str:
        nonlocal first
        first = True
        return "250 Ok"

    def recipient(address: str) -> str:
        nonlocal first
        is_first, first = first, False
        return answer(address) if is_first else "452 4.5.3 Too many recipients"

    return Script(recipient, mail=mail)


@pytest.mark.parametrize("count", [2, 6, 60])
async def test_readers_refused_alike_are_unknown_though_the_made_up_one_is_refused_otherwise(
    count: int,
) -> None:
    script = Script(lambda one: EXPLICIT if is_made_up(one) else WEAK)
    found = await reasons(script, readers(count))
    assert set(found.values()) == {Reason.ALL_REFUSED_ALIKE}


async def test_one_reader_refused_in_other_words_than_the_made_up_address_is_told_apart() -> None:
    script = Script(lambda one: EXPLICIT if is_made_up(one) else WEAK)
    assert await reasons(script, readers(1)) == {readers(1)[0]: Reason.NO_SUCH_MAILBOX}


async def test_explicit_words_prove_something_however_many_get_them() -> None:
    found = await reasons(Script(lambda _: EXPLICIT), readers(6))
    assert set(found.values()) == {Reason.NO_SUCH_MAILBOX}


async def test_readers_asked_one_at_a_time_are_compared_too() -> None:
    found = await reasons(one_a_transaction(lambda _: WEAK), readers(6))
    assert set(found.values()) == {Reason.ALL_REFUSED_ALIKE}


async def test_readers_asked_one_at_a_time_are_told_apart_where_one_is_accepted() -> None:
    people = readers(6)
    script = one_a_transaction(lambda one: "250 Ok" if one == people[2] else WEAK)
    found = await reasons(script, people)
    assert found == {**dict.fromkeys(people, Reason.NO_SUCH_MAILBOX), people[2]: Reason.ACCEPTED}


async def test_a_later_reader_is_compared_with_those_before() -> None:
    script = Script(lambda one: EXPLICIT if is_made_up(one) else WEAK)
    async with ScriptedServer(script) as server:
        engine = engine_for(one_domain(), port=server.port)
        await verdicts(engine, readers(1))
        again = await verdicts(engine, readers(1))
        later = await verdicts(engine, readers(2)[1:])
    assert [verdict.reason for verdict in again.values()] == [Reason.NO_SUCH_MAILBOX]
    assert [verdict.reason for verdict in later.values()] == [Reason.ALL_REFUSED_ALIKE]


@pytest.mark.parametrize(
    "made_up",
    [
        pytest.param(HANG_UP, id="hang-up"),
        pytest.param("421 4.7.0 Closing", id="421"),
        pytest.param("554 5.7.1 Your address is blocked", id="blocked"),
    ],
)
async def test_weak_words_prove_nothing_while_the_made_up_address_has_no_answer(
    made_up: str,
) -> None:
    script = Script(lambda one: made_up if is_made_up(one) else WEAK)
    found = await reasons(script, readers(1))
    assert set(found.values()) <= UNPROVEN


async def test_weak_words_before_a_block_prove_nothing() -> None:
    people = readers(3)
    script = Script(lambda one: WEAK if one == people[0] else "554 5.7.1 Your IP is blocked")
    found = await reasons(script, people)
    assert found == {**dict.fromkeys(people, Reason.BLOCKED), people[0]: Reason.REFUSED}


async def test_a_passing_fault_among_refusals_alike_proves_nothing() -> None:
    people = readers(4)
    script = Script(lambda one: "451 4.3.0 Try again later" if one == people[0] else WEAK)
    found = await reasons(script, people)
    assert found.pop(people[0]) is Reason.TEMPORARY
    assert set(found.values()) == {Reason.ALL_REFUSED_ALIKE}
