"""Whatever the records hold, Slack takes the view and a name stays a name."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from commands.views.answers import (
    choose_run_message,
    cleanup_decided,
    credits_message,
    run_decided,
    sentence_message,
    unknown_word,
)
from commands.views.audience_inputs import Choice, choice_options
from commands.views.blocks import Message
from commands.views.cleanup import cleanup_message
from commands.views.cleanup_dialog import CleanupDialog, cleanup_dialog
from commands.views.connect_dialog import connect_dialog, connected_dialog
from commands.views.notices import error_dialog, loading_dialog
from commands.views.run import run_message
from commands.views.schedule_dialog import (
    ScheduleDialog,
    schedule_dialog,
    scheduled_dialog,
    timezone_options,
)
from commands.views.status import status_message
from commands.views.verify_dialog import VerifyDialog, verify_dialog
from sandbox.slack.blockkit import options_problems
from storage.plans import Plan
from storage.records import (
    Cleanup,
    CleanupReport,
    Connection,
    CreditEntry,
    Run,
    RunReport,
    Schedule,
)
from storage.states import AudienceKind, Cadence
from tests.commands.views import strategies as any_
from tests.commands.views.filling import untouched
from tests.commands.views.judging import buttons, judge_message, judge_view
from tests.commands.views.samples import CONNECTION, NOW
from verification import Category

few = settings(max_examples=60, deadline=timedelta(seconds=2))
channels = st.none() | st.sampled_from(("C0LIST", "D0ANNA", "G0OLD"))
choices = st.none() | st.lists(
    st.builds(Choice, id=any_.ids, name=any_.texts), max_size=120, unique_by=lambda c: c.id
).map(tuple)
accounts = st.lists(any_.connections, min_size=1, max_size=4, unique_by=lambda c: c.id).map(tuple)


@few
@given(any_.run_reports)
def test_any_run_is_within_limits(report: RunReport) -> None:
    judge_message(run_message(report, now=NOW))


@few
@given(any_.cleanup_reports)
def test_any_cleanup_is_within_limits(report: CleanupReport) -> None:
    judge_message(cleanup_message(report, now=NOW))


@few
@given(any_.run_reports, any_.cleanup_reports)
def test_every_button_of_a_message_carries_one_id(run: RunReport, cleanup: CleanupReport) -> None:
    drawn: tuple[Message, ...] = (run_message(run, now=NOW), cleanup_message(cleanup, now=NOW))
    for message in drawn:
        for value in buttons(message).values():
            assert value.isdecimal()


@few
@given(any_.runs, any_.cleanups)
def test_any_late_click_is_answered_within_limits(run: Run, cleanup: Cleanup) -> None:
    judge_message(run_decided(run))
    judge_message(cleanup_decided(cleanup))


@few
@given(
    st.lists(any_.run_reports, max_size=15),
    st.lists(any_.cleanup_reports, max_size=15),
    st.lists(any_.schedules, max_size=15),
)
def test_any_status_is_within_limits(
    runs: list[RunReport], cleanups: list[CleanupReport], schedules: list[Schedule]
) -> None:
    judge_message(status_message(runs, cleanups, schedules, now=NOW))
    judge_message(choose_run_message(runs))


@few
@given(any_.counts, st.lists(any_.entries, max_size=30))
def test_any_ledger_is_within_limits(balance: int, entries: list[CreditEntry]) -> None:
    judge_message(credits_message(balance, entries))


@few
@given(any_.texts, st.none() | any_.texts)
def test_any_sentence_is_within_limits(text: str, reference: str | None) -> None:
    judge_message(sentence_message(text, reference))
    judge_message(unknown_word(text, "/verify"))
    judge_view(error_dialog(text, reference))
    judge_view(loading_dialog(text))


@few
@given(any_.connections, channels)
def test_any_connection_dialog_is_within_limits(
    connection: Connection, channel_id: str | None
) -> None:
    judge_view(connect_dialog(connection, channel_id))
    judge_view(connected_dialog(connection, channel_id))


@few
@given(accounts, st.sampled_from(AudienceKind), choices, channels)
def test_any_verify_dialog_is_within_limits(
    connections: tuple[Connection, ...],
    kind: AudienceKind,
    found: tuple[Choice, ...] | None,
    channel_id: str | None,
) -> None:
    judge_view(verify_dialog(VerifyDialog(connections, connections[0], kind, found, channel_id)))


@few
@given(
    accounts,
    st.sampled_from(AudienceKind),
    choices,
    st.lists(any_.schedules, max_size=60).map(tuple),
    st.sampled_from(Cadence),
    st.none() | st.just("Asia/Kolkata"),
)
def test_any_schedule_dialog_is_within_limits(
    connections: tuple[Connection, ...],
    kind: AudienceKind,
    found: tuple[Choice, ...] | None,
    existing: tuple[Schedule, ...],
    cadence: Cadence,
    timezone: str | None,
) -> None:
    dialog = ScheduleDialog(
        connections, connections[-1], kind, found, "C0LIST", timezone, existing, cadence
    )
    judge_view(schedule_dialog(dialog))
    for schedule in existing:
        judge_view(scheduled_dialog(schedule))


@few
@given(any_.runs, any_.categories, any_.plans, any_.connections, st.integers(0, 10_000))
def test_any_cleanup_dialog_is_within_limits(
    run: Run,
    counts: dict[Category, int],
    plan: Plan,
    connection: Connection,
    generation: int,
) -> None:
    judge_view(cleanup_dialog(CleanupDialog(run, counts, plan, connection, generation)))


@few
@given(
    st.lists(st.builds(Choice, any_.ids, any_.texts), max_size=130, unique_by=lambda c: c.id),
    any_.texts,
)
def test_any_search_is_answered_within_limits(found: list[Choice], typed: str) -> None:
    assert options_problems({"options": choice_options(found, typed)}) == ()
    zones = [f"Area/City_{number}" for number in range(200)]
    assert options_problems({"options": timezone_options(zones, typed)}) == ()


def test_more_accounts_than_a_list_holds_keep_the_chosen_one() -> None:
    many = tuple(replace(CONNECTION, id=number) for number in range(1, 150))
    view = verify_dialog(VerifyDialog(many, many[-1], AudienceKind.SUBSCRIBERS, None, None))
    judge_view(view)
    assert untouched(view)["connection"]["connection"]["selected_option"]["value"] == "149"
