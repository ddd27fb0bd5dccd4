"""From the Cleanup dialog to the proof: exactly the approved list, once, and told as it was."""

import asyncio
import csv
import io
from datetime import UTC, datetime

import pytest

from convertkit import FOR_JOB
from sandbox.kit import Fault, Route
from sandbox.people import FORMS, TAGS, People, State
from sandbox.slack import Message, NotDrawn, View
from tests.conversation.conftest import Open
from tests.conversation.scene import Scene, figures, hurried_updates
from verification import Category

pytestmark = pytest.mark.asyncio(loop_scope="module")

BAD = (Category.INVALID, Category.DISPOSABLE)
#: Enough of them that something can happen in the middle.
MANY = {Category.SAFE: 3, Category.INVALID: 12, Category.DISPOSABLE: 4, Category.RISKY: 1}


def _check_exactly_the_approved(scene: Scene) -> None:
    """Check that each of them was unsubscribed, nobody twice, and nobody else."""
    called = scene.unsubscribed()
    assert sorted(called) == sorted(set(called)), "nobody twice"
    assert set(called) == scene.ids(*BAD)
    for subscriber in scene.account.subscribers:
        expected = State.CANCELLED if subscriber.id in called else State.ACTIVE
        assert subscriber.facts.state is expected


@pytest.mark.parametrize("version", ["v3", "v4"])
async def test_exactly_the_approved_are_unsubscribed_and_proven(scene: Scene, version: str) -> None:
    account = scene.new_account()
    secret = account.keys.v3_secret if version == "v3" else account.keys.v4[0]
    await scene.connect(account, secret=secret)
    run = await scene.quote()
    await scene.slack.person("owner").click(run, action_id="run_start")
    await scene.shows(run, "# Summary")
    message = await scene.request(run)
    text = scene.slack.as_text(message)
    assert "@owner asks to unsubscribe 4 subscribers: 40.0 % of the 10" in text
    assert "3: Unsubscribe" in text
    assert "1: Unsubscribe" in text
    assert "This cannot be undone" in text
    assert scene.unsubscribed() == []
    press = await scene.slack.person("colleague").click(message, action_id="cleanup_approve")
    assert press.confirm is not None
    assert press.confirm.title == "Unsubscribe 4 subscribers?"
    assert "3 Invalid and 1 Disposable" in press.confirm.text
    text = await scene.shows(message, "# Cleanup finished")
    shown = figures(text)
    assert shown["Confirmed unsubscribed"] == 4
    assert shown["Already cancelled before"] == shown["No longer in ConvertKit"] == 0
    assert shown["Still subscribed"] == shown["Refused by ConvertKit"] == 0
    assert "Approved by @colleague" in text
    _check_exactly_the_approved(scene)
    assert {call.version for call in account.unsubscribes} == {version}
    await scene.delivered(message)


async def test_the_dialog_opens_with_the_recommended_plan_and_no_delete(scene: Scene) -> None:
    run = await scene.finished_run()
    view = await scene.cleanup_dialog(run)
    text = scene.slack.as_text(view)
    assert "ConvertKit only supports unsubscribe" in text
    assert "keep their tags and history" in text
    assert "Delete unavailable on ConvertKit" in text
    assert text.count("[x] Enabled <Unsubscribe>") == 2
    assert text.count("[ ] Enabled <Keep>") == 3
    for label, count in (("Invalid", 3), ("Disposable", 1), ("Catch-all", 1), ("Unknown", 1)):
        assert f"{label}: {count}" in text
    offered = {
        option["text"]["text"]
        for block in view.blocks
        for element in block.get("elements", [block.get("accessory") or {}])
        for option in element.get("options", [])
    }
    assert "Unsubscribe" in offered
    assert not any("delete" in each.lower() for each in offered)


