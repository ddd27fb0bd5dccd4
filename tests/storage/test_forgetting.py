"""One person goes from every list, in any letter case; who is being worked with does not."""

from array import array
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from convertkit import Subscriber, SubscriberState
from storage.errors import StillHeld
from storage.forgetting import Forgotten
from storage.known_verdicts import KnownVerdicts
from storage.states import CleanupState, RunState
from storage.tables import KnownVerdictRow, RunRow
from tests.storage.stores import ANN, NOW, ON_SQLITE, TEAM, Store, holding, readers
from verification import Category, Reason

FIRST = "reader1@letters0.example.com"
NOTHING = Forgotten(0, 0, 0, 0, 0)
OTHER_TEAM = "T0OTHERTEAM"


async def finished(store: Store, *people: Subscriber, team: str = TEAM) -> int:
    """Finish a Run of these people, who are all Invalid."""
    run = await store.quoted_run(people, team=team)
    await store.runs.start(run.id, ANN, NOW)
    await store.settle(run.id, 1, [Reason.NO_SUCH_MAILBOX] * len(people))
    await store.runs.finish(run.id, 1, NOW)
    return run.id


async def know(
    store: Store, run_id: int, address: str, team: str = TEAM, subscriber_id: int = 1
) -> None:
    """Keep a verdict for later Runs."""
    async with store.database.writing() as session:
        # It may be known since the Run's end.
        await session.merge(
            KnownVerdictRow(
                workspace_id=team,
                address_key=store.keys.of(address),
                category=Category.INVALID,
                reason=Reason.NO_SUCH_MAILBOX,
                decided_at=NOW,
                run_id=run_id,
                subscriber_id=subscriber_id,
            )
        )


async def purge(store: Store) -> None:
    """Let the day come on which the addresses of all that ended are deleted."""
    await store.retention.mark(NOW, NOW + timedelta(days=15))
    while await store.retention.delete_some():
        pass


async def addresses(store: Store) -> list[str]:
    found = await store.sql(
        "SELECT address FROM run_subscriber UNION ALL SELECT address FROM unsubscribe ORDER BY 1"
    )
    return [address for (address,) in found]


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(FIRST, id="as-it-is"),
        pytest.param(FIRST.upper(), id="upper-case"),
        pytest.param("Reader1@Letters0.example.com", id="mixed"),
    ],
)
async def test_a_person_goes_from_every_list(typed: str, store: Store) -> None:
    cleanup = await store.cleanup_in(CleanupState.FINISHED)
    before = await addresses(store)
    await know(store, cleanup.run_id, FIRST)
    await know(store, cleanup.run_id, "reader2@letters0.example.com", subscriber_id=2)
    assert await store.forgetting.forget(typed) == Forgotten(1, 1, 1, 1, 1)
    assert await addresses(store) == [each for each in before if each != FIRST]
    assert await store.sql("SELECT count(*) FROM known_verdict") == [(3,)]
    assert await store.forgetting.forget(typed) == NOTHING


async def test_a_name_beyond_ascii_is_found_in_any_letter_case(store: Store) -> None:
    [reader] = readers(1)
    await finished(store, replace(reader, email="zoë@letters.example.com"))
    assert (await store.forgetting.forget("ZOË@letters.example.com")).results == 1


async def test_a_person_goes_from_every_workspace(store: Store) -> None:
    people = readers(2)
    for team in (TEAM, OTHER_TEAM):
        await know(store, await finished(store, *people, team=team), FIRST, team)
    assert await store.forgetting.forget(FIRST) == Forgotten(2, 2, 0, 0, 2)


async def test_an_earlier_address_of_the_same_person_goes_too(store: Store) -> None:
    [reader] = readers(1)
    earlier = replace(reader, email="before@letters.example.com")
    await know(store, await finished(store, earlier), earlier.email)
    await finished(store, reader)
    assert await store.forgetting.forget(FIRST) == Forgotten(2, 2, 0, 0, 1)
    assert await addresses(store) == []


async def test_a_verdict_of_a_purged_run_goes_by_its_address(store: Store) -> None:
    run_id = await finished(store, *readers(2))
    await store.known.remember(run_id)
    await purge(store)
    assert await store.forgetting.forget(FIRST.upper()) == Forgotten(0, 0, 0, 0, 1)
    assert await store.sql("SELECT count(*) FROM known_verdict") == [(1,)]


