"""A walk through cursors ends in an error when it goes in a circle, and can change process."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convertkit import Rejected, Unavailable
from convertkit.bookmarks import Bookmark


@given(st.lists(st.text(), min_size=1, max_size=40, unique=True))
def test_a_walk_without_repetition_is_never_stopped(cursors: list[str]) -> None:
    at = Bookmark.first(cursors[0])
    for cursor in cursors[1:]:
        at = Bookmark.parse(str(at)).moved_to(cursor)
    assert at.cursor == cursors[-1]


@given(lead=st.integers(0, 20), circle=st.integers(1, 20))
def test_a_circle_is_noticed_within_a_few_rounds(lead: int, circle: int) -> None:
    def cursor(step: int) -> str:
        return str(step if step < lead else lead + (step - lead) % circle)

    def walk() -> None:
        at = Bookmark.first(cursor(0))
        for step in range(1, 4 * (lead + circle) + 2):
            at = Bookmark.parse(str(at)).moved_to(cursor(step))

    with pytest.raises(Unavailable, match="repeats itself"):
        walk()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("7", id="page-number-of-v3"),
        pytest.param("WzcxXQ==", id="bare-cursor"),
        pytest.param("", id="empty"),
        pytest.param('["a", "b"]', id="short"),
        pytest.param('["a", 1, 1]', id="wrong-kind"),
    ],
)
def test_a_place_of_another_kind_is_rejected(text: str) -> None:
    with pytest.raises(Rejected, match="Start again"):
        Bookmark.parse(text)