async def test_use_recommended_settings_brings_the_plan_back(scene: Scene) -> None:
    run = await scene.finished_run()
    owner = scene.slack.person("owner")
    view = await scene.cleanup_dialog(run)
    fresh = scene.slack.as_text(view)
    for block in [b for b in view.blocks if "plan_enabled" in str(b)]:
        if "initial_options" in str(block):
            await _choose(scene, view, "plan_enabled", block_id=block["block_id"])
    assert "[x]" not in scene.slack.as_text(view)
    submission = await owner.submit(view)
    assert submission.view is not None
    assert "nobody would be unsubscribed" in scene.slack.as_text(submission.view)
    await owner.close(submission.view)
    await owner.click(view, action_id="plan_recommended")
    await scene.slack.until(lambda: scene.slack.as_text(view) == fresh)


async def test_a_plan_of_ones_own_unsubscribes_what_it_says(scene: Scene) -> None:
    run = await scene.finished_run()
    owner = scene.slack.person("owner")
    view = await scene.cleanup_dialog(run)
    enabled = [b["block_id"] for b in view.blocks if "plan_enabled" in str(b)]
    actions = [b["block_id"] for b in view.blocks if "plan_action" in str(b)]
    # The rows stand in the order Invalid, Disposable, Catch-all, Unknown, Risky.
    await _choose(scene, view, "plan_enabled", block_id=enabled[0])
    await _choose(scene, view, "plan_action", "unsubscribe", block_id=actions[4])
    option = _only_option(view.blocks, enabled[4])
    await _choose(scene, view, "plan_enabled", option, block_id=enabled[4])
    await scene.slack.until(lambda: "unsubscribe 2 subscribers" in scene.slack.as_text(view))
    await owner.submit(view)
    message = await scene.slack.until(lambda: next(iter(scene.said()[1:]), None))
    await scene.shows(message, "[Approve]")
    await owner.click(message, action_id="cleanup_approve")
    await scene.shows(message, "# Cleanup finished")
    assert set(scene.unsubscribed()) == scene.ids(Category.DISPOSABLE, Category.RISKY)


async def _choose(scene: Scene, view: View, action_id: str, *wanted: str, block_id: str) -> None:
    """Choose, and wait for the dialog to show what that means."""
    before = view.hash
    await scene.slack.person(view.user).choose(view, action_id, *wanted, block_id=block_id)
    await scene.slack.until(lambda: view.hash != before)


def _only_option(blocks: list[dict[str, object]], block_id: str) -> str:
    block = next(b for b in blocks if b["block_id"] == block_id)
    elements = block.get("elements") or [block.get("element") or block.get("accessory")]
    assert isinstance(elements, list)
    found = next(e for e in elements if e["action_id"] == "plan_enabled")
    return str(found["options"][0]["value"])


async def test_cleanup_without_a_word_opens_the_run_that_finished_last(scene: Scene) -> None:
    await scene.finished_run(scene.new_account(name="Finished last"))
    await scene.slack.person("owner").slash("/cleanup")
    view = await scene.dialog("owner", "cleanup")
    assert "Finished last" in scene.slack.as_text(view)


async def test_a_dialog_submitted_twice_asks_once(scene: Scene) -> None:
    run = await scene.finished_run()
    view = await scene.cleanup_dialog(run)
    scene.slack.deliver_next_twice()
    await scene.slack.person("owner").submit(view)
    message = await scene.slack.until(lambda: next(iter(scene.said()[1:]), None))
    await scene.shows(message, "[Approve]")
    await asyncio.sleep(0.3)
    assert len(scene.said()) == 2
    assert scene.slack.open_view("owner") is None


async def test_a_second_request_for_a_run_is_refused_while_the_first_waits(scene: Scene) -> None:
    run = await scene.finished_run()
    await scene.request(run)
    view = await scene.cleanup_dialog(run, user="colleague")
    submission = await scene.slack.person("colleague").submit(view)
    assert submission.view is not None
    assert "under way already" in scene.slack.as_text(submission.view)
    assert len(scene.said()) == 2


