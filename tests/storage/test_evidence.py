"""The newest verdict on an address is found for the workspace that has it, and for nobody else."""

from tests.storage.stores import ANN, NOW, TEAM, Store
from verification import Reason

ADDRESS = "reader1@letters0.example.com"


async def test_the_newest_verdict_is_found(store: Store) -> None:
    assert await store.evidence.newest(TEAM, ADDRESS) is None
    await store.finished_run([Reason.ACCEPTED])
    newer = await store.finished_run([Reason.NO_SUCH_MAILBOX])
    known = await store.evidence.newest(TEAM, ADDRESS)
    assert known
    assert (known.run_id, known.subscriber_id) == (newer.id, 1)
    assert known.verdict.reason is Reason.NO_SUCH_MAILBOX


async def test_an_address_without_a_verdict_yet_keeps_its_earlier_one(store: Store) -> None:
    older = await store.finished_run([Reason.ACCEPTED])
    running = await store.quoted_run(1)
    await store.runs.start(running.id, ANN, NOW)
    known = await store.evidence.newest(TEAM, ADDRESS)
    assert known
    assert known.run_id == older.id


async def test_another_workspace_finds_nothing(store: Store) -> None:
    await store.finished_run([Reason.ACCEPTED])
    await store.workspaces.welcome("T0OTHERTEAM", NOW)
    assert await store.evidence.newest("T0OTHERTEAM", ADDRESS) is None
