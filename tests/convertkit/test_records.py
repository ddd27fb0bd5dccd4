"""Records take ConvertKit's words, also new ones, and do not show addresses."""

import pytest

from convertkit import Subscriber, SubscriberState


@pytest.mark.parametrize(
    ("word", "state"),
    [
        pytest.param("active", SubscriberState.ACTIVE, id="known"),
        pytest.param("hibernating", SubscriberState.OTHER, id="new-word"),
        pytest.param("", SubscriberState.OTHER, id="empty"),
    ],
)
def test_a_state_is_an_open_enum(word: str, state: SubscriberState) -> None:
    assert SubscriberState(word) is state


def test_the_repr_of_a_subscriber_shows_no_address() -> None:
    assert "example" not in repr(Subscriber(7, "bob@example.com", SubscriberState.ACTIVE))
