"""The approval request shows the exact numbers, and asks again before it acts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from commands.views.approval import pace_words
from commands.views.cleanup import cleanup_message
from tests.commands.views.judging import elements, words
from tests.commands.views.samples import NOW, cleanup_report


def test_the_request_shows_who_what_and_that_it_cannot_be_undone() -> None:
    drawn = words(cleanup_message(cleanup_report(), now=NOW))
    assert "<@U0ANNA> asks to unsubscribe *160 subscribers*: 13.3 % of the 1,200" in drawn
    assert "*Invalid*\n120: Unsubscribe" in drawn
    assert "*Catch-all*\nKeep" in drawn
    assert "This cannot be undone" in drawn
    assert "Takes about 3 minutes" in drawn
    assert "The request expires <!date^" in drawn


def test_approve_and_reject_ask_again_with_the_exact_number() -> None:
    asked = {
        element["action_id"]: element["confirm"]["title"]["text"]
        + element["confirm"]["text"]["text"]
        for element in elements(cleanup_message(cleanup_report(), now=NOW))
    }
    assert "160" in asked["cleanup_approve"]
    assert "120 Invalid and 40 Disposable of Main list" in asked["cleanup_approve"]
    assert "160" in asked["cleanup_reject"]


def test_only_a_large_share_is_a_warning() -> None:
    large = cleanup_report(subscribers=241)
    assert ":warning:" in words(cleanup_message(large, now=NOW))
    assert ":warning:" not in words(cleanup_message(cleanup_report(subscribers=240), now=NOW))


def test_the_request_says_when_the_list_was_verified() -> None:
    assert "Verified <!date^" in words(cleanup_message(cleanup_report(), now=NOW))


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        pytest.param(timedelta(days=30), False, id="a-month"),
        pytest.param(timedelta(days=31), True, id="older"),
    ],
)
def test_only_old_verdicts_are_a_warning(age: timedelta, expected: bool) -> None:
    report = cleanup_report()
    old = replace(report, run=replace(report.run, finished_at=NOW - age))
    warning = "These verdicts are 31 days old: verify again before anybody is unsubscribed."
    assert (warning in words(cleanup_message(old, now=NOW))) is expected


@pytest.mark.parametrize(
    ("subscribers", "pace", "expected"),
    [
        pytest.param(10, 110, "less than a minute", id="few"),
        pytest.param(1100, 110, "about 20 minutes", id="usual"),
        pytest.param(1100, 0, "about 1 day 12 hours", id="no-pace"),
    ],
)
def test_the_pace_gives_the_time(subscribers: int, pace: int, expected: str) -> None:
    assert pace_words(subscribers, pace) == expected
