"""Every record has its words."""

import pytest

from commands.views.wording import (
    ACTIONS,
    AUDIENCES,
    MEANINGS,
    OUTCOMES,
    audience_name,
    audience_of,
    joined,
    listed,
    stop_words,
)
from storage.records import Audience
from storage.states import Action, AudienceKind, StopReason, UnsubscribeState
from tests.commands.views.samples import CONNECTION, TAGS
from verification import Category


def test_every_member_of_every_enum_has_words() -> None:
    assert set(MEANINGS) == set(Category)
    assert set(OUTCOMES) == set(UnsubscribeState)
    assert set(ACTIONS) == set(Action)
    assert set(AUDIENCES) == set(AudienceKind)
    for reason in StopReason:
        assert stop_words(reason, "<@U0BEN>").endswith(".")
    assert stop_words(None, "<@U0BEN>") == "It was stopped."


@pytest.mark.parametrize(
    ("audience", "expected"),
    [
        pytest.param(Audience(AudienceKind.SUBSCRIBERS), "all Subscribers", id="all"),
        pytest.param(Audience(AudienceKind.FORMS, (1,), ("Footer",)), 'Form "Footer"', id="one"),
        pytest.param(TAGS, 'Tagged groups "VIP readers" and "Spring 2026"', id="two"),
        pytest.param(
            Audience(AudienceKind.TAGS, tuple(range(9)), tuple("abcdefghi")),
            'Tagged groups "a", "b", "c" and 6 more',
            id="many",
        ),
        pytest.param(Audience(AudienceKind.TAGS, (1,), (" ",)), 'Tagged group "(no name)"', id="-"),
    ],
)
def test_an_audience_has_a_name(audience: Audience, expected: str) -> None:
    assert audience_name(audience) == expected


def test_an_audience_is_named_with_its_connection() -> None:
    everybody = Audience(AudienceKind.SUBSCRIBERS)
    assert audience_of(everybody, CONNECTION) == "*all Subscribers* of *Main list*"


def test_lists_read_as_sentences() -> None:
    assert joined([]) == ""
    assert joined(["a"]) == "a"
    assert joined(["a", "b", "c"]) == "a, b and c"
    assert listed({Category.RISKY: 1, Category.INVALID: 2, Category.SAFE: 0}) == (
        "2 Invalid and 1 Risky"
    )
