"""Call slots: no window is ever overfull, nothing is left lying, and dialogs go first."""

from bisect import bisect_right

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convertkit import FOR_DIALOG, FOR_JOB, ONCE
from storage.slots import FARTHEST, LONGEST_HOLD, hold, take

#: What the product aims at, and what ConvertKit allows, in any 60 seconds.
AIM, CAP, WINDOW = 110, 120, 60.0
SPACING = WINDOW / AIM
JOB, DIALOG = FOR_JOB.ahead * SPACING, FOR_DIALOG.ahead * SPACING
START = 1_800_000_000.0
#: Calls in a closed window: those of an even pace, those that come ahead, and one at its end.
MOST = AIM + FOR_DIALOG.ahead + 1
gaps = st.integers(0, 4096).map(lambda n: n / 1024)
callers = st.sampled_from([JOB, DIALOG])


def test_the_product_stays_within_what_convertkit_allows() -> None:
    assert MOST <= CAP - 2, "with two calls left for answers that are slow on their way"
    assert ONCE.ahead == FOR_JOB.ahead < FOR_DIALOG.ahead


@given(st.lists(st.tuples(gaps, callers), max_size=600), st.sampled_from([0.0, 0.5, 3.0]))
def test_no_window_holds_more_than_the_aim_and_what_may_come_ahead(
    asked: list[tuple[float, float]], patience: float
) -> None:
    """Ask at any moments, wait as told or give up, and count the calls of every window."""
    due, now, calls = 0.0, START, list[float]()
    for gap, ahead in asked:
        now += gap
        slot = take(due, now, spacing=SPACING, ahead=ahead)
        if 0 < slot.wait <= patience:
            now += slot.wait
            slot = take(due, now, spacing=SPACING, ahead=ahead)
        if slot.wait == 0:
            calls.append(now)
        due = slot.due
    assert busiest(calls) <= MOST


@given(st.lists(callers, min_size=1, max_size=8), st.integers(1, 300))
def test_callers_who_ask_all_the_time_keep_the_pace_and_their_burst(
    crowd: list[float], seconds: int
) -> None:
    """The worst case: everybody asks again as soon as it is worth it."""
    due, now, calls = 0.0, START, list[float]()
    while now < START + seconds:
        slots = [take(due, now, spacing=SPACING, ahead=each) for each in crowd]
        if any(slot.wait == 0 for slot in slots):
            calls.append(now)
            due = next(slot.due for slot in slots if slot.wait == 0)
        else:
            now += max(min(slot.wait for slot in slots), 1e-6)
    assert busiest(calls) <= MOST
    assert len(calls) >= int(seconds / SPACING), "nothing is left lying"


@given(st.floats(0, DIALOG), st.integers(0, 3))
def test_a_dialog_goes_at_once_while_a_job_waits(idle: float, dialogs: int) -> None:
    due, now = START, START + idle
    while True:  # a job that calls as fast as it may
        slot = take(due, now, spacing=SPACING, ahead=JOB)
        if slot.wait:
            break
        due = slot.due
    for _ in range(dialogs):
        assert take(due, now, spacing=SPACING, ahead=JOB).wait > 0
        slot = take(due, now, spacing=SPACING, ahead=DIALOG)
        assert slot.wait <= SPACING / 1000 or dialogs == 3
        due = slot.due


@given(st.floats(0, JOB))
def test_a_short_gap_is_made_up_for(gap: float) -> None:
    due, now, calls = START + JOB, START, 0
    now += gap
    while not (slot := take(due, now, spacing=SPACING, ahead=JOB)).wait:
        due, calls = slot.due, calls + 1
    assert calls == pytest.approx(gap / SPACING, abs=1.001)


def test_a_slot_that_nobody_came_back_for_is_not_lost() -> None:
    due = START + JOB + 1.0
    asked = [take(due, START, spacing=SPACING, ahead=JOB) for _ in range(3)]
    assert {slot.due for slot in asked} == {due}
    assert take(due, START + asked[0].wait, spacing=SPACING, ahead=JOB).wait == 0


@given(st.floats(0, 1e6), st.floats(-1e3, LONGEST_HOLD + DIALOG))
def test_during_a_hold_nobody_calls_and_after_it_there_is_no_burst(
    seconds: float, ahead_of_time: float
) -> None:
    due = hold(START + ahead_of_time, START, seconds=seconds, ahead=DIALOG)
    end = START + min(seconds, LONGEST_HOLD)
    early = take(due, end - 0.001, spacing=SPACING, ahead=DIALOG)
    assert early.wait > 0 or seconds == 0
    first = take(due, due - DIALOG, spacing=SPACING, ahead=DIALOG)
    assert first.wait == 0
    assert take(first.due, due - DIALOG, spacing=SPACING, ahead=DIALOG).wait == pytest.approx(
        SPACING, abs=1e-3
    )


@given(st.floats(0, LONGEST_HOLD), st.floats(0, LONGEST_HOLD))
def test_a_hold_never_shortens_another(first: float, second: float) -> None:
    due = hold(START, START, seconds=first, ahead=DIALOG)
    assert hold(due, START, seconds=second, ahead=DIALOG) >= due


@given(st.floats(FARTHEST, 1e12, exclude_min=True))
def test_what_a_wrong_clock_put_far_ahead_holds_nobody(beyond: float) -> None:
    due = START + beyond
    if due > START + FARTHEST:
        assert take(due, START, spacing=SPACING, ahead=0.0).wait == 0
        assert hold(due, START, seconds=1.0, ahead=DIALOG) == START + 1.0 + DIALOG


@given(st.floats(0, LONGEST_HOLD), st.integers(0, 20))
def test_a_hold_and_a_crowd_after_it_are_still_believed(seconds: float, crowd: int) -> None:
    due = hold(START, START, seconds=seconds, ahead=DIALOG) + crowd * SPACING
    assert take(due, START, spacing=SPACING, ahead=JOB).due == due


def busiest(calls: list[float]) -> int:
    """Count the calls of the fullest window, both ends included."""
    slack = 1e-6  # two calls exactly a window apart may round to either side
    return max(
        (bisect_right(calls, first + WINDOW - slack) - n for n, first in enumerate(calls)),
        default=0,
    )