async def test_the_same_id_in_another_account_is_another_person(store: Store) -> None:
    await finished(store, *readers(1))
    other = Subscriber(1, "other@letters.example.com", SubscriberState.ACTIVE)
    await finished(store, other, team=OTHER_TEAM)
    assert (await store.forgetting.forget(FIRST)).results == 1
    assert await addresses(store) == ["other@letters.example.com"]


async def test_counts_and_credits_stay(store: Store) -> None:
    run_id = await finished(store, *readers(3))
    before = await store.credits.entries(TEAM, 10)
    await store.forgetting.forget(FIRST)
    assert (await store.runs.get(run_id)).subscribers == 3
    assert await store.credits.entries(TEAM, 10) == before


@pytest.mark.parametrize(
    ("state", "words"),
    [
        pytest.param(RunState.FETCHING, "press Cancel", id="fetching"),
        pytest.param(RunState.QUOTED, "waits for Start", id="quoted"),
        pytest.param(RunState.VERIFYING, "press Stop and then Drop", id="verifying"),
        pytest.param(RunState.STOPPED, "press Drop", id="stopped"),
    ],
)
async def test_who_is_on_an_open_run_stays(state: RunState, words: str, store: Store) -> None:
    await finished(store, *readers(2))
    run = await store.run_in(state)
    if state is RunState.FETCHING:
        await store.subscribers.add_page(run.id, readers(2), (0, "next"), NOW)
    before = await addresses(store)
    with pytest.raises(StillHeld, match=f"Nothing was removed. Run {run.id} in {TEAM} .*{words}"):
        await store.forgetting.forget(FIRST)
    assert await addresses(store) == before


@pytest.mark.parametrize(
    ("state", "words"),
    [
        pytest.param(CleanupState.PREPARING, "writing its list down", id="preparing"),
        pytest.param(CleanupState.AWAITING_APPROVAL, "press Reject", id="awaiting"),
        pytest.param(CleanupState.UNSUBSCRIBING, "press Stop and then Drop", id="unsubscribing"),
        pytest.param(CleanupState.PROVING, "read back", id="proving"),
        pytest.param(CleanupState.STOPPED, "press Drop", id="stopped"),
    ],
)
async def test_who_is_on_an_open_cleanup_stays(
    state: CleanupState, words: str, store: Store
) -> None:
    cleanup = await store.cleanup_in(state)
    before = await addresses(store)
    with pytest.raises(StillHeld, match=f"Nothing was removed. Cleanup {cleanup.id} .*{words}"):
        await store.forgetting.forget(FIRST)
    assert await addresses(store) == before


async def test_who_is_safe_goes_although_others_of_the_run_wait_for_approval(store: Store) -> None:
    await store.cleanup_in(CleanupState.AWAITING_APPROVAL)
    assert await store.forgetting.forget("reader4@letters1.example.com") == Forgotten(1, 1, 0, 0, 1)


async def test_the_refusal_does_not_name_the_address(store: Store) -> None:
    await store.run_in(RunState.QUOTED)
    with pytest.raises(StillHeld) as refused:
        await store.forgetting.forget(FIRST)
    assert "@" not in str(refused.value)


@ON_SQLITE
async def test_no_file_holds_the_address_any_more(store: Store, file: Path) -> None:
    await store.cleanup_in(CleanupState.FINISHED)
    assert holding(file, FIRST)
    await store.forgetting.forget(FIRST)
    assert holding(file, FIRST) == []
    assert holding(file, "reader2@letters0.example.com")


async def test_who_is_forgotten_while_a_run_is_remembered_stays_forgotten(store: Store) -> None:
    """A Run that was dropped is remembered only when its results are delivered."""

    class Forgetful(KnownVerdicts):
        async def _rows(self, run: RunRow, ids: "array[int]") -> list[dict[str, Any]]:
            rows = await super()._rows(run, ids)
            assert (await store.forgetting.forget(FIRST)).results == 1
            return rows

    run_id = await finished(store, *readers(2))
    await Forgetful(store.database, store.keys).remember(run_id)
    assert await store.sql("SELECT subscriber_id FROM known_verdict") == [(2,)]
