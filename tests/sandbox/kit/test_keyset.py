"""Tests of cutting pages by key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.kit.keyset import Place, decode, encode, window


def _all(numbers: list[int], size: int, *, descending: bool) -> list[int]:
    found: list[int] = []
    after = None
    while True:
        page = window(
            numbers, lambda n: n, lambda n: n % 3 != 0, Place(size, after, descending=descending)
        )
        found += page.rows
        if not page.has_next:
            return found
        after = page.rows[-1]


@given(st.sets(st.integers(0, 500)), st.integers(1, 20), st.booleans())
def test_pages_put_together_are_the_kept_rows_in_order(
    numbers: set[int], size: int, descending: bool
) -> None:
    wanted = sorted((n for n in numbers if n % 3 != 0), reverse=descending)
    assert _all(sorted(numbers), size, descending=descending) == wanted


def test_the_page_before_a_cursor_is_the_one_that_led_to_it() -> None:
    numbers = list(range(1, 11))
    first = window(numbers, lambda n: n, lambda n: True, Place(3))
    second = window(numbers, lambda n: n, lambda n: True, Place(3, after=first.rows[-1]))
    back = window(numbers, lambda n: n, lambda n: True, Place(3, before=second.rows[0]))
    assert (first.rows, second.rows, back.rows) == ([10, 9, 8], [7, 6, 5], [10, 9, 8])
    assert (back.has_previous, back.has_next) == (False, True)
    assert (second.has_previous, second.has_next) == (True, True)


def test_a_row_that_leaves_does_not_shift_the_next_page() -> None:
    numbers = list(range(1, 11))
    first = window(numbers, lambda n: n, lambda n: True, Place(3))
    next_page = window(numbers, lambda n: n, lambda n: n < 8, Place(3, after=first.rows[-1]))
    assert next_page.rows == [7, 6, 5]


def test_a_cursor_is_base64_of_a_json_list() -> None:
    assert encode([3_893_001]) == "WzM4OTMwMDFd"
    assert decode("WzM4OTMwMDFd") == [3_893_001]


@pytest.mark.parametrize(
    "cursor",
    [
        pytest.param("not base64!", id="alphabet"),
        pytest.param("WzIwMF0", id="lost-equals-sign"),
        pytest.param("Wzk=", id="cut-json"),
        pytest.param("/w==", id="not-text"),
    ],
)
def test_a_mangled_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(cursor)
