"""A key tells apart what differs, and finds an address again in any letter case."""

import pytest

from storage.address_keys import AddressKeys

KEYS = AddressKeys(b"for tests")


def test_the_same_address_has_the_same_key() -> None:
    assert KEYS.of("ann@example.com") == KEYS.of("ann@example.com")
    assert len(KEYS.of("ann@example.com")) == 16


@pytest.mark.parametrize(
    ("secret", "other"),
    [
        pytest.param(b"for tests", "ben@example.com", id="another-address"),
        pytest.param(b"for tests", "Ann@example.com", id="another-case"),
        pytest.param(b"another", "ann@example.com", id="another-secret"),
    ],
)
def test_what_differs_has_another_key(secret: bytes, other: str) -> None:
    assert AddressKeys(secret).of(other) != KEYS.of("ann@example.com")


@pytest.mark.parametrize(
    ("address", "found"),
    [
        pytest.param("ann@example.com", True, id="as-it-is"),
        pytest.param("ANN@Example.COM", True, id="another-case"),
        pytest.param("ben@example.com", False, id="another-address"),
    ],
)
def test_a_range_holds_every_letter_case(address: str, found: bool) -> None:
    first, last = KEYS.range_of(address)
    assert (first <= KEYS.of("ann@example.com") <= last) is found