async def test_approve_by_two_people_at_once_counts_once(scene: Scene) -> None:
    message = await scene.request(await scene.finished_run())
    owner, colleague = scene.slack.person("owner"), scene.slack.person("colleague")
    await asyncio.gather(
        owner.click(message, action_id="cleanup_approve"),
        colleague.click(message, action_id="cleanup_approve"),
    )
    text = await scene.shows(message, "# Cleanup finished")
    told = await scene.slack.until(lambda: [*scene.told("owner"), *scene.told("colleague")])
    assert len(told) == 1
    winner = "colleague" if scene.told("owner") else "owner"
    assert f"Approved by @{winner}" in text
    assert f"@{winner} approved this cleanup" in told[0]
    assert "Your click changed nothing" in told[0]
    _check_exactly_the_approved(scene)


async def test_approve_delivered_twice_counts_once(scene: Scene) -> None:
    message = await scene.request(await scene.finished_run())
    scene.slack.deliver_next_twice()
    await scene.slack.person("owner").click(message, action_id="cleanup_approve")
    await scene.shows(message, "# Cleanup finished")
    _check_exactly_the_approved(scene)
    assert len(scene.said()) == 2


async def test_approve_can_be_thought_better_of(scene: Scene) -> None:
    message = await scene.request(await scene.finished_run())
    press = await scene.slack.person("owner").click(
        message, action_id="cleanup_approve", accept=False
    )
    assert press.delivery is None
    await asyncio.sleep(0.3)
    assert "[Approve]" in scene.slack.as_text(message)
    assert scene.unsubscribed() == []


async def test_reject_touches_nobody_and_lets_one_ask_again(scene: Scene) -> None:
    run = await scene.finished_run()
    message = await scene.request(run)
    press = await scene.slack.person("colleague").click(message, action_id="cleanup_reject")
    assert press.confirm is not None
    text = await scene.shows(message, "@colleague rejected the cleanup")
    assert "[Approve]" not in text
    assert scene.unsubscribed() == []
    again = await scene.request(run)
    await scene.slack.person("owner").click(again, action_id="cleanup_approve")
    await scene.shows(again, "# Cleanup finished")
    _check_exactly_the_approved(scene)


async def test_approve_and_reject_at_once_have_one_winner(scene: Scene) -> None:
    message = await scene.request(await scene.finished_run())
    await asyncio.gather(
        scene.slack.person("owner").click(message, action_id="cleanup_approve"),
        scene.slack.person("colleague").click(message, action_id="cleanup_reject"),
    )
    told = await scene.slack.until(lambda: [*scene.told("owner"), *scene.told("colleague")])
    assert len(told) == 1
    if scene.told("owner"):
        assert "@colleague rejected this cleanup" in told[0]
        assert scene.unsubscribed() == []
    else:
        assert "@owner approved this cleanup" in told[0]
        await scene.shows(message, "# Cleanup finished")


async def test_a_request_expires_and_nobody_is_unsubscribed(open_own: Open) -> None:
    # Long enough to see the request before it expires, on a busy machine too.
    scene = await open_own(APPROVAL_EXPIRES_SECONDS="6")
    run = await scene.finished_run()
    message = await scene.request(run)
    text = await scene.shows(message, "expired")
    assert "Nobody was unsubscribed" in text
    with pytest.raises(NotDrawn):
        await scene.slack.person("owner").click(message, action_id="cleanup_approve")
    # Slack shows Approve still to somebody whose message was not updated.
    scene.forgiven |= {"internal_error"}
    late = await scene.request(run)
    scene.slack.fail_next("chat.update", error="internal_error", times=1)
    await asyncio.sleep(7)
    await scene.slack.person("owner").click(late, action_id="cleanup_approve")
    assert "expired" in await scene.hears("owner", "Your click changed nothing")
    await scene.shows(late, "expired")
    assert scene.unsubscribed() == []


