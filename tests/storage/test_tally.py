"""The tally in a Run's row is what counting its rows gives, whatever happened in which order."""

import json
import random
from collections import Counter
from datetime import timedelta

import pytest

from storage import tally
from storage.states import RunState, StopReason
from tests.storage.stores import ANN, BEN, NOW, ON_SQLITE, Store, readers
from verification import Category, Reason

WAIT = timedelta(minutes=5)
REASONS = tuple(reason for reason in Reason if reason is not Reason.PROBING_STOPPED)


async def counted(store: Store, run_id: int, *, dropped: bool) -> dict[str, int]:
    """Count the rows; whoever a dropped Run has not reached is Unknown."""
    rows = await store.sql(
        f"SELECT category, reason, role, suggestion FROM run_subscriber WHERE run_id = {run_id}"
    )
    names = ("category", "reason", "role", "suggestion")
    reached = [dict(zip(names, row, strict=True)) for row in rows if row[0] is not None]
    counts = tally.plus({}, tally.count(reached))
    return tally.plus(counts, tally.unreached(len(rows), counts)) if dropped else counts


async def kept(store: Store, run_id: int) -> dict[str, int]:
    [(found,)] = await store.sql(f"SELECT tally FROM run WHERE id = {run_id}")
    loaded: dict[str, int] = json.loads(found)
    return loaded


@ON_SQLITE
@pytest.mark.parametrize("seed", range(12))
async def test_the_tally_is_what_the_rows_say(seed: int, store: Store) -> None:
    chance = random.Random(seed)
    earlier = await store.finished_run(chance.choices(REASONS, k=8))
    run = await store.new_run()
    await store.subscribers.add_page(run.id, readers(20), (1, None), NOW)
    if chance.random() < 0.7:
        lives: dict[Category, timedelta] = {
            category: WAIT for category in Category if category is not Category.UNKNOWN
        }
        await store.reuse.take_over(run.id, lives, NOW)
        await store.reuse.take_over(run.id, lives, NOW)
    await store.subscribers.close_list(run.id, 3, NOW)
    await store.runs.start(run.id, ANN, NOW)
    attempt = 1
    for _ in range(chance.randint(2, 14)):
        match chance.choice(("settle", "settle", "settle", "again", "regroup", "resume")):
            case "settle" if open_ones := await store.subscribers.open_chunks(run.id):
                reasons = chance.choices((*REASONS, Reason.GREYLISTED, Reason.GREYLISTED), k=3)
                await store.settle_chunk(
                    run.id, attempt, chance.choice(open_ones), reasons, retry_after=WAIT
                )
            case "again":
                await store.settle_chunk(run.id, attempt, chance.randint(0, 6))
            case "regroup":
                await store.subscribers.regroup(run.id, 3, NOW)
            case "resume":
                await store.runs.stop(run.id, StopReason.BY_PERSON, by=BEN)
                attempt = (await store.runs.resume(run.id, BEN, NOW)).attempt
        assert await kept(store, run.id) == await counted(store, run.id, dropped=False)
    await store.runs.stop(run.id, StopReason.BY_PERSON, by=BEN)
    await store.runs.drop(run.id, BEN, NOW)
    assert await kept(store, run.id) == await counted(store, run.id, dropped=True)
    report = await store.reports.run(run.id)
    assert (report.run.state, report.verified) == (RunState.FINISHED, 20)
    assert Counter(report.counts).total() == 20
    assert (await store.reports.run(earlier.id)).verified == 8
