"""The ledger adds up: held = charged + released at every end, and nobody is charged twice."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from storage.credits import enter
from storage.errors import UnknownWorkspace
from storage.states import CreditKind, StopReason
from tests.storage.stores import ANN, BEN, LATER, NOW, TEAM, WELCOME, Store
from verification import Reason

WAIT = timedelta(minutes=5)
MIXED = (Reason.ACCEPTED, Reason.NO_SUCH_MAILBOX, Reason.TIMEOUT, Reason.GREYLISTED)


async def test_a_grant_adds_to_the_balance_and_is_in_the_ledger(store: Store) -> None:
    await store.workspaces.welcome(TEAM, NOW)
    balance = await store.credits.grant(TEAM, 500, made_by=BEN, note="March", now=LATER)
    assert balance == await store.credits.balance(TEAM) == WELCOME + 500
    newest = (await store.credits.entries(TEAM, 1))[0]
    assert (newest.kind, newest.credits, newest.made_by) == (CreditKind.GRANT, 500, BEN)
    assert (newest.note, newest.made_at) == ("March", LATER)


async def test_a_workspace_that_never_used_the_bot_cannot_be_granted_credits(store: Store) -> None:
    with pytest.raises(UnknownWorkspace, match="T0NOBODY has used this bot yet"):
        await store.credits.grant("T0NOBODY", 5, made_by=BEN, note=None, now=NOW)


async def test_grants_at_the_same_moment_all_count(stores: list[Store]) -> None:
    await stores[0].workspaces.welcome(TEAM, NOW)
    await asyncio.gather(
        *(each.credits.grant(TEAM, 10, made_by=BEN, note=None, now=NOW) for each in stores * 3)
    )
    assert await stores[0].credits.balance(TEAM) == WELCOME + 120


async def finish(store: Store, run_id: int) -> None:
    await store.settle(run_id, 1, MIXED)
    await store.runs.finish(run_id, 1, NOW)


async def finish_after_another_look(store: Store, run_id: int) -> None:
    await store.settle(run_id, 1, MIXED, retry_after=WAIT)
    await store.subscribers.regroup(run_id, 200, NOW)
    await finish(store, run_id)


async def finish_while_some_wait(store: Store, run_id: int) -> None:
    await store.settle(run_id, 1, MIXED, retry_after=WAIT)
    await store.runs.finish(run_id, 1, NOW)


async def stop(store: Store, run_id: int) -> None:
    await store.runs.stop(run_id, StopReason.BY_PERSON, by=BEN)


async def drop_at_once(store: Store, run_id: int) -> None:
    await stop(store, run_id)
    await store.runs.drop(run_id, BEN, NOW)


async def drop_half_way(store: Store, run_id: int) -> None:
    await store.settle_chunk(run_id, 1, 0, MIXED)
    await drop_at_once(store, run_id)


async def drop_while_some_wait(store: Store, run_id: int) -> None:
    await store.settle(run_id, 1, MIXED, retry_after=WAIT)
    await drop_at_once(store, run_id)


async def resume_and_finish(store: Store, run_id: int) -> None:
    await store.settle_chunk(run_id, 1, 0, MIXED)
    await stop(store, run_id)
    await store.runs.resume(run_id, BEN, NOW)
    await store.settle(run_id, 2, MIXED)
    await store.runs.finish(run_id, 2, NOW)


@pytest.mark.parametrize(
    ("end", "charged"),
    [
        pytest.param(finish, 8, id="finished"),
        pytest.param(finish_after_another_look, 10, id="after-another-look"),
        pytest.param(finish_while_some_wait, 8, id="finished-while-some-wait"),
        pytest.param(drop_at_once, 0, id="dropped-at-once"),
        pytest.param(drop_half_way, 3, id="dropped-half-way"),
        pytest.param(drop_while_some_wait, 8, id="dropped-while-some-wait"),
        pytest.param(resume_and_finish, 8, id="stopped-and-resumed"),
    ],
)
async def test_at_every_end_what_was_held_is_charged_or_released(
    end: Callable[[Store, int], Awaitable[None]], charged: int, store: Store
) -> None:
    run = await store.quoted_run(12, chunk_size=5)
    await store.runs.start(run.id, ANN, NOW)
    assert await store.credits.balance(TEAM) == WELCOME - 12
    await end(store, run.id)
    report = await store.reports.run(run.id)
    assert (report.held, report.charged, report.released) == (12, charged, 12 - charged)
    assert report.balance == WELCOME - charged
    assert report.verified == 12


async def test_unknown_is_free(store: Store) -> None:
    run = await store.finished_run([Reason.TIMEOUT, Reason.BLOCKED, Reason.DNS_FAILED])
    report = await store.reports.run(run.id)
    assert (report.charged, report.released) == (0, 3)


async def test_every_other_category_costs_a_credit(store: Store) -> None:
    paid = [
        Reason.ACCEPTED,
        Reason.BAD_SYNTAX,
        Reason.DISPOSABLE,
        Reason.ACCEPTS_ALL,
        Reason.MAILBOX_FULL,
    ]
    run = await store.finished_run(paid)
    assert (await store.reports.run(run.id)).charged == len(paid)


async def test_settling_a_chunk_twice_charges_it_once(store: Store) -> None:
    run = await store.quoted_run(4)
    await store.runs.start(run.id, ANN, NOW)
    assert await store.settle_chunk(run.id, 1, 0)
    assert await store.settle_chunk(run.id, 1, 0)
    assert (await store.reports.run(run.id)).charged == 4


async def test_a_chunk_settled_by_several_at_the_same_moment_is_charged_once(
    stores: list[Store],
) -> None:
    run = await stores[0].quoted_run(4)
    await stores[0].runs.start(run.id, ANN, NOW)
    assert all(await asyncio.gather(*(each.settle_chunk(run.id, 1, 0, MIXED) for each in stores)))
    report = await stores[0].reports.run(run.id)
    assert (report.charged, report.released) == (2, 2)


async def book(store: Store, run_id: int, kind: CreditKind, credits: int, chunk: int) -> None:
    """Append an entry as no code of the bot's would."""
    async with store.database.writing() as session:
        enter(
            session,
            workspace_id=TEAM,
            kind=kind,
            credits=credits,
            run_id=run_id,
            chunk=chunk,
            now=NOW,
        )


