"""Each decision leaves a line that says who, in its own transaction, and that stays as it is."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from storage.audit import OPERATOR, Audit
from storage.errors import AlreadyDecided, NotEnoughCredits
from storage.records import AuditEntry
from storage.schedules import NewSchedule
from storage.states import Cadence, CleanupState, Deed, RunState, StopReason
from tests.storage.stores import (
    ANN,
    BEN,
    EVERYBODY,
    EXPIRES,
    NOW,
    SECRET,
    TEAM,
    WELCOME,
    Store,
    fresh_key,
)

#: The bot itself.
NOBODY = None
Way = Callable[[Store], Awaitable[object]]


async def lines(store: Store) -> list[AuditEntry]:
    return [each async for each in Audit(store.database).of_workspace(TEAM)]


async def newest(store: Store, count: int) -> list[tuple[str | None, Deed]]:
    """Give who did what in the last lines."""
    return [(each.by, each.deed) for each in await lines(store)][-count:]


def run_in(state: RunState) -> Way:
    return lambda store: store.run_in(state)


def cleanup_in(state: CleanupState) -> Way:
    return lambda store: store.cleanup_in(state)


async def run_resumed(store: Store) -> None:
    await store.runs.resume((await store.run_in(RunState.STOPPED)).id, BEN, NOW)


async def run_dropped(store: Store) -> None:
    await store.runs.drop((await store.run_in(RunState.STOPPED)).id, BEN, NOW)


async def run_that_blocks_stop(store: Store) -> None:
    await store.runs.stop((await store.run_in(RunState.VERIFYING)).id, StopReason.BLOCKED)


async def run_discarded(store: Store) -> None:
    await store.runs.discard((await store.run_in(RunState.FETCHING)).id)


async def scheduled_run(store: Store) -> None:
    connection = await store.connect()
    schedule, _ = await store.schedules.create(weekly(connection.id), NOW)
    run = await store.new_run(schedule_id=schedule.id, connection_id=connection.id)
    await store.subscribers.close_list(run.id, 200, NOW)
    await store.runs.start(run.id, ANN, NOW, by_itself=True)


async def schedule_removed(store: Store) -> None:
    schedule, _ = await store.schedules.create(weekly((await store.connect()).id), NOW)
    assert await store.schedules.remove(schedule.id, TEAM, BEN, NOW)


async def cleanup_resumed(store: Store) -> None:
    await store.decisions.resume((await store.cleanup_in(CleanupState.STOPPED)).id, BEN, NOW)


async def cleanup_dropped(store: Store) -> None:
    await store.decisions.drop((await store.cleanup_in(CleanupState.STOPPED)).id, BEN, NOW)


async def proof_dropped(store: Store) -> None:
    stopped = await store.cleanup_in(CleanupState.STOPPED, stopped_from=CleanupState.PROVING)
    await store.decisions.drop(stopped.id, BEN, NOW)


async def cleanup_given_up(store: Store) -> None:
    await store.decisions.give_up((await store.cleanup_in(CleanupState.STOPPED)).id, NOW)


async def cleanup_discarded(store: Store) -> None:
    await store.cleanups.discard((await store.cleanup_in(CleanupState.PREPARING)).id)


async def secret_replaced(store: Store) -> None:
    await store.connect()
    await store.connect(secret="kit_another")


async def credits_granted(store: Store) -> None:
    await store.workspaces.welcome(TEAM, NOW)
    await store.credits.grant(TEAM, 5, made_by=OPERATOR, note="for ann@example.com", now=NOW)


async def person_forgotten(store: Store) -> None:
    await store.cleanup_in(CleanupState.FINISHED)
    await store.forgetting.forget("reader1@letters0.example.com")


def weekly(connection_id: int) -> NewSchedule:
    return NewSchedule(
        workspace_id=TEAM,
        connection_id=connection_id,
        audience=EVERYBODY,
        cadence=Cadence.WEEKLY,
        day=0,
        hour=8,
        minute=0,
        timezone="Europe/Paris",
        channel_id="C0LISTS",
        created_by=ANN,
        request_key=fresh_key(),
    )


@pytest.mark.parametrize(
    ("way", "last"),
    [
        pytest.param(run_in(RunState.FETCHING), [(ANN, Deed.RUN_ASKED)], id="run-asked"),
        pytest.param(run_discarded, [(NOBODY, Deed.RUN_DISCARDED)], id="run-discarded"),
        pytest.param(run_in(RunState.VERIFYING), [(BEN, Deed.RUN_STARTED)], id="run-started"),
        pytest.param(run_in(RunState.CANCELLED), [(BEN, Deed.RUN_CANCELLED)], id="run-cancelled"),
        pytest.param(run_in(RunState.STOPPED), [(BEN, Deed.RUN_STOPPED)], id="run-stopped"),
        pytest.param(run_that_blocks_stop, [(NOBODY, Deed.RUN_STOPPED)], id="run-blocked"),
        pytest.param(run_resumed, [(BEN, Deed.RUN_RESUMED)], id="run-resumed"),
        pytest.param(run_dropped, [(BEN, Deed.RUN_DROPPED)], id="run-dropped"),
        pytest.param(run_in(RunState.FINISHED), [(NOBODY, Deed.RUN_FINISHED)], id="run-finished"),
        pytest.param(run_in(RunState.FAILED), [(NOBODY, Deed.RUN_FAILED)], id="run-failed"),
        pytest.param(
            scheduled_run,
            [(ANN, Deed.SCHEDULE_SAVED), (NOBODY, Deed.RUN_ASKED), (NOBODY, Deed.RUN_STARTED)],
            id="run-of-a-schedule",
        ),
        pytest.param(schedule_removed, [(BEN, Deed.SCHEDULE_REMOVED)], id="schedule-removed"),
        pytest.param(
            cleanup_in(CleanupState.AWAITING_APPROVAL),
            [(NOBODY, Deed.RUN_FINISHED), (ANN, Deed.CLEANUP_ASKED)],
            id="cleanup-asked",
        ),
        pytest.param(cleanup_discarded, [(NOBODY, Deed.CLEANUP_DISCARDED)], id="cleanup-discarded"),
        pytest.param(
            cleanup_in(CleanupState.EMPTY), [(NOBODY, Deed.CLEANUP_EMPTY)], id="cleanup-empty"
        ),
        pytest.param(
            cleanup_in(CleanupState.UNSUBSCRIBING),
            [(BEN, Deed.CLEANUP_APPROVED)],
            id="cleanup-approved",
        ),
        pytest.param(
            cleanup_in(CleanupState.REJECTED),
            [(BEN, Deed.CLEANUP_REJECTED)],
            id="cleanup-rejected",
        ),
        pytest.param(
            cleanup_in(CleanupState.EXPIRED),
            [(NOBODY, Deed.CLEANUP_EXPIRED)],
            id="cleanup-expired",
        ),
        pytest.param(
            cleanup_in(CleanupState.STOPPED), [(BEN, Deed.CLEANUP_STOPPED)], id="cleanup-stopped"
        ),
        pytest.param(cleanup_resumed, [(BEN, Deed.CLEANUP_RESUMED)], id="cleanup-resumed"),
        pytest.param(cleanup_dropped, [(BEN, Deed.CLEANUP_DROPPED)], id="cleanup-dropped"),
        pytest.param(
            proof_dropped,
            [(BEN, Deed.CLEANUP_DROPPED), (NOBODY, Deed.CLEANUP_FINISHED)],
            id="proof-dropped",
        ),
        pytest.param(cleanup_given_up, [(NOBODY, Deed.CLEANUP_FINISHED)], id="cleanup-given-up"),
        pytest.param(
            cleanup_in(CleanupState.FINISHED),
            [(NOBODY, Deed.CLEANUP_FINISHED)],
            id="cleanup-finished",
        ),
        pytest.param(
            lambda store: store.connect(),
            [(NOBODY, Deed.CREDITS_GRANTED), (ANN, Deed.CONNECTION_SAVED)],
            id="connected",
        ),
        pytest.param(secret_replaced, [(ANN, Deed.SECRET_REPLACED)], id="secret-replaced"),
        pytest.param(credits_granted, [(OPERATOR, Deed.CREDITS_GRANTED)], id="credits-granted"),
        pytest.param(person_forgotten, [(OPERATOR, Deed.PERSON_FORGOTTEN)], id="forgotten"),
    ],
)
async def test_the_audit_says_who_decided_it(
    way: Way, last: list[tuple[str | None, Deed]], store: Store
) -> None:
    await way(store)
    assert await newest(store, len(last)) == last


async def test_an_approval_names_the_exact_list(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    [entry] = [each for each in await lines(store) if each.deed is Deed.CLEANUP_APPROVED]
    assert (entry.run_id, entry.cleanup_id) == (cleanup.run_id, cleanup.id)
    assert entry.details == {"subscribers": 3, "digest": cleanup.digest}
    assert datetime.now(UTC) - entry.at < timedelta(minutes=5)


async def test_a_decision_that_came_too_late_leaves_no_line(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.REJECTED)
    before = await lines(store)
    with pytest.raises(AlreadyDecided):
        await store.decisions.approve(cleanup.id, ANN, NOW)
    assert not await store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    assert not await store.decisions.expire(cleanup.id, EXPIRES)
    assert await lines(store) == before


async def test_a_start_without_credits_leaves_no_line(store: Store) -> None:
    run = await store.quoted_run(WELCOME + 1)
    before = await lines(store)
    with pytest.raises(NotEnoughCredits):
        await store.runs.start(run.id, ANN, NOW)
    assert await lines(store) == before


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("UPDATE audit SET by = NULL", id="update"),
        pytest.param("DELETE FROM audit", id="delete"),
    ],
)
async def test_the_database_itself_refuses_to_change_the_audit(change: str, store: Store) -> None:
    await store.connect()
    before = await lines(store)
    with pytest.raises(IntegrityError, match="only appended to"):
        await store.sql(change)
    assert await lines(store) == before


async def test_the_audit_outlives_addresses_and_holds_none(store: Store) -> None:
    await person_forgotten(store)
    await credits_granted(store)
    before = await lines(store)
    await store.sql("UPDATE run SET delivered = true")
    await store.sql("UPDATE cleanup SET delivered = true")
    assert await store.retention.mark(NOW + timedelta(days=1), EXPIRES) == (1, 1)
    while await store.retention.delete_some():
        pass
    assert await lines(store) == before
    written = str(await store.sql("SELECT * FROM audit"))
    assert "@" not in written
    assert SECRET not in written


async def test_a_workspace_sees_its_own_lines(store: Store) -> None:
    await store.connect()
    before = await lines(store)
    await store.new_run(team="T0OTHERTEAM")
    assert await lines(store) == before