async def test_each_is_looked_at_again_just_before(scene: Scene) -> None:
    message = await scene.request(await scene.finished_run())
    gone, moved, left, last = sorted(scene.ids(*BAD))
    kit, account = scene.world.kit, scene.account
    kit.vanish(gone, account)
    kit.change_address(moved, "moved-on@plainhost.net", account)
    kit.unsubscribe_by_hand(left, account)
    await scene.slack.person("owner").click(message, action_id="cleanup_approve")
    text = await scene.shows(message, "# Cleanup finished")
    shown = figures(text)
    assert shown["Confirmed unsubscribed"] == 1
    assert shown["Already cancelled before"] == 1
    assert shown["No longer in ConvertKit"] == 1
    assert shown["Left alone"] == 1
    assert scene.unsubscribed() == [last]


async def test_who_is_not_confirmed_is_read_again_and_named_in_the_end(scene: Scene) -> None:
    message = await scene.request(await scene.finished_run())
    stubborn, *_ = sorted(scene.ids(*BAD))
    scene.world.kit.ignore_unsubscribes(stubborn, account=scene.account)
    await scene.slack.person("owner").click(message, action_id="cleanup_approve")
    text = await scene.shows(message, "# Waiting for ConvertKit to confirm")
    assert "to be read again" in text
    text = await scene.shows(message, "# Cleanup finished")
    assert figures(text)["Confirmed unsubscribed"] == 3
    assert figures(text)["Still subscribed"] == 1
    assert "Contact ConvertKit support" in text
    readings = [r for r in scene.world.kit.requests if r.path.endswith(f"/subscribers/{stubborn}")]
    # Once just before the call, then at once, and after each of the two delays.
    assert len([r for r in readings if r.account == scene.account.name]) == 4


async def test_a_convertkit_that_fails_in_the_middle_is_waited_for(scene: Scene) -> None:
    message = await scene.request(await scene.finished_run())
    account = scene.account
    kit = scene.world.kit
    kit.trouble(Fault.SERVER_ERROR, route=Route.UNSUBSCRIBE, account=account.id, skip=1)
    kit.trouble(Fault.RESET, route=Route.SUBSCRIBER, account=account.id, skip=3)
    await scene.slack.person("owner").click(message, action_id="cleanup_approve")
    text = await scene.shows(message, "# Cleanup finished", within=30)
    assert figures(text)["Confirmed unsubscribed"] == 4
    _check_exactly_the_approved(scene)


async def test_a_lost_answer_unsubscribes_nobody_twice_in_effect(scene: Scene) -> None:
    message = await scene.request(await scene.finished_run())
    scene.world.kit.trouble(
        Fault.RESET, route=Route.UNSUBSCRIBE, account=scene.account.id, skip=1, acts=True
    )
    await scene.slack.person("owner").click(message, action_id="cleanup_approve")
    text = await scene.shows(message, "# Cleanup finished", within=30)
    assert figures(text)["Confirmed unsubscribed"] == 4
    assert set(scene.unsubscribed()) == scene.ids(*BAD)


async def test_a_secret_revoked_in_the_middle_stops_and_a_new_one_finishes_it(
    scene: Scene,
) -> None:
    account = scene.new_account(MANY)
    message = await scene.request(await scene.finished_run(account))
    kit = scene.world.kit
    kit.before(Route.UNSUBSCRIBE, lambda: kit.revoke(account), skip=5)
    owner = scene.slack.person("owner")
    await owner.click(message, action_id="cleanup_approve")
    text = await scene.shows(message, "# Cleanup stopped")
    assert "ConvertKit no longer accepts the saved secret" in text
    assert "5 of 16" in text
    assert "[Replace the secret] [Resume] [Drop]" in text
    assert len(scene.unsubscribed()) == 5
    newer = kit.add_v4_key(account)
    assert (await scene.try_secret(newer)).errors == {}
    await owner.click(message, action_id="cleanup_resume")
    text = await scene.shows(message, "# Cleanup finished")
    assert figures(text)["Confirmed unsubscribed"] == 16
    _check_exactly_the_approved(scene)


