"""The summary adds up, and says what is worth knowing."""

import pytest

from commands.views.summary import finished_message
from tests.commands.views.judging import words
from tests.commands.views.samples import ALL_SAFE, COUNTS, finished_run
from verification import Category


def test_every_category_has_its_count_and_share() -> None:
    drawn = words(finished_message(finished_run()))
    for category, line in (
        (Category.SAFE, "1,000 (83.3 %)"),
        (Category.INVALID, "120 (10.0 %)"),
        (Category.CATCH_ALL, "20 (1.7 %)"),
        (Category.RISKY, "1 (&lt; 0.1 %)"),
    ):
        assert f"*{category.label}*\n{line}" in drawn
    assert sum(COUNTS.values()) == 1200


def test_the_credits_are_accounted_for() -> None:
    drawn = words(finished_message(finished_run()))
    assert "1,200 credits held: 1,181 charged, 19 given back (Unknown is free)" in drawn
    assert "after 8 minutes" in drawn


def test_a_clean_list_says_so() -> None:
    drawn = words(finished_message(finished_run(ALL_SAFE)))
    assert "Every address is Safe: there is nothing to clean up." in drawn


def test_an_empty_result_does_not_claim_that_all_is_safe() -> None:
    assert "Every address is Safe" not in words(finished_message(finished_run({})))


@pytest.mark.parametrize(
    ("invalid", "warns"),
    [
        pytest.param(200, False, id="exactly-a-fifth"),
        pytest.param(201, True, id="more-than-a-fifth"),
        pytest.param(1000, True, id="all"),
    ],
)
def test_many_invalid_addresses_are_a_warning(invalid: int, warns: bool) -> None:
    counts = {Category.INVALID: invalid, Category.SAFE: 1000 - invalid}
    assert (":warning:" in words(finished_message(finished_run(counts)))) is warns


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        pytest.param(0.8, "up 3.3 points", id="up"),
        pytest.param(0.9, "down 6.7 points", id="down"),
        pytest.param(1000 / 1200, "unchanged", id="same"),
        pytest.param(None, "first digest", id="first"),
    ],
)
def test_a_digest_compares_with_the_run_before(before: float | None, expected: str) -> None:
    report = finished_run(schedule_id=3, previous_safe_share=before)
    message = finished_message(report)
    assert expected in message.text
    assert message.text.startswith("Digest of")


def test_a_run_by_hand_compares_with_nothing() -> None:
    assert "run before" not in words(finished_message(finished_run(previous_safe_share=0.5)))


def test_flags_are_told_in_words() -> None:
    drawn = words(finished_message(finished_run(roles=1, typos=2)))
    assert "1 role address (such as info@) and 2 likely typos" in drawn
    assert "Worth knowing" not in words(finished_message(finished_run(roles=0, typos=0)))
