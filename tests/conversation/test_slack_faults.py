"""Slack on a bad day: slow, full, refreshed, archived; what was asked for still happens."""

import asyncio

import pytest

from sandbox.kit import Route
from sandbox.mail import Behaviour
from sandbox.mail.addresses import Address
from sandbox.people import FORMS, TAGS, People, Person, State
from sandbox.slack import Message, PostRate
from tests.conversation.conftest import Open
from tests.conversation.scene import Scene, figures, pick
from verification import Category

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _silent_run(scene: Scene) -> Message:
    """Start a run that goes on until somebody stops it."""
    scene.world.mail.add_domain("waitsforever.com", Behaviour.SILENT)
    first = pick(scene.world.people, {Category.SAFE: 1}).persons[0]
    truth = Address("nobody@waitsforever.com", Category.UNKNOWN, Category.UNKNOWN)
    silent = Person(
        first.id + 1, None, truth.address, State.ACTIVE, first.created_at, (), (), truth
    )
    await scene.connect(scene.new_account(people=People((first, silent), TAGS, FORMS)))
    message = await scene.quote()
    await scene.slack.person("owner").click(message, action_id="run_start")
    await scene.shows(message, "[Stop]")
    return message


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 429, "retry_after": 1}, id="429"),
        pytest.param({"status": 503}, id="503"),
        pytest.param({"is_lost": True}, id="lost-answer"),
        pytest.param({"delay": 1.0}, id="slow"),
    ],
)
async def test_a_message_is_updated_although_slack_stumbles(
    scene: Scene, fault: dict[str, int]
) -> None:
    scene.forgiven |= {"ratelimited", "503", "internal_error", "answer_lost"}
    message = await scene.request(await scene.finished_run())
    scene.slack.fail_next("chat.update", **fault)
    await scene.slack.person("owner").click(message, action_id="cleanup_approve")
    await scene.shows(message, "# Cleanup finished")
    assert len(scene.said()) == 2


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 429, "retry_after": 1}, id="429"),
        pytest.param({"status": 503}, id="503"),
        pytest.param({"delay": 1.5}, id="slow"),
    ],
)
async def test_a_quote_is_posted_although_slack_stumbles(
    scene: Scene, fault: dict[str, int]
) -> None:
    scene.forgiven |= {"ratelimited", "503", "internal_error"}
    await scene.connect()
    scene.slack.fail_next("chat.postMessage", **fault)
    await scene.quote()
    assert len(scene.said()) == 1


async def test_a_channel_that_takes_few_messages_gets_them_all(scene: Scene) -> None:
    scene.forgiven |= {"ratelimited"}
    scene.slack.post_rate = PostRate(per_second=1.0, burst=1)
    try:
        run = await scene.finished_run()
        message = await scene.request(run)
        await scene.slack.person("owner").click(message, action_id="cleanup_approve")
        await scene.shows(message, "# Cleanup finished")
        await scene.delivered(message)
    finally:
        scene.slack.post_rate = None
    assert figures(scene.slack.as_text(message))["Confirmed unsubscribed"] == 4


async def test_a_dialog_is_answered_in_time_although_slack_takes_no_message_for_long(
    scene: Scene,
) -> None:
    scene.forgiven |= {"ratelimited"}
    await scene.connect()
    view = await scene.fill_verify()
    scene.slack.fail_next("chat.postMessage", status=429, retry_after=5)
    submission = await scene.slack.person("owner").submit(view)
    assert submission.delivery is not None
    assert submission.delivery.is_acked
    assert submission.is_closed
    message = await scene.slack.until(lambda: next(iter(scene.said()), None), 20)
    await scene.shows(message, "[Start]")
    assert len(scene.said()) == 1


async def test_a_channel_that_turns_out_shut_after_the_dialog_closed_is_told_in_private(
    scene: Scene,
) -> None:
    scene.forgiven |= {"ratelimited", "not_in_channel", "not_found"}
    await scene.connect()
    view = await scene.fill_verify(channel="general")
    scene.slack.fail_next("chat.postMessage", status=429, retry_after=4)
    submission = await scene.slack.person("owner").submit(view)
    assert submission.is_closed
    scene.slack.kick_bot("general")
    try:
        direct = await scene.slack.until(lambda: next(iter(scene.direct("owner")), None), 10)
    finally:
        scene.slack.invite_bot("general")
    assert "/invite" in scene.slack.as_text(direct)
    await scene.slack.person("owner").slash("/verify", "status")
    await scene.slack.until(lambda: scene.told("owner"))
    assert scene.account.name not in scene.told("owner")[0], "nothing was kept"


async def test_a_cleanup_dialog_is_answered_in_time_although_slack_takes_no_message_for_long(
    scene: Scene,
) -> None:
    scene.forgiven |= {"ratelimited"}
    view = await scene.cleanup_dialog(await scene.finished_run())
    scene.slack.fail_next("chat.postMessage", status=429, retry_after=5)
    submission = await scene.slack.person("owner").submit(view)
    assert submission.delivery is not None
    assert submission.delivery.is_acked
    assert submission.view is None
    message = await scene.slack.until(lambda: next(iter(scene.said()[1:]), None), 20)
    await scene.shows(message, "[Approve]")


