"""A Cleanup moves from state to state once, and acts on exactly the list that was approved."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from types import MappingProxyType

import pytest

from storage.cleanups import NewCleanup
from storage.errors import AlreadyDecided
from storage.plans import PLAN_CATEGORIES, RECOMMENDED_PLAN, Plan, PlanRow, dump_plan, load_plan
from storage.records import Cleanup
from storage.states import Action, CleanupState, StopReason, UnsubscribeState
from tests.storage.stores import ANN, BEN, EXPIRES, LATER, NOW, TEAM, Store
from verification import Category, Reason

Move = Callable[[Store, Cleanup], Awaitable[object]]

EACH_CATEGORY = (
    Reason.ACCEPTED,
    Reason.NO_SUCH_MAILBOX,
    Reason.DISPOSABLE,
    Reason.ACCEPTS_ALL,
    Reason.TIMEOUT,
    Reason.MAILBOX_FULL,
)


async def prepare(store: Store, cleanup: Cleanup) -> bool:
    return cleanup.state is not await store.cleanups.prepare(cleanup.id, NOW)


async def discard(store: Store, cleanup: Cleanup) -> bool:
    await store.cleanups.discard(cleanup.id)
    return await store.cleanups.find(cleanup.id) is None


#: Each move: what it does, the states that it is allowed from, and the state that it leads to.
MOVES: dict[str, tuple[Move, set[CleanupState], CleanupState | None]] = {
    "prepare": (prepare, {CleanupState.PREPARING}, CleanupState.AWAITING_APPROVAL),
    "fail": (
        lambda store, it: store.cleanups.fail(it.id, "A reference.", LATER),
        {CleanupState.PREPARING},
        CleanupState.EMPTY,
    ),
    "discard": (discard, {CleanupState.PREPARING}, None),
    "approve": (
        lambda store, it: store.decisions.approve(it.id, BEN, LATER),
        {CleanupState.AWAITING_APPROVAL},
        CleanupState.UNSUBSCRIBING,
    ),
    "reject": (
        lambda store, it: store.decisions.reject(it.id, BEN, LATER),
        {CleanupState.AWAITING_APPROVAL},
        CleanupState.REJECTED,
    ),
    "expire": (
        lambda store, it: store.decisions.expire(it.id, EXPIRES),
        {CleanupState.AWAITING_APPROVAL},
        CleanupState.EXPIRED,
    ),
    "stop": (
        lambda store, it: store.decisions.stop(it.id, StopReason.BY_PERSON, by=BEN),
        {CleanupState.UNSUBSCRIBING, CleanupState.PROVING},
        CleanupState.STOPPED,
    ),
    "resume": (
        lambda store, it: store.decisions.resume(it.id, BEN, NOW),
        {CleanupState.STOPPED},
        CleanupState.UNSUBSCRIBING,
    ),
    "drop": (
        lambda store, it: store.decisions.drop(it.id, BEN, LATER),
        {CleanupState.STOPPED},
        CleanupState.PROVING,
    ),
    "begin_proof": (
        lambda store, it: store.cleanups.begin_proof(it.id, LATER),
        {CleanupState.UNSUBSCRIBING},
        CleanupState.PROVING,
    ),
    "finish": (
        lambda store, it: store.cleanups.finish(it.id, LATER),
        {CleanupState.PROVING},
        CleanupState.FINISHED,
    ),
}


@pytest.mark.parametrize("state", CleanupState)
async def test_each_move_is_made_from_its_own_states_only(
    state: CleanupState, store: Store
) -> None:
    for name, (move, allowed, target) in MOVES.items():
        before = await store.cleanup_in(state)
        try:
            moved = await move(store, before)
        except AlreadyDecided:
            moved = False
        after = await store.cleanups.find(before.id)
        if state in allowed:
            assert moved is not False, name
            assert (after.state if after else None) == target, name
        else:
            assert moved is False, name
            assert after == before, name


@pytest.mark.parametrize(
    ("state", "names"),
    [
        pytest.param(CleanupState.PREPARING, ["prepare"] * 4, id="prepare-by-four"),
        pytest.param(CleanupState.AWAITING_APPROVAL, ["approve"] * 4, id="approve-by-four"),
        pytest.param(
            CleanupState.AWAITING_APPROVAL, ["approve", "reject"] * 2, id="approve-and-reject"
        ),
        pytest.param(
            CleanupState.AWAITING_APPROVAL, ["approve", "expire"] * 2, id="approve-and-expire"
        ),
        pytest.param(CleanupState.UNSUBSCRIBING, ["stop"] * 4, id="stop-by-four"),
        pytest.param(CleanupState.STOPPED, ["resume"] * 4, id="resume-by-four"),
        pytest.param(CleanupState.STOPPED, ["resume", "drop"] * 2, id="resume-and-drop"),
        pytest.param(CleanupState.PROVING, ["stop", "finish"] * 2, id="stop-and-finish"),
    ],
)
async def test_of_clicks_at_the_same_moment_exactly_one_counts(
    state: CleanupState, names: list[str], stores: list[Store]
) -> None:
    cleanup = await stores[0].cleanup_in(state)
    ends = await asyncio.gather(
        *(MOVES[name][0](store, cleanup) for name, store in zip(names, stores, strict=True)),
        return_exceptions=True,
    )
    errors = [end for end in ends if isinstance(end, BaseException)]
    assert all(isinstance(error, AlreadyDecided) for error in errors), errors
    after = (await stores[0].cleanups.get(cleanup.id)).state
    won = {
        name
        for name, end in zip(names, ends, strict=True)
        if end is not False and end not in errors
    }
    assert {MOVES[name][2] for name in won} == {after}
    if state is not CleanupState.PREPARING:
        # The preparing of a list may be repeated: it is written down by the first.
        assert len(ends) - len(errors) - ends.count(False) == 1


async def test_a_list_prepared_by_several_is_written_down_once(stores: list[Store]) -> None:
    cleanup = await stores[0].cleanup_in(CleanupState.PREPARING)
    states = await asyncio.gather(*(each.cleanups.prepare(cleanup.id, NOW) for each in stores))
    assert set(states) == {CleanupState.AWAITING_APPROVAL}
    assert (await stores[0].cleanups.get(cleanup.id)).subscribers == 3


async def test_an_approval_after_expiry_is_too_late(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.AWAITING_APPROVAL)
    with pytest.raises(AlreadyDecided):
        await store.decisions.approve(cleanup.id, BEN, EXPIRES)
    with pytest.raises(AlreadyDecided):
        await store.decisions.reject(cleanup.id, BEN, EXPIRES)
    assert await store.cleanups.get(cleanup.id) == cleanup


async def test_a_request_does_not_expire_early(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.AWAITING_APPROVAL)
    assert not await store.decisions.expire(cleanup.id, EXPIRES - timedelta(microseconds=1))
    assert await store.cleanups.get(cleanup.id) == cleanup


async def test_a_decision_says_whose_and_when(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.AWAITING_APPROVAL)
    approved = await store.decisions.approve(cleanup.id, BEN, LATER)
    assert (approved.decided_by, approved.decided_at, approved.attempt) == (BEN, LATER, 1)


async def test_resume_goes_back_to_where_it_stopped(store: Store) -> None:
    proving = await store.cleanup_in(CleanupState.STOPPED, stopped_from=CleanupState.PROVING)
    assert (proving.stop_reason, proving.stopped_by) == (StopReason.BY_PERSON, BEN)
    resumed = await store.decisions.resume(proving.id, BEN, NOW)
    assert (resumed.state, resumed.attempt) == (CleanupState.PROVING, 2)
    assert (resumed.stop_reason, resumed.stopped_by, resumed.note) == (None, None, None)


async def test_dropping_leaves_the_untouched_alone_and_proves_the_rest(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    await store.unsubscribes.mark(cleanup.id, 1, UnsubscribeState.REQUESTED, now=NOW)
    await store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    dropped = await store.decisions.drop(cleanup.id, BEN, LATER)
    await store.cleanups.drop_pending(cleanup.id, LATER)
    assert (dropped.state, dropped.requested_at, dropped.attempt) == (
        CleanupState.PROVING,
        LATER,
        2,
    )
    assert await store.unsubscribes.ids(cleanup.id, UnsubscribeState.DROPPED) == (2, 3)
    assert await store.unsubscribes.ids(cleanup.id, UnsubscribeState.REQUESTED) == (1,)


async def test_dropping_leaves_it_to_the_proof_what_came_of_a_call_under_way(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    await store.unsubscribes.mark_trying(cleanup.id, 1, 1, NOW)
    await store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    await store.decisions.drop(cleanup.id, BEN, LATER)
    await store.cleanups.drop_pending(cleanup.id, LATER)
    assert await store.unsubscribes.ids(cleanup.id, UnsubscribeState.REQUESTED) == (1,)
    assert await store.unsubscribes.ids(cleanup.id, UnsubscribeState.DROPPED) == (2, 3)


async def test_what_hinders_a_cleanup_is_said_only_while_it_goes_on_by_itself(
    store: Store,
) -> None:
    running = await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    stopped = await store.cleanup_in(CleanupState.STOPPED)
    for each in (running, stopped):
        await store.cleanups.set_note(each.id, "ConvertKit does not answer.")
    assert (await store.cleanups.get(running.id)).note == "ConvertKit does not answer."
    assert (await store.cleanups.get(stopped.id)).note is None


async def test_dropping_in_the_middle_of_the_proof_ends_it(store: Store) -> None:
    stopped = await store.cleanup_in(CleanupState.STOPPED, stopped_from=CleanupState.PROVING)
    dropped = await store.decisions.drop(stopped.id, BEN, LATER)
    assert (dropped.state, dropped.finished_at) == (CleanupState.FINISHED, LATER)


async def test_whoever_is_not_confirmed_at_the_end_is_still_active(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.PROVING)
    for each, state in (
        (1, UnsubscribeState.REQUESTED),
        (2, UnsubscribeState.CONFIRMED),
        (3, UnsubscribeState.GONE),
    ):
        await store.unsubscribes.mark(cleanup.id, each, state, now=NOW)
    await store.cleanups.finish(cleanup.id, LATER)
    states = [each.state async for each in store.unsubscribes.stream(cleanup.id)]
    assert states == [
        UnsubscribeState.STILL_ACTIVE,
        UnsubscribeState.CONFIRMED,
        UnsubscribeState.GONE,
    ]


async def test_the_recommended_plan_chooses_invalid_and_disposable(store: Store) -> None:
    cleanup = await store.new_cleanup(await store.finished_run(EACH_CATEGORY))
    await store.cleanups.prepare(cleanup.id, NOW)
    chosen = [each.category async for each in store.unsubscribes.stream(cleanup.id)]
    assert chosen == [Category.INVALID, Category.DISPOSABLE]


@pytest.mark.parametrize("category", PLAN_CATEGORIES)
async def test_a_plan_chooses_what_is_enabled_and_unsubscribed(
    category: Category, store: Store
) -> None:
    rows = {
        each: PlanRow(enabled=True, action=Action.UNSUBSCRIBE if each is category else Action.KEEP)
        for each in PLAN_CATEGORIES
    }
    run = await store.finished_run(EACH_CATEGORY)
    cleanup = await store.new_cleanup(run, plan=Plan(MappingProxyType(rows)))
    await store.cleanups.prepare(cleanup.id, NOW)
    assert [each.category async for each in store.unsubscribes.stream(cleanup.id)] == [category]


async def test_a_plan_that_chooses_nobody_ends_empty(store: Store) -> None:
    rows = {each: PlanRow(enabled=False, action=Action.UNSUBSCRIBE) for each in PLAN_CATEGORIES}
    run = await store.finished_run(EACH_CATEGORY)
    cleanup = await store.new_cleanup(run, plan=Plan(MappingProxyType(rows)))
    assert await store.cleanups.prepare(cleanup.id, NOW) is CleanupState.EMPTY


def test_nothing_can_be_deleted() -> None:
    assert set(Action) == {Action.KEEP, Action.UNSUBSCRIBE}


def test_a_plan_comes_back_as_it_was_written() -> None:
    assert load_plan(dump_plan(RECOMMENDED_PLAN)) == RECOMMENDED_PLAN


@pytest.mark.parametrize(
    "tampering",
    [
        pytest.param(
            "UPDATE unsubscribe SET address = 'someone@example.com' WHERE subscriber_id = 2",
            id="an-address-changed",
        ),
        pytest.param(
            "UPDATE unsubscribe SET subscriber_id = 99 WHERE subscriber_id = 2", id="an-id-changed"
        ),
        pytest.param(
            "INSERT INTO unsubscribe (cleanup_id, subscriber_id, address, category, state)"
            " VALUES (1, 4, 'reader4@letters1.example.com', 'safe', 'pending')",
            id="a-row-added",
        ),
        pytest.param("DELETE FROM unsubscribe WHERE subscriber_id = 2", id="a-row-removed"),
    ],
)
async def test_a_list_that_was_tampered_with_is_noticed(tampering: str, store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    assert await store.cleanups.list_is_unchanged(cleanup.id)
    await store.sql(tampering)
    assert not await store.cleanups.list_is_unchanged(cleanup.id)


async def test_what_becomes_of_people_does_not_change_the_list(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.UNSUBSCRIBING)
    await store.unsubscribes.mark(cleanup.id, 1, UnsubscribeState.GONE, now=NOW, note="Gone.")
    assert await store.cleanups.list_is_unchanged(cleanup.id)


async def test_the_same_request_makes_one_cleanup(stores: list[Store]) -> None:
    run = await stores[0].finished_run(EACH_CATEGORY)
    new = NewCleanup(TEAM, run.id, RECOMMENDED_PLAN, ANN, "C0LISTS", "V1", EXPIRES)
    made = await asyncio.gather(*(each.cleanups.create(new, NOW) for each in stores))
    assert len({cleanup.id for cleanup, _ in made}) == 1
    assert sum(is_new for _, is_new in made) == 1


async def test_cleanups_are_listed_by_state_workspace_and_run(store: Store) -> None:
    first = await store.cleanup_in(CleanupState.REJECTED)
    second = await store.cleanup_in(CleanupState.REJECTED)
    await store.cleanup_in(CleanupState.PROVING)
    states = (CleanupState.REJECTED,)
    listed = await store.cleanups.in_states(states, workspace_id=TEAM)
    assert [each.id for each in listed] == [second.id, first.id]
    assert await store.cleanups.in_states(states, run_id=first.run_id) == (first,)
    assert await store.cleanups.in_states(states, workspace_id="T0OTHERTEAM") == ()


async def test_a_proof_is_undelivered_until_it_is_marked(store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.FINISHED)
    assert [each.id for each in await store.cleanups.undelivered()] == [cleanup.id]
    await store.cleanups.mark_delivered(cleanup.id)
    assert await store.cleanups.is_delivered(cleanup.id)
    assert await store.cleanups.undelivered() == ()


async def test_dropped_again_before_the_first_drop_was_worked_off_leaves_nobody_pending(
    store: Store,
) -> None:
    cleanup = await store.cleanup_in(CleanupState.STOPPED)
    await store.decisions.drop(cleanup.id, BEN, NOW)
    await store.decisions.stop(cleanup.id, StopReason.BY_PERSON, by=BEN)
    dropped = await store.decisions.drop(cleanup.id, BEN, NOW)
    assert dropped.state is CleanupState.FINISHED
    states = [each.state async for each in store.unsubscribes.stream(cleanup.id)]
    assert states == [UnsubscribeState.DROPPED] * 3
    report = await store.reports.cleanup(cleanup.id)
    assert report.by_state == {UnsubscribeState.DROPPED: 3}
