"""A Run moves from state to state once, whoever clicks and however many at a time."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from storage import audiences
from storage.errors import AlreadyDecided, NotEnoughCredits, StorageError
from storage.records import Audience, Run
from storage.runs import NewRun
from storage.states import AudienceKind, RunState, StopReason
from tests.storage.stores import ANN, BEN, EVERYBODY, LATER, NOW, TEAM, WELCOME, Store, readers
from verification import Category, Reason

Move = Callable[[Store, Run], Awaitable[object]]


async def discard(store: Store, run: Run) -> bool:
    await store.runs.discard(run.id)
    return await store.runs.find(run.id) is None


#: Each move: what it does, the states that it is allowed from, and the state that it leads to.
MOVES: dict[str, tuple[Move, set[RunState], RunState | None]] = {
    "fail": (
        lambda store, run: store.runs.fail(run.id, "ConvertKit does not answer.", LATER),
        {RunState.FETCHING},
        RunState.FAILED,
    ),
    "cancel": (
        lambda store, run: store.runs.cancel(run.id, BEN, LATER),
        {RunState.FETCHING, RunState.QUOTED},
        RunState.CANCELLED,
    ),
    "start": (
        lambda store, run: store.runs.start(run.id, BEN, LATER),
        {RunState.QUOTED},
        RunState.VERIFYING,
    ),
    "stop": (
        lambda store, run: store.runs.stop(run.id, StopReason.BY_PERSON, by=BEN),
        {RunState.VERIFYING},
        RunState.STOPPED,
    ),
    "resume": (
        lambda store, run: store.runs.resume(run.id, BEN, NOW),
        {RunState.STOPPED},
        RunState.VERIFYING,
    ),
    "finish": (
        lambda store, run: store.runs.finish(run.id, run.attempt, LATER),
        {RunState.VERIFYING},
        RunState.FINISHED,
    ),
    "drop": (
        lambda store, run: store.runs.drop(run.id, BEN, LATER),
        {RunState.STOPPED},
        RunState.FINISHED,
    ),
    "discard": (discard, {RunState.FETCHING}, None),
}


@pytest.mark.parametrize("state", RunState)
async def test_each_move_is_made_from_its_own_states_only(state: RunState, store: Store) -> None:
    for name, (move, allowed, target) in MOVES.items():
        before = await store.run_in(state)
        try:
            moved = await move(store, before)
        except AlreadyDecided:
            moved = False
        after = await store.runs.find(before.id)
        if state in allowed:
            assert moved is not False, name
            assert (after.state if after else None) == target, name
        else:
            assert moved is False, name
            assert after == before, name


@pytest.mark.parametrize(
    ("state", "names"),
    [
        pytest.param(RunState.QUOTED, ["start"] * 4, id="start-by-four"),
        pytest.param(RunState.QUOTED, ["start", "cancel"] * 2, id="start-and-cancel"),
        pytest.param(RunState.FETCHING, ["cancel", "fail"] * 2, id="cancel-and-fail"),
        pytest.param(RunState.VERIFYING, ["stop"] * 4, id="stop-by-four"),
        pytest.param(RunState.VERIFYING, ["finish"] * 4, id="finish-by-four"),
        pytest.param(RunState.VERIFYING, ["stop", "finish"] * 2, id="stop-and-finish"),
        pytest.param(RunState.STOPPED, ["resume"] * 4, id="resume-by-four"),
        pytest.param(RunState.STOPPED, ["resume", "drop"] * 2, id="resume-and-drop"),
    ],
)
async def test_of_clicks_at_the_same_moment_exactly_one_counts(
    state: RunState, names: list[str], stores: list[Store]
) -> None:
    run = await stores[0].run_in(state)
    ends = await asyncio.gather(
        *(MOVES[name][0](store, run) for name, store in zip(names, stores, strict=True)),
        return_exceptions=True,
    )
    won = [
        name
        for name, end in zip(names, ends, strict=True)
        if end is not False and not isinstance(end, StorageError)
    ]
    assert len(won) == 1, ends
    assert not [end for end in ends if isinstance(end, Exception) and not _is_decided(end)]
    assert (await stores[0].runs.get(run.id)).state is MOVES[won[0]][2]


def _is_decided(error: Exception) -> bool:
    return isinstance(error, AlreadyDecided)


async def test_the_same_request_makes_one_run(stores: list[Store]) -> None:
    connection = await stores[0].connect()
    new = NewRun(TEAM, connection.id, EVERYBODY, ANN, "C0LISTS", "V1")
    made = await asyncio.gather(*(each.runs.create(new, NOW) for each in stores))
    assert len({run.id for run, _ in made}) == 1
    assert sorted(is_new for _, is_new in made) == [False, False, False, True]


async def test_the_same_request_key_of_another_workspace_makes_another_run(store: Store) -> None:
    mine, theirs = await store.connect(), await store.connect(team="T0OTHERTEAM")
    first, _ = await store.runs.create(NewRun(TEAM, mine.id, EVERYBODY, ANN, "C1", "V1"), NOW)
    second, is_new = await store.runs.create(
        NewRun("T0OTHERTEAM", theirs.id, EVERYBODY, ANN, "C1", "V1"), NOW
    )
    assert is_new
    assert second.id != first.id


async def test_a_run_without_enough_credits_is_refused_with_the_numbers(store: Store) -> None:
    run = await store.quoted_run(WELCOME + 34)
    with pytest.raises(NotEnoughCredits, match="needs 234 credits and the balance is 200") as short:
        await store.runs.start(run.id, ANN, NOW)
    assert (short.value.needed, short.value.balance) == (234, 200)
    assert await store.runs.get(run.id) == run, "it stays quoted"
    assert await store.credits.balance(TEAM) == WELCOME


async def test_after_a_grant_the_same_quote_can_be_started(store: Store) -> None:
    run = await store.quoted_run(WELCOME + 34)
    with pytest.raises(NotEnoughCredits):
        await store.runs.start(run.id, ANN, NOW)
    await store.credits.grant(TEAM, 34, made_by=BEN, note=None, now=NOW)
    started = await store.runs.start(run.id, ANN, NOW)
    assert (started.state, started.attempt, started.decided_by) == (RunState.VERIFYING, 1, ANN)
    assert await store.credits.balance(TEAM) == 0


async def test_two_runs_started_at_once_cannot_spend_the_same_credits(stores: list[Store]) -> None:
    runs = [await stores[0].quoted_run(120) for _ in stores]
    ends = await asyncio.gather(
        *(s.runs.start(r.id, ANN, NOW) for s, r in zip(stores, runs, strict=True)),
        return_exceptions=True,
    )
    assert sum(isinstance(end, Run) for end in ends) == 1
    assert sum(isinstance(end, NotEnoughCredits) for end in ends) == 3
    assert await stores[0].credits.balance(TEAM) == WELCOME - 120


async def test_each_start_and_resume_is_an_attempt_of_its_own(store: Store) -> None:
    run = await store.quoted_run()
    assert (await store.runs.start(run.id, ANN, NOW)).attempt == 1
    await store.runs.stop(run.id, StopReason.BY_PERSON, by=BEN)
    resumed = await store.runs.resume(run.id, BEN, NOW)
    assert (resumed.attempt, resumed.stop_reason, resumed.note) == (2, None, None)
    assert not await store.runs.finish(run.id, 1, NOW), "the first attempt is over"
    assert await store.runs.finish(run.id, 2, NOW)


async def test_a_stopped_run_says_why_and_by_whom(store: Store) -> None:
    run = await store.run_in(RunState.VERIFYING)
    await store.runs.stop(run.id, StopReason.UNEXPECTED, by=BEN, note="A reference.")
    stopped = await store.runs.get(run.id)
    assert (stopped.stop_reason, stopped.decided_by) == (StopReason.UNEXPECTED, BEN)
    assert stopped.note == "A reference."


@pytest.mark.parametrize("state", RunState)
async def test_what_hinders_a_run_is_said_only_while_it_goes_on_by_itself(
    state: RunState, store: Store
) -> None:
    run = await store.run_in(state)
    await store.runs.set_note(run.id, "ConvertKit does not answer.")
    noted = (await store.runs.get(run.id)).note == "ConvertKit does not answer."
    assert noted is (state in (RunState.FETCHING, RunState.VERIFYING))
    await store.runs.set_note(run.id, None)
    assert (await store.runs.get(run.id)).note == run.note


async def test_dropping_makes_whoever_was_not_reached_unknown(store: Store) -> None:
    run = await store.quoted_run(5, chunk_size=2)
    await store.runs.start(run.id, ANN, NOW)
    addresses = await store.subscribers.chunk(run.id, 0)
    await store.settle_chunk(run.id, 1, 0, [Reason.ACCEPTED, Reason.NO_SUCH_MAILBOX])
    await store.runs.stop(run.id, StopReason.BY_PERSON, by=BEN)
    await store.runs.drop(run.id, BEN, LATER)
    verified = [each async for each in store.subscribers.stream(run.id)]
    reasons = {each.subscriber_id: each.verdict and each.verdict.reason for each in verified}
    assert {reasons[each] for each in addresses} == {Reason.ACCEPTED, Reason.NO_SUCH_MAILBOX}
    left = {each for each in reasons if each not in addresses}
    assert {reasons[each] for each in left} == {None}
    report = await store.reports.run(run.id)
    assert (report.counts[Category.UNKNOWN], report.unreached, report.not_asked) == (3, 3, 3)
    assert (report.verified, report.listable[Category.UNKNOWN]) == (5, 0)
    dropped = await store.runs.get(run.id)
    assert (dropped.state, dropped.finished_at) == (RunState.FINISHED, LATER)
    assert (dropped.stop_reason, dropped.decided_by) == (None, BEN)


async def test_a_run_that_was_shown_is_not_forgotten(store: Store) -> None:
    run = await store.new_run()
    await store.runs.set_message(run.id, "1.2")
    await store.runs.discard(run.id)
    assert (await store.runs.get(run.id)).message_ts == "1.2"


async def test_a_run_whose_list_is_being_read_is_not_forgotten(store: Store) -> None:
    run = await store.new_run()
    await store.subscribers.add_page(run.id, readers(1), (0, "next"), NOW)
    await store.runs.discard(run.id)
    assert await store.runs.find(run.id)


async def test_runs_are_listed_by_state_and_workspace_newest_first(store: Store) -> None:
    first, second = await store.quoted_run(), await store.quoted_run()
    other = await store.quoted_run(team="T0OTHERTEAM")
    await store.run_in(RunState.CANCELLED)
    quoted = await store.runs.in_states((RunState.QUOTED,))
    assert [run.id for run in quoted] == [other.id, second.id, first.id]
    mine = await store.runs.in_states((RunState.QUOTED, RunState.STOPPED), TEAM)
    assert [run.id for run in mine] == [second.id, first.id]


async def test_the_last_finished_run_is_the_one_that_ended_last(store: Store) -> None:
    assert await store.runs.last_finished(TEAM) is None
    first, second = await store.quoted_run(), await store.quoted_run()
    for run, end in ((first, LATER), (second, NOW)):
        await store.runs.start(run.id, ANN, NOW)
        await store.settle(run.id, 1)
        await store.runs.finish(run.id, 1, end)
    last = await store.runs.last_finished(TEAM)
    assert last
    assert last.id == first.id
    assert await store.runs.last_finished("T0OTHERTEAM") is None


async def test_results_are_undelivered_until_they_are_marked(store: Store) -> None:
    run = await store.run_in(RunState.FINISHED)
    await store.run_in(RunState.VERIFYING)
    assert [each.id for each in await store.runs.undelivered()] == [run.id]
    await store.runs.mark_delivered(run.id)
    assert await store.runs.is_delivered(run.id)
    assert await store.runs.undelivered() == ()


async def test_results_of_an_unfinished_run_cannot_be_marked_delivered(store: Store) -> None:
    run = await store.run_in(RunState.VERIFYING)
    await store.runs.mark_delivered(run.id)
    assert not await store.runs.is_delivered(run.id)


@pytest.mark.parametrize(
    "audience",
    [
        pytest.param(EVERYBODY, id="subscribers"),
        pytest.param(Audience(AudienceKind.TAGS, (7, 2**40), ("A", "Büch <!x>")), id="tags"),
        pytest.param(Audience(AudienceKind.FORMS, (1,), ("",)), id="forms"),
    ],
)
def test_an_audience_comes_back_as_it_was_written(audience: Audience) -> None:
    assert audiences.load(audiences.dump(audience)) == audience


async def test_duplicates_are_what_was_listed_more_than_once(store: Store) -> None:
    run = await store.new_run()
    await store.subscribers.add_page(run.id, readers(4), (0, "next"), NOW)
    await store.subscribers.add_page(run.id, readers(4, first=3), (1, None), NOW)
    found = await store.runs.get(run.id)
    assert (found.subscribers, found.duplicates) == (6, 2)