async def test_a_refreshed_connection_goes_unnoticed(scene: Scene) -> None:
    await scene.connect()
    await scene.slack.sockets.refresh()
    message = await scene.quote()
    await scene.slack.person("owner").click(message, action_id="run_start")
    await scene.slack.sockets.refresh()
    await scene.shows(message, "# Summary")


async def test_a_broken_connection_comes_back_and_work_goes_on_meanwhile(scene: Scene) -> None:
    message = await scene.request(await scene.finished_run())
    await scene.slack.person("owner").click(message, action_id="cleanup_approve")
    scene.slack.sockets.abort()
    await scene.shows(message, "# Cleanup finished")
    await scene.slack.connected(within=30)
    await scene.slack.person("owner").slash("/verify", "credits")
    await scene.hears("owner", "Balance")


async def test_a_progress_message_deleted_by_hand_is_posted_anew(scene: Scene) -> None:
    scene.forgiven |= {"message_not_found"}
    message = await _silent_run(scene)
    scene.slack.delete_message(message)
    owner = scene.slack.person("owner")
    await owner.slash("/verify", "status")
    await scene.hears("owner", scene.account.name)
    await owner.click(scene.slack.ephemerals("owner")[-1], action_id="run_stop")
    again = await scene.slack.until(lambda: next(iter(scene.said()), None))
    await scene.shows(again, "# Stopped")
    await owner.click(again, action_id="run_drop")
    await scene.shows(again, "# Summary")
    await scene.delivered(again)
    assert len(scene.said()) == 1


async def test_a_request_deleted_by_hand_is_posted_anew_when_asked_for_again(scene: Scene) -> None:
    scene.forgiven |= {"message_not_found"}
    run = await scene.finished_run()
    scene.slack.delete_message(await scene.request(run))
    owner = scene.slack.person("owner")
    submission = await owner.submit(await scene.cleanup_dialog(run))
    assert submission.view is not None
    assert "under way already" in scene.slack.as_text(submission.view)
    again = await scene.slack.until(lambda: next(iter(scene.said()[1:]), None))
    await scene.shows(again, "[Approve]")
    await owner.click(again, action_id="cleanup_approve")
    await scene.shows(again, "# Cleanup finished")
    assert len(scene.unsubscribed()) == 4


async def test_a_channel_archived_in_the_middle_is_told_to_whoever_asked(scene: Scene) -> None:
    scene.forgiven |= {"is_archived", "is_inactive"}
    message = await scene.request(await scene.finished_run(channel="general"))
    general = scene.slack.store.channel("general")
    scene.world.kit.before(Route.UNSUBSCRIBE, lambda: _archive(scene), skip=1)
    try:
        await scene.slack.person("owner").click(message, action_id="cleanup_approve")
        direct = await scene.slack.until(lambda: next(iter(scene.direct("owner")), None))
        text = scene.slack.as_text(direct)
        assert "#general: it is archived" in text
        assert "/verify status" in text
        await scene.slack.until(lambda: len(scene.unsubscribed()) == 4)
        assert len(scene.direct("owner")) == 1, "told once"
    finally:
        scene.slack.store.change_channel("general", is_archived=general.is_archived)


def _archive(scene: Scene) -> None:
    scene.slack.archive("general")


async def test_a_dialog_closed_while_tags_are_read_is_left_alone(scene: Scene) -> None:
    scene.forgiven |= {"not_found", "view_not_found"}
    await scene.connect()
    owner = scene.slack.person("owner")
    await owner.slash("/verify")
    view = await scene.dialog("owner", "verify")
    choice = asyncio.create_task(owner.choose(view, "audience", "tags"))
    await asyncio.sleep(0)
    await choice
    await owner.close(view)
    await asyncio.sleep(0.5)
    await owner.slash("/verify", "help")
    await scene.hears("owner", "/verify")


async def test_a_click_on_a_message_from_before_a_restart_still_works(open_own: Open) -> None:
    scene = await open_own()
    await scene.connect()
    message = await scene.quote()
    await scene.bot.kill()
    await scene.bot.start()
    await scene.slack.until(lambda: len(scene.slack.sockets.connections) == 1, 30)
    await scene.slack.person("owner").click(message, action_id="run_start")
    await scene.shows(message, "# Summary")
    request = await scene.request(message)
    await scene.bot.stop()
    await scene.bot.start()
    await scene.slack.until(lambda: len(scene.slack.sockets.connections) == 1, 30)
    await scene.slack.person("owner").click(request, action_id="cleanup_approve")
    await scene.shows(request, "# Cleanup finished")


async def test_a_click_while_the_bot_is_down_can_be_made_again(open_own: Open) -> None:
    scene = await open_own()
    await scene.connect()
    message = await scene.quote()
    await scene.bot.kill()
    await scene.slack.until(lambda: not scene.slack.sockets.connections)
    with pytest.raises(Exception, match="not responding"):
        await scene.slack.person("owner").click(message, action_id="run_start")
    await scene.bot.start()
    await scene.slack.connected()
    await scene.slack.person("owner").click(message, action_id="run_start")
    await scene.shows(message, "# Summary")


async def test_two_bots_on_one_data_folder_are_refused(open_own: Open) -> None:
    scene = await open_own()
    said = await asyncio.wait_for(scene.bot.ask("run"), 20)
    assert "Another bot is running" in said
    assert "Nothing was started" in said
