"""The confirmation counts everybody of the approved list once, and says what to do."""

from commands.views.confirmation import confirmation_message
from tests.commands.views.judging import words
from tests.commands.views.samples import ALL_CONFIRMED, DROPPED, FINISHED


def test_the_confirmation_counts_every_outcome_and_advises() -> None:
    drawn = words(confirmation_message(FINISHED))
    assert sum(FINISHED.by_state.values()) == FINISHED.cleanup.subscribers
    for line in (
        "*Confirmed unsubscribed*\n140",
        "*Already cancelled before*\n6",
        "*No longer in ConvertKit*\n5",
        "*Left alone*\n4",
        "*Still subscribed*\n3",
        "*Refused by ConvertKit*\n2",
        "Contact ConvertKit support",
        "Asked by <@U0ANNA>. Approved by <@U0BEN>",
    ):
        assert line in drawn


def test_a_dropped_cleanup_says_who_stays_subscribed() -> None:
    drawn = words(confirmation_message(DROPPED))
    assert "100 not tried, because the cleanup was dropped. They stay subscribed." in drawn


def test_nothing_to_do_is_not_advised() -> None:
    drawn = words(confirmation_message(ALL_CONFIRMED))
    assert "160 of 160 subscribers confirmed unsubscribed" in drawn
    assert "•" not in drawn
    assert "*Still subscribed*\n0" in drawn


def test_the_confirmation_says_how_somebody_is_deleted() -> None:
    assert "do it by hand in ConvertKit's dashboard" in words(confirmation_message(FINISHED))
