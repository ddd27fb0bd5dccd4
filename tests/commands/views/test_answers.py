"""Short answers say what happened, and that a late click changed nothing."""

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from commands.views.answers import (
    choose_run_message,
    cleanup_decided,
    credits_message,
    run_decided,
    sentence_message,
    unknown_word,
)
from storage.states import CleanupState, RunState, StopReason
from tests.commands.views.judging import buttons, judge_message, words
from tests.commands.views.samples import CLEANUP, ENTRIES, NOW, RUN, verifying


def test_credits_are_drawn(as_json: SnapshotAssertion) -> None:
    message = credits_message(819, ENTRIES)
    judge_message(message)
    assert {"text": message.text, "blocks": list(message.blocks)} == as_json


def test_the_ledger_reads_as_sentences() -> None:
    drawn = words(credits_message(819, ENTRIES))
    assert "+19 given back from run 31" in drawn
    assert "1,181 of the held credits spent on run 31" in drawn
    assert "-1,200 held for run 31 by <@U0ANNA>" in drawn
    assert "+2,000 granted by command line: spring campaign" in drawn


def test_an_empty_ledger_says_so() -> None:
    assert "No credits were granted or used yet." in words(credits_message(0, ()))


def test_only_the_last_entries_are_shown() -> None:
    assert words(credits_message(819, ENTRIES * 5)).count("•") == 10


def test_a_word_that_is_not_understood_is_shown_with_the_help() -> None:
    drawn = words(unknown_word("<frobnicate>", "/verify"))
    assert '"&lt;frobnicate&gt;" is not something I know. Nothing was done.' in drawn
    assert "`/verify schedule`" in drawn


def test_an_error_carries_its_reference() -> None:
    drawn = words(sentence_message("It broke", "a1b2"))
    assert drawn == "It broke.\nReference for whoever hosts this bot: a1b2"


def test_without_a_finished_run_the_next_step_is_offered() -> None:
    message = choose_run_message()
    assert "Verify a list first" in message.text
    assert buttons(message) == {"verify_open": "new"}


def test_a_run_on_its_way_is_named() -> None:
    assert "is not finished yet" in words(choose_run_message([verifying()]))


@pytest.mark.parametrize("state", RunState)
def test_a_late_click_on_a_run_changed_nothing(state: RunState) -> None:
    message = run_decided(replace(RUN, state=state, decided_by="U0BEN", started_at=NOW))
    judge_message(message)
    assert message.text.endswith("Your click changed nothing.")


@pytest.mark.parametrize("state", CleanupState)
def test_a_late_click_on_a_cleanup_changed_nothing(state: CleanupState) -> None:
    message = cleanup_decided(replace(CLEANUP, state=state, decided_by="U0BEN", decided_at=NOW))
    judge_message(message)
    assert message.text.endswith("Your click changed nothing.")


def test_a_late_click_learns_who_came_first() -> None:
    run = replace(RUN, state=RunState.VERIFYING, decided_by="U0BEN", started_at=NOW)
    assert run_decided(run).text.startswith("<@U0BEN> started this run (<!date^")
    cleanup = replace(CLEANUP, state=CleanupState.REJECTED, decided_by="U0BEN", decided_at=NOW)
    assert cleanup_decided(cleanup).text.startswith("<@U0BEN> rejected this cleanup (<!date^")


def test_a_late_click_on_a_run_that_stopped_by_itself_names_nobody() -> None:
    run = replace(RUN, state=RunState.STOPPED, stop_reason=StopReason.BLOCKED, started_at=NOW)
    drawn = run_decided(run).text
    assert drawn.startswith("This run is stopped. Why: several mail providers block")
    assert "<@" not in drawn


def test_a_late_click_on_a_run_that_somebody_stopped_names_them() -> None:
    run = replace(
        RUN,
        state=RunState.STOPPED,
        stop_reason=StopReason.BY_PERSON,
        decided_by="U0BEN",
        started_at=NOW,
    )
    assert run_decided(run).text.startswith("This run is stopped. <@U0BEN> pressed Stop.")


def test_a_late_click_on_a_resumed_run_tells_no_time_that_is_not_known() -> None:
    run = replace(RUN, state=RunState.VERIFYING, decided_by="U0BEN", started_at=NOW, attempt=2)
    assert run_decided(run).text == "<@U0BEN> resumed this run. Your click changed nothing."


def test_a_late_click_on_a_finished_run_names_nobody() -> None:
    # The last button may have been Start, Resume or Drop.
    run = replace(RUN, state=RunState.FINISHED, decided_by="U0BEN", finished_at=NOW)
    assert run_decided(run).text.startswith("This run is finished (<!date^")


def test_a_late_click_on_a_cancelled_quote_learns_when() -> None:
    run = replace(RUN, state=RunState.CANCELLED, decided_by="U0BEN", finished_at=NOW)
    assert run_decided(run).text.startswith("<@U0BEN> cancelled this quote (<!date^")