async def test_resume_with_the_revoked_secret_stops_again_and_loses_nothing(scene: Scene) -> None:
    account = scene.new_account(MANY)
    message = await scene.request(await scene.finished_run(account))
    kit = scene.world.kit
    kit.before(Route.UNSUBSCRIBE, lambda: kit.revoke(account), skip=2)
    owner = scene.slack.person("owner")
    await owner.click(message, action_id="cleanup_approve")
    await scene.shows(message, "# Cleanup stopped")
    before = len(message.history)
    await owner.click(message, action_id="cleanup_resume")
    await scene.slack.until(
        lambda: (
            len(message.history) > before + 1
            and "# Cleanup stopped" in scene.slack.as_text(message)
        )
    )
    await owner.click(message, action_id="connection_replace")
    view = await scene.dialog("owner", "connect")
    assert account.name in scene.slack.as_text(view)
    await owner.fill(view, "secret", kit.add_v4_key(account))
    assert (await owner.submit(view)).errors == {}
    await owner.click(message, action_id="cleanup_resume")
    await scene.shows(message, "# Cleanup finished")
    _check_exactly_the_approved(scene)


async def _stopped_in_the_middle(scene: Scene) -> Message:
    account = scene.new_account(MANY)
    message = await scene.request(await scene.finished_run(account))
    scene.world.kit.trouble(
        Fault.TOO_MANY, route=Route.UNSUBSCRIBE, account=account.id, skip=6, retry_after="2"
    )
    owner, colleague = scene.slack.person("owner"), scene.slack.person("colleague")
    await owner.click(message, action_id="cleanup_approve")
    await scene.slack.until(lambda: _is_waiting(scene))
    assert len(scene.unsubscribed()) == 6
    await scene.shows(message, "[Stop]")
    press = await colleague.click(message, action_id="cleanup_stop")
    assert press.confirm is not None
    text = await scene.shows(message, "# Cleanup stopped")
    assert "@colleague pressed Stop" in text
    assert "what is done stays done" in text
    return message


def _is_waiting(scene: Scene) -> bool:
    """Tell whether ConvertKit has asked the bot to slow down."""
    calls = [r for r in scene.world.kit.requests if r.account == scene.account.name]
    return calls[-1].status == 429


async def test_a_stopped_cleanup_goes_on_with_resume_and_unsubscribes_nobody_twice(
    scene: Scene,
) -> None:
    message = await _stopped_in_the_middle(scene)
    await asyncio.sleep(2.5)
    assert len(scene.unsubscribed()) == 6, "the call that was refused is not made after Stop"
    await scene.slack.person("owner").click(message, action_id="cleanup_resume")
    text = await scene.shows(message, "# Cleanup finished")
    assert figures(text)["Confirmed unsubscribed"] == 16
    _check_exactly_the_approved(scene)


async def test_a_cleanup_resumed_at_once_keeps_what_was_proven(scene: Scene) -> None:
    message = await _stopped_in_the_middle(scene)
    await scene.slack.person("owner").click(message, action_id="cleanup_resume")
    text = await scene.shows(message, "# Cleanup finished")
    assert figures(text)["Confirmed unsubscribed"] == 16
    # The call that was under way at Stop is made late: it changes nothing for anybody.
    await asyncio.sleep(2.5)
    called = scene.unsubscribed()
    assert set(called) == scene.ids(*BAD)
    assert len(called) <= 17
    assert await _states(scene, message) == ["Confirmed unsubscribed"] * 16


