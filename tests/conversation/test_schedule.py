"""Schedules: set in a dialog, listed, removed, and started by themselves in their slot."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.slack import View
from tests.conversation.conftest import Open
from tests.conversation.scene import Scene, figures

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def _dialog(scene: Scene, *, channel: str = "newsletter") -> View:
    owner = scene.slack.person("owner")
    await owner.slash("/verify", "schedule")
    view = await scene.dialog("owner", "schedule")
    await owner.choose(view, "channel", channel)
    return view


async def _save_weekly(scene: Scene, slot: datetime, *, zone: str = "UTC") -> View:
    """Set a schedule for the weekday and the minute of a moment in its own zone."""
    owner = scene.slack.person("owner")
    view = await _dialog(scene)
    await owner.choose(view, "cadence", "weekly")
    await scene.slack.until(lambda: "Monday" in str(view.blocks))
    await owner.choose(view, "day", str(slot.weekday()))
    await owner.choose(view, "time", f"{slot:%H:%M}")
    await owner.choose(view, "timezone", zone)
    submission = await owner.submit(view)
    assert submission.errors == {}
    assert submission.view is not None
    return submission.view


async def test_a_schedule_is_saved_listed_and_removed(scene: Scene) -> None:
    await scene.connect(scene.new_account(name="Month by month"))
    owner = scene.slack.person("owner")
    view = await _dialog(scene, channel="general")
    await owner.choose(view, "day", "31")
    await owner.choose(view, "time", "07:45")
    await owner.choose(view, "timezone", "Europe/Berlin")
    submission = await owner.submit(view)
    assert submission.view is not None
    words = "every month on day 31 at 07:45 (Europe/Berlin)"
    saved = scene.slack.as_text(submission.view)
    assert words in saved
    assert "#general" in saved
    await owner.close(submission.view)
    await owner.slash("/verify", "status")
    assert words in await scene.hears("owner", "Schedules")
    view = await _dialog(scene)
    assert words in scene.slack.as_text(view)
    press = await owner.click(view, action_id="schedule_remove")
    assert press.confirm is not None
    await scene.slack.until(lambda: words not in scene.slack.as_text(view))


async def test_a_schedule_removed_twice_says_so(scene: Scene) -> None:
    await scene.connect()
    await _save_weekly(scene, datetime.now(UTC) + timedelta(hours=2))
    owner = scene.slack.person("owner")
    await owner.slash("/verify", "status")
    await scene.hears("owner", "Schedules")
    status = scene.slack.ephemerals("owner")[-1]
    await owner.click(status, action_id="schedule_remove")
    await scene.hears("owner", "The schedule is removed")
    await owner.click(status, action_id="schedule_remove")
    await scene.hears("owner", "was removed before")


async def test_what_is_missing_is_named_at_its_field(scene: Scene) -> None:
    await scene.connect()
    owner = scene.slack.person("owner")
    view = await _dialog(scene)
    submission = await owner.submit(view)
    assert [key.split(":")[0] for key in submission.errors] == ["timezone"]
    await owner.choose(view, "audience", "tags")
    await scene.slack.until(lambda: "choices" in str(view.blocks))
    await owner.choose(view, "day", "1")
    await owner.choose(view, "timezone", "UTC")
    submission = await owner.submit(view)
    assert any(key.startswith("choices") for key in submission.errors)


async def test_time_zones_are_searched_by_typing(scene: Scene) -> None:
    await scene.connect()
    view = await _dialog(scene)
    owner = scene.slack.person("owner")
    found = [o["value"] for o in await owner.suggest(view, "timezone", "new york")]
    assert found == ["America/New_York"]
    assert await owner.suggest(view, "timezone", "atlantis") == ()


async def test_a_dialog_submitted_twice_makes_one_schedule(scene: Scene) -> None:
    await scene.connect(scene.new_account(name="Once is enough"))
    owner = scene.slack.person("owner")
    view = await _dialog(scene)
    await owner.choose(view, "day", "3")
    await owner.choose(view, "timezone", "Asia/Tokyo")
    scene.slack.deliver_next_twice()
    await owner.submit(view)
    await owner.slash("/verify", "status")
    assert (await scene.hears("owner", "Schedules")).count("(Asia/Tokyo)") == 1


async def test_tags_that_were_chosen_survive_a_change_of_rhythm(scene: Scene) -> None:
    await scene.connect()
    owner = scene.slack.person("owner")
    view = await _dialog(scene)
    await owner.choose(view, "audience", "tags")
    await scene.slack.until(lambda: "choices" in str(view.blocks))
    await owner.choose(view, "choices", "Customers")
    await owner.choose(view, "cadence", "weekly")
    await scene.slack.until(lambda: "Monday" in str(view.blocks))
    await owner.choose(view, "day", "2")
    await owner.choose(view, "timezone", "UTC")
    submission = await owner.submit(view)
    assert submission.errors == {}
    assert submission.view is not None
    assert '"Customers" every Wednesday' in scene.slack.as_text(submission.view)


async def test_a_slot_that_passed_while_the_bot_was_down_is_made_up_for_once(
    open_own: Open,
) -> None:
    scene = await open_own()
    await scene.connect()
    slot = datetime.now(UTC) - timedelta(minutes=3)
    await _save_weekly(scene, slot)
    await scene.bot.stop()
    with closing(sqlite3.connect(scene.data / "listkeeper.sqlite")) as database, database:
        database.execute(
            "UPDATE schedule SET created_at = ?",
            (f"{slot - timedelta(days=2):%Y-%m-%d %H:%M:%S.%f}",),
        )
    await scene.bot.start()
    message = await scene.slack.until(lambda: next(iter(scene.said()), None), 20)
    text = await scene.shows(message, "# Digest")
    assert "first digest of this audience" in text
    assert "Scheduled by @owner" in text
    assert figures(text)["Safe"] == 3
    await scene.delivered(message)
    await scene.bot.stop()
    await scene.bot.start()
    await scene.slack.connected()
    await scene.slack.person("owner").slash("/verify", "status")
    await scene.hears("owner", "Schedules")
    assert len(scene.said()) == 1, "a slot starts one run"


async def test_a_scheduled_run_without_credits_waits_for_somebody(open_own: Open) -> None:
    scene = await open_own(WELCOME_CREDITS="1")
    await scene.connect()
    slot = datetime.now(UTC) - timedelta(minutes=3)
    await _save_weekly(scene, slot)
    await scene.bot.stop()
    with closing(sqlite3.connect(scene.data / "listkeeper.sqlite")) as database, database:
        database.execute(
            "UPDATE schedule SET created_at = ?",
            (f"{slot - timedelta(days=2):%Y-%m-%d %H:%M:%S.%f}",),
        )
    await scene.bot.start()
    message = await scene.slack.until(lambda: next(iter(scene.said()), None), 20)
    await scene.shows(message, "# Not enough credits")
    await scene.bot.ask("credits", "grant", "T0SANDBOX", "100")
    owner = scene.slack.person("owner")
    await owner.click(message, action_id="run_requote")
    await scene.shows(message, "[Start]")
    await owner.click(message, action_id="run_start")
    await scene.shows(message, "# Digest")