@pytest.mark.parametrize(
    ("kind", "chunk"),
    [
        pytest.param(CreditKind.CHARGE, 0, id="charge-of-a-chunk"),
        pytest.param(CreditKind.RELEASE, 0, id="release-of-a-chunk"),
        pytest.param(CreditKind.HOLD, -1, id="hold-of-a-run"),
        pytest.param(CreditKind.RELEASE, -1, id="rest-of-a-run"),
    ],
)
async def test_the_database_itself_refuses_a_second_entry(
    kind: CreditKind, chunk: int, store: Store
) -> None:
    run = await store.quoted_run(4)
    await book(store, run.id, CreditKind.HOLD, 4, 99)
    await book(store, run.id, kind, 1, chunk)
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        await book(store, run.id, kind, 1, chunk)


async def test_the_database_itself_refuses_to_charge_a_subscriber_again_in_another_chunk(
    store: Store,
) -> None:
    run = await store.quoted_run(4)
    await store.runs.start(run.id, ANN, NOW)
    await store.settle_chunk(run.id, 1, 0, [Reason.ACCEPTED, Reason.TIMEOUT])
    # What a fault of ours might do: a Verdict that was paid for is taken back.
    await store.sql("UPDATE run_subscriber SET category = NULL, reason = NULL, chunk = 7")
    with pytest.raises(IntegrityError, match="charged already"):
        await store.settle_chunk(run.id, 1, 7)
    report = await store.reports.run(run.id)
    assert (report.charged, report.released) == (3, 1)


async def test_a_charge_is_marked_on_those_who_were_charged(store: Store) -> None:
    run = await store.quoted_run(4)
    await store.runs.start(run.id, ANN, NOW)
    await store.settle(run.id, 1, MIXED, retry_after=WAIT)
    charged = await store.sql("SELECT subscriber_id FROM run_subscriber WHERE charged")
    assert sorted(charged) == [(1,), (2,)]
    assert (await store.reports.run(run.id)).charged == 2


async def test_the_database_itself_refuses_to_take_a_charge_back(store: Store) -> None:
    await store.finished_run([Reason.ACCEPTED])
    with pytest.raises(IntegrityError, match="charged already"):
        await store.sql("UPDATE run_subscriber SET charged = false")


@pytest.mark.parametrize("kind", [CreditKind.CHARGE, CreditKind.RELEASE])
async def test_the_database_itself_lets_a_run_settle_no_more_than_it_holds(
    kind: CreditKind, store: Store
) -> None:
    run = await store.quoted_run(4)
    await store.runs.start(run.id, ANN, NOW)
    await book(store, run.id, CreditKind.CHARGE, 3, 0)
    with pytest.raises(IntegrityError, match="no more than it holds"):
        await book(store, run.id, kind, 2, 1)
    await book(store, run.id, kind, 1, 1)


async def test_the_database_itself_refuses_an_entry_that_takes_from_its_own_kind(
    store: Store,
) -> None:
    run = await store.quoted_run(4)
    with pytest.raises(IntegrityError, match="one credit or more"):
        await book(store, run.id, CreditKind.RELEASE, -1, 0)


async def test_the_last_entries_show_a_run_as_one_line_of_each_kind(store: Store) -> None:
    run = await store.quoted_run(12, chunk_size=5)
    await store.runs.start(run.id, ANN, NOW)
    await finish(store, run.id)
    await store.credits.grant(TEAM, 7, made_by=BEN, note=None, now=LATER)
    await store.credits.grant(TEAM, 7, made_by=BEN, note=None, now=LATER)
    lines = [
        (each.kind, each.credits, each.run_id) for each in await store.credits.entries(TEAM, 9)
    ]
    assert lines[:2] == [(CreditKind.GRANT, 7, None)] * 2
    assert sorted(lines[2:4]) == [(CreditKind.CHARGE, 8, run.id), (CreditKind.RELEASE, 4, run.id)]
    assert lines[4:] == [(CreditKind.HOLD, 12, run.id), (CreditKind.GRANT, WELCOME, None)]
    assert len(await store.credits.entries(TEAM, 3)) == 3
