"""Tests for the judgement of what was done twice: only what was in flight is excused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.kit import Unsubscribed
from sandbox.people import State
from sandbox.process import BotProcess, Life
from sandbox.slack import Call, FakeSlack, Message
from sandbox.stage import Stage
from sandbox.twice import posted_twice, subject_of, unsubscribed_twice
from sandbox.world import World, WorldSettings

START = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Make a stage with two workers that have lived since the start; nothing in it runs."""
    bots = tuple(BotProcess({}, tmp_path / "log", name=name, role="worker") for name in ("a", "b"))
    for bot in bots:
        bot.lives.append(Life(began=at(0)))
    return Stage(FakeSlack(), World(WorldSettings(people=10)), bots, tmp_path, "")


def call(stage: Stage, by: str, seconds: float, subscriber: int) -> None:
    made = Unsubscribed(at(seconds), "Paper Lantern", subscriber, State.ACTIVE, "v4", by)
    stage.world.account.unsubscribes.append(made)


def test_each_once_is_not_twice(stage: Stage) -> None:
    call(stage, "a", 1, 7)
    call(stage, "b", 2, 8)
    assert unsubscribed_twice(stage).unexplained == ()


def test_a_call_made_again_for_no_reason_is_unexplained(stage: Stage) -> None:
    call(stage, "a", 1, 7)
    call(stage, "b", 2, 7)
    assert len(unsubscribed_twice(stage).unexplained) == 1


def test_the_last_call_before_a_kill_may_be_made_again(stage: Stage) -> None:
    call(stage, "a", 1, 6)
    call(stage, "a", 2, 7)
    stage.named("a").lives[0].killed = at(3)
    call(stage, "b", 9, 7)
    twice = unsubscribed_twice(stage)
    assert (len(twice.in_flight), twice.unexplained) == (1, ())


def test_an_earlier_call_of_a_killed_process_may_not(stage: Stage) -> None:
    call(stage, "a", 1, 7)
    call(stage, "a", 2, 6)
    stage.named("a").lives[0].killed = at(3)
    call(stage, "b", 9, 7)
    assert len(unsubscribed_twice(stage).unexplained) == 1


def test_a_kill_excuses_nothing_of_the_life_that_follows(stage: Stage) -> None:
    stage.named("a").lives[0].killed = at(3)
    stage.named("a").lives.append(Life(began=at(5)))
    call(stage, "a", 6, 7)
    call(stage, "b", 9, 7)
    assert len(unsubscribed_twice(stage).unexplained) == 1


@pytest.mark.parametrize(
    ("zombie_calls", "unexplained"),
    [
        pytest.param([11], 0, id="the-one-that-was-about-to-be-made"),
        pytest.param([11, 12], 1, id="and-one-more"),
    ],
)
def test_a_zombie_is_excused_for_one_call(
    stage: Stage, zombie_calls: list[float], unexplained: int
) -> None:
    zombie = stage.named("a").lives[0]
    zombie.frozen, zombie.thawed = at(3), at(10)
    for number, seconds in enumerate(zombie_calls):
        call(stage, "b", 5 + number, number)
        call(stage, "a", seconds, number)
    assert len(unsubscribed_twice(stage).unexplained) == unexplained


def test_the_last_call_before_an_outage_may_be_made_again(stage: Stage) -> None:
    call(stage, "a", 1, 7)
    stage.outages.append((at(1.1), at(3)))
    call(stage, "a", 4, 7)
    assert unsubscribed_twice(stage).unexplained == ()


def post(stage: Stage, by: str, seconds: float, button: str = "run_cancel") -> Message:
    blocks = [{"type": "actions", "elements": [{"action_id": button, "value": "3"}]}]
    channel = stage.slack.store.channel("newsletter").id
    message = stage.slack.store.post(channel, user="U0BOT", text="Quote", blocks=blocks)
    message.posted_at = at(seconds)
    answer: dict[str, Any] = {"ok": True, "ts": message.ts}
    called = Call(at(seconds), "chat.postMessage", {}, 200, answer)
    stage.slack.store.calls.append(replace(called, by=by))
    return message


def test_messages_about_different_things_are_not_twice(stage: Stage) -> None:
    assert subject_of(post(stage, "a", 1)) == "run 3"
    assert subject_of(post(stage, "a", 2, "cleanup_approve")) == "cleanup 3"
    assert posted_twice(stage, "newsletter").unexplained == ()


def test_a_message_posted_again_is_unexplained(stage: Stage) -> None:
    post(stage, "a", 1)
    post(stage, "b", 2)
    assert len(posted_twice(stage, "newsletter").unexplained) == 1


def test_a_message_may_be_posted_again_where_its_process_was_killed_at_once(stage: Stage) -> None:
    post(stage, "a", 1)
    stage.named("a").lives[0].killed = at(1.2)
    post(stage, "b", 9)
    twice = posted_twice(stage, "newsletter")
    assert (len(twice.in_flight), twice.unexplained) == (1, ())


def test_but_not_where_the_kill_came_later_or_to_another_process(stage: Stage) -> None:
    post(stage, "a", 1)
    stage.named("a").lives[0].killed = at(4)
    stage.named("b").lives[0].killed = at(1.2)
    post(stage, "b", 9)
    assert len(posted_twice(stage, "newsletter").unexplained) == 1


def test_nor_where_somebody_still_knew_the_first_one(stage: Stage) -> None:
    known = post(stage, "a", 1)
    stage.named("a").lives[0].killed = at(1.2)
    stage.slack.store.edit(known, text="Verifying", blocks=known.blocks, edited=False)
    post(stage, "b", 9)
    assert len(posted_twice(stage, "newsletter").unexplained) == 1
