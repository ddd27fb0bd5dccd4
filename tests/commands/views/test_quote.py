"""The quote adds up, and has no Start where a Run could not begin."""

import pytest

from commands.views.quote import quote_message
from tests.commands.views.judging import buttons, words
from tests.commands.views.samples import EVERYBODY, run_report


def test_the_quote_adds_up() -> None:
    drawn = words(quote_message(run_report()))
    assert "*Subscribers*\n1,200" in drawn
    assert "*Duplicates removed*\n35" in drawn
    assert "*Cost*\n1,200 credits" in drawn
    assert "*Balance now*\n2,000 credits" in drawn
    assert "*Balance after*\n800 credits" in drawn


@pytest.mark.parametrize(
    ("balance", "expected"),
    [
        pytest.param(1199, "run_requote", id="one-missing"),
        pytest.param(1200, "run_start", id="just-enough"),
    ],
)
def test_start_is_offered_only_when_the_balance_covers_it(balance: int, expected: str) -> None:
    offered = buttons(quote_message(run_report(balance=balance)))
    assert list(offered) == [expected, "run_cancel"]


def test_a_quote_that_is_too_dear_says_how_to_get_the_missing_credits() -> None:
    drawn = words(quote_message(run_report(balance=200)))
    assert "*Missing*\n1,000 credits" in drawn
    assert "python -m bot credits grant T0TEAM 1000" in drawn
    assert "Nothing was started or charged" in drawn


def test_an_audience_without_subscribers_says_so() -> None:
    message = quote_message(run_report(subscribers=0, audience=EVERYBODY))
    assert "no active subscribers in *all Subscribers* of *Main list*" in words(message)
    assert list(buttons(message)) == ["run_cancel"]
