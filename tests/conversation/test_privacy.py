"""Who sees full addresses and secrets: nobody but the one whom they are for."""

import csv
import io
import stat

import pytest

from sandbox.slack import File, Message
from tests.conversation.conftest import Open
from tests.conversation.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")


def _lines(file: File) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((file.content or b"").decode("utf-8-sig"))))


async def _private_file(scene: Scene, user: str, message: Message, button: str) -> File:
    before = len(scene.direct(user))
    await scene.slack.person(user).click(message, action_id=button)
    shared = await scene.slack.until(
        lambda: next((m for m in scene.direct(user)[before:] if m.files), None)
    )
    return scene.slack.files_of(shared)[0]


async def test_files_in_threads_are_masked_and_full_ones_go_to_whoever_asked(scene: Scene) -> None:
    run = await scene.finished_run()
    reply = await scene.delivered(run)
    shared = _lines(scene.slack.files_of(reply)[0])
    addresses = {s.id: s.facts.address for s in scene.account.subscribers}
    assert {int(line["subscriber_id"]) for line in shared} == set(addresses)
    for line in shared:
        local, at, domain = addresses[int(line["subscriber_id"])].rpartition("@")
        assert line["address"] == f"{local[:1]}***{at}{domain}"
        assert line["link"] == f"https://app.kit.com/subscribers/{line['subscriber_id']}"
    private = _lines(await _private_file(scene, "owner", run, "run_csv"))
    assert {int(line["subscriber_id"]): line["address"] for line in private} == addresses
    assert "full addresses" in scene.slack.as_text(scene.direct("owner")[0])


async def test_the_full_file_of_a_run_is_refused_to_others(scene: Scene) -> None:
    run = await scene.finished_run()
    await scene.slack.person("newcomer").click(run, action_id="run_csv")
    text = await scene.hears("newcomer", "Nothing was sent")
    assert "@owner" in text
    assert scene.direct("newcomer") == []


async def test_whoever_decided_may_have_the_full_file_too(scene: Scene) -> None:
    await scene.connect()
    run = await scene.quote()
    await scene.slack.person("colleague").click(run, action_id="run_start")
    await scene.shows(run, "# Summary")
    assert len(_lines(await _private_file(scene, "colleague", run, "run_csv"))) == 10


async def test_the_proof_goes_to_the_thread_masked_and_in_full_to_two_people(scene: Scene) -> None:
    message = await scene.approved()
    await scene.shows(message, "# Cleanup finished")
    reply = await scene.delivered(message)
    assert "@owner" in scene.slack.as_text(reply)
    assert "@colleague" in scene.slack.as_text(reply)
    shared = _lines(scene.slack.files_of(reply)[0])
    assert [line["state"] for line in shared] == ["Confirmed unsubscribed"] * 4
    assert all("***" in line["address"] for line in shared)
    addresses = {s.id: s.facts.address for s in scene.account.subscribers}
    for user in ("owner", "colleague"):
        for line in _lines(await _private_file(scene, user, message, "cleanup_csv")):
            assert line["address"] == addresses[int(line["subscriber_id"])]
    await scene.slack.person("newcomer").click(message, action_id="cleanup_csv")
    await scene.hears("newcomer", "Nothing was sent")


async def test_addresses_that_a_spreadsheet_would_run_are_quoted(scene: Scene) -> None:
    formula = next(p for p in scene.world.people.active if p.address.startswith("=1+1"))
    people = type(scene.world.people)((formula,), scene.world.people.tags)
    run = await scene.finished_run(scene.new_account(people=people))
    line = _lines(await _private_file(scene, "owner", run, "run_csv"))[0]
    assert line["address"] == f"'{formula.address}"


async def test_no_secret_is_stored_in_the_clear_and_the_key_is_the_operators(
    open_own: Open,
) -> None:
    scene = await open_own()
    account = await scene.connect()
    secret = account.keys.v4[0].encode()
    await scene.bot.stop()
    files = [path for path in scene.data.rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if secret in path.read_bytes()] == []
    key = scene.data / "key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


async def test_nothing_private_is_logged_at_debug_either(open_own: Open) -> None:
    scene = await open_own(LOG_LEVEL="DEBUG")
    account = scene.new_account()
    assert (await scene.try_secret(account.keys.v3_key)).errors
    message = await scene.approved(account)
    await scene.shows(message, "# Cleanup finished")
    await scene.delivered(message)
    await _private_file(scene, "owner", message, "cleanup_csv")
    assert "DEBUG" in scene.bot.logged()