async def test_a_cleanup_dropped_at_once_makes_no_call_that_did_not_get_through(
    scene: Scene,
) -> None:
    message = await _stopped_in_the_middle(scene)
    await scene.slack.person("owner").click(message, action_id="cleanup_drop")
    await scene.shows(message, "# Cleanup finished")
    await asyncio.sleep(2.5)
    states = await _states(scene, message)
    assert len(scene.unsubscribed()) == 6, "the call that was refused is not made after Stop"
    assert states.count("Confirmed unsubscribed") == 6
    assert states.count("Dropped, not tried") == 10


async def _states(scene: Scene, message: Message) -> list[str]:
    """Read what became of each from the file that a person gets in private."""
    before = len(scene.direct("owner"))
    await scene.slack.person("owner").click(message, action_id="cleanup_csv")
    shared = await scene.slack.until(
        lambda: next((m for m in scene.direct("owner")[before:] if m.files), None)
    )
    content = scene.slack.files_of(shared)[0].content or b""
    lines = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return [line["state"] for line in lines]


async def test_a_dropped_cleanup_leaves_the_rest_subscribed_and_proves_the_others(
    scene: Scene,
) -> None:
    message = await _stopped_in_the_middle(scene)
    await asyncio.sleep(2.5)
    done = scene.unsubscribed()
    await scene.slack.person("owner").click(message, action_id="cleanup_drop")
    text = await scene.shows(message, "# Cleanup finished")
    shown = figures(text)
    assert shown["Confirmed unsubscribed"] + shown["Dropped, not tried"] == 16
    assert shown["Confirmed unsubscribed"] == len(done)
    assert scene.unsubscribed() == done
    await scene.delivered(message)


async def test_a_shut_channel_keeps_no_request(scene: Scene) -> None:
    scene.forgiven |= {"not_in_channel"}
    run = await scene.finished_run()
    view = await scene.cleanup_dialog(run)
    scene.slack.kick_bot("newsletter")
    try:
        submission = await scene.slack.person("owner").submit(view)
    finally:
        scene.slack.invite_bot("newsletter")
    assert submission.view is not None
    assert "/invite" in scene.slack.as_text(submission.view)
    await scene.slack.person("owner").close(submission.view)
    submission = await scene.slack.person("owner").submit(view)
    assert submission.view is None, "the same dialog works once the bot is back"
    message = await scene.slack.until(lambda: next(iter(scene.said()[1:]), None))
    await scene.shows(message, "[Approve]")


async def test_people_on_no_list_of_the_plan_are_nobody(scene: Scene) -> None:
    run = await scene.finished_run(scene.new_account({Category.SAFE: 2, Category.RISKY: 1}))
    view = await scene.cleanup_dialog(run)
    submission = await scene.slack.person("owner").submit(view)
    assert submission.view is not None
    assert "nobody would be unsubscribed" in scene.slack.as_text(submission.view)
    assert len(scene.said()) == 1


async def test_unsubscribing_is_paced_and_shown_no_more_often_than_was_set(open_own: Open) -> None:
    scene = await open_own(PROGRESS_SECONDS="0.5", CONVERTKIT_CALLS_PER_MINUTE="900")
    bad = [p for p in scene.world.people.active if p.category in BAD]
    account = scene.new_account(people=People(tuple(bad), TAGS, FORMS))
    message = await scene.request(await scene.finished_run(account))
    began = datetime.now(UTC)
    await scene.slack.person("owner").click(message, action_id="cleanup_approve")
    await scene.shows(message, "# Cleanup finished", within=40)
    # The bot keeps the pace when it sends; on a busy machine a message may be under way longer
    # than the next one.
    assert hurried_updates(message, "Unsubscribing", 0.3) == []
    shown = {version.text for version in message.history if "Unsubscribing" in version.text}
    assert len(shown) >= 3, "there was progress to see"
    calls = [r for r in scene.world.kit.requests if r.at > began]
    took = (calls[-1].at - calls[0].at).total_seconds()
    at_most = took * 900 / 60 + FOR_JOB.ahead
    assert len(calls) - 1 <= at_most * 1.05, "the account's pace was kept"
    _check_exactly_the_approved(scene)
