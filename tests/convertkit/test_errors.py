"""Errors are told apart by what a person can do, and survive being stored by a job engine."""

import copy
import pickle
from datetime import timedelta

import pytest

from convertkit import (
    ConvertKitError,
    CredentialRefused,
    Gone,
    NotAllowed,
    NotCancelled,
    PublicKeyGiven,
    RateLimited,
    Rejected,
    TryLater,
    Unavailable,
)


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        pytest.param(PublicKeyGiven, CredentialRefused, id="public-key"),
        pytest.param(CredentialRefused, ConvertKitError, id="credential"),
        pytest.param(NotAllowed, ConvertKitError, id="not-allowed"),
        pytest.param(Gone, ConvertKitError, id="gone"),
        pytest.param(Rejected, ConvertKitError, id="rejected"),
        pytest.param(NotCancelled, Rejected, id="not-cancelled"),
        pytest.param(RateLimited, TryLater, id="rate-limited"),
        pytest.param(Unavailable, TryLater, id="unavailable"),
        pytest.param(TryLater, ConvertKitError, id="try-later"),
    ],
)
def test_every_error_can_be_caught_as_its_parent(
    narrow: type[Exception], wide: type[Exception]
) -> None:
    assert issubclass(narrow, wide)


def test_str_is_the_sentence_alone() -> None:
    assert str(RateLimited("Wait a minute.", timedelta(seconds=9))) == "Wait a minute."


@pytest.mark.parametrize("error", [Gone("It is gone."), Unavailable("Down.", timedelta(seconds=3))])
def test_an_error_comes_back_whole_from_pickle_and_copy(error: ConvertKitError) -> None:
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert (type(twin), str(twin)) == (type(error), str(error))
        assert getattr(twin, "retry_after", None) == getattr(error, "retry_after", None)
