"""Any answer is a record or a ConvertKitError; status and exact words tell failures apart."""

import contextlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convertkit import (
    ConvertKitError,
    CredentialRefused,
    Gone,
    NotAllowed,
    RateLimited,
    Rejected,
    SubscriberState,
    Unavailable,
    v3,
    v4,
)
from convertkit.bookmarks import Bookmark
from convertkit.calls import Answer
from convertkit.decoding import retry_after, subscriber, tag

Decoder = Callable[[Answer], object]

AT = Bookmark.first("WzcxXQ==")
DECODERS: dict[str, Decoder] = {
    "v3-account": v3.account,
    "v3-tags": v3.tags,
    "v3-forms": v3.forms,
    "v3-page": partial(v3.page, asked=2),
    "v3-subscription-page": partial(v3.subscription_page, asked=2, gone="Gone."),
    "v3-subscriber": partial(v3.one_subscriber, wanted=7),
    "v3-unsubscribed": partial(v3.unsubscribed, wanted=7),
    "v4-account": v4.account,
    "v4-tags": partial(v4.tags, at=AT),
    "v4-forms": partial(v4.forms, at=None),
    "v4-page": partial(v4.page, at=AT, gone="Gone."),
    "v4-subscriber": partial(v4.one_subscriber, wanted=7),
    "v4-unsubscribed": v4.unsubscribed,
}
every_decoder = pytest.mark.parametrize("decode", DECODERS.values(), ids=DECODERS.keys())

# Bodies that look much like Kit's: its keys, its nesting, values of every kind.
_KEYS = [
    *("account", "subscriber", "subscribers", "subscriptions", "tags", "forms", "pagination"),
    *("errors", "error", "message", "id", "name", "email_address", "state", "archived"),
    *("has_next_page", "end_cursor", "page", "total_pages"),
]
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([1, 2, 7, "7", "active", "cancelled", "WzcxXQ==", "API Key not valid", "\0"])
    | st.text(st.characters(exclude_categories=()), max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=6)
    ),
    max_leaves=25,
)
_STATUSES = st.sampled_from([200, 204, 401, 403, 404, 422, 429, 500]) | st.integers(0, 999)
_HEADERS = st.dictionaries(st.sampled_from(["retry-after", "date"]), st.text(max_size=30))
_BODIES = st.binary(max_size=60) | st.builds(lambda value: json.dumps(value).encode(), _VALUES)


def answer(status: int, body: object = b"", **headers: str) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, {name.replace("_", "-"): text for name, text in headers.items()}, raw)


@every_decoder
@settings(max_examples=150, deadline=None)
@given(status=_STATUSES, headers=_HEADERS, body=_BODIES)
def test_any_answer_is_a_record_or_a_convertkit_error(
    decode: Decoder, status: int, headers: dict[str, str], body: bytes
) -> None:
    with contextlib.suppress(ConvertKitError):
        decode(Answer(status, headers, body))


@every_decoder
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"<html><body>Be right back</body></html>", id="html"),
        pytest.param(b"", id="empty"),
        pytest.param(b"[" * 100_000, id="nested-too-deep"),
        pytest.param(b"1" * 5_000, id="number-too-long"),
        pytest.param(b"\xff\xfe", id="not-utf-8"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"null", id="null"),
    ],
)
def test_a_good_status_with_something_else_than_data_is_unavailable(
    decode: Decoder, body: bytes
) -> None:
    with pytest.raises(Unavailable):
        decode(answer(200, body))


@every_decoder
@pytest.mark.parametrize(
    ("status", "error"),
    [
        pytest.param(429, RateLimited, id="429"),
        pytest.param(500, Unavailable, id="500"),
        pytest.param(503, Unavailable, id="503"),
        pytest.param(408, Unavailable, id="request-timeout"),
        pytest.param(302, Unavailable, id="redirect"),
        pytest.param(401, NotAllowed, id="401-without-words"),
        pytest.param(403, NotAllowed, id="403"),
        pytest.param(400, Rejected, id="400"),
        pytest.param(422, Rejected, id="422"),
    ],
)
def test_a_failure_needs_no_body(
    decode: Decoder, status: int, error: type[ConvertKitError]
) -> None:
    with pytest.raises(error):
        decode(answer(status))


@every_decoder
@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_page_for_people_is_never_taken_for_kits_refusal(decode: Decoder, status: int) -> None:
    with pytest.raises(Unavailable, match="a page instead of data"):
        decode(answer(status, b"<!doctype html><title>Blocked</title>"))


@every_decoder
@pytest.mark.parametrize("body", [b"<html>Slow down</html>", b"[]", b"", b'{"errors":["Slow"]}'])
def test_429_is_rate_limited_whatever_comes_with_it(decode: Decoder, body: bytes) -> None:
    with pytest.raises(RateLimited) as caught:
        decode(answer(429, body, retry_after="17"))
    assert caught.value.retry_after == timedelta(seconds=17)


@pytest.mark.parametrize(
    ("decode", "status", "body", "error"),
    [
        pytest.param(
            v4.account,
            401,
            {"errors": ["The API key is invalid"]},
            CredentialRefused,
            id="v4-bad-key",
        ),
        pytest.param(
            v4.account,
            401,
            {"errors": ["The access token is invalid"]},
            CredentialRefused,
            id="v4-bad-token",
        ),
        pytest.param(
            v4.account, 401, {"errors": ["Authentication Failed"]}, NotAllowed, id="v4-no-key"
        ),
        pytest.param(
            v4.account,
            403,
            {"errors": ["The API key is invalid"]},
            NotAllowed,
            id="v4-words-without-401",
        ),
        pytest.param(
            v4.account,
            401,
            {"errors": ["The API key is invalid for this plan"]},
            NotAllowed,
            id="v4-almost-the-words",
        ),
        pytest.param(
            v3.account,
            401,
            {"error": "Authorization Failed", "message": "API Key not valid"},
            CredentialRefused,
            id="v3-bad-secret",
        ),
        pytest.param(
            v3.account,
            401,
            {"error": "Authorization Failed", "message": "API Key not present"},
            NotAllowed,
            id="v3-no-secret",
        ),
        pytest.param(
            v3.account,
            401,
            {"error": "Authorization Failed", "message": "You do not have sufficient permissions"},
            NotAllowed,
            id="v3-not-enough",
        ),
        pytest.param(
            v4.unsubscribed, 404, {"errors": ["Not Found"]}, Gone, id="v4-unsubscribe-unknown"
        ),
        pytest.param(
            partial(v3.unsubscribed, wanted=7),
            404,
            {"error": "Not Found", "message": "The entity you were trying to find doesn't exist"},
            Gone,
            id="v3-unsubscribe-unknown",
        ),
        pytest.param(v4.account, 404, {"errors": ["Not Found"]}, Rejected, id="404-of-nothing"),
    ],
)
def test_kits_exact_words_decide(
    decode: Decoder, status: int, body: object, error: type[ConvertKitError]
) -> None:
    with pytest.raises(ConvertKitError) as caught:
        decode(answer(status, body))
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("decode", "body"),
    [
        pytest.param(v4.account, {"errors": ["No more", ["than", 9]]}, id="v4-nested-lists"),
        pytest.param(v3.account, {"error": "No more", "message": "than"}, id="v3"),
    ],
)
def test_a_refusal_quotes_kits_own_words(decode: Decoder, body: object) -> None:
    with pytest.raises(NotAllowed, match='It said: "No more: than"'):
        decode(answer(403, body))


def test_a_refusal_does_not_quote_addresses_or_keys() -> None:
    words = "ann@example.com may not use kit_0a1b2c3d4e5f60718293a4b5c6d7e8f9 here"
    with pytest.raises(Rejected) as caught:
        v4.account(answer(422, {"errors": [words]}))
    assert 'It said: "… may not use … here"' in str(caught.value)


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        pytest.param({}, None, id="absent"),
        pytest.param({"retry_after": "30"}, 30, id="seconds"),
        pytest.param({"retry_after": " 0 "}, 0, id="zero"),
        pytest.param({"retry_after": "-5"}, None, id="negative"),
        pytest.param({"retry_after": "9" * 400}, None, id="absurd"),
        pytest.param({"retry_after": "soon"}, None, id="word"),
        pytest.param(
            {
                "retry_after": "Sun, 22 Nov 2026 10:00:45 GMT",
                "date": "Sun, 22 Nov 2026 10:00:00 GMT",
            },
            45,
            id="date",
        ),
        pytest.param(
            {
                "retry_after": "Sun, 22 Nov 2026 09:00:00 GMT",
                "date": "Sun, 22 Nov 2026 10:00:00 GMT",
            },
            0,
            id="date-in-the-past",
        ),
        pytest.param({"retry_after": "Sun, 22 Nov 2026 10:00:45 GMT"}, None, id="date-alone"),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], wait: float | None) -> None:
    asked = retry_after(answer(429, **headers))
    assert (asked.total_seconds() if asked is not None else None) == wait


@pytest.mark.parametrize(
    ("value", "number"),
    [
        pytest.param(4_300_000_001, 4_300_000_001, id="beyond-32-bits"),
        pytest.param("4300000001", 4_300_000_001, id="text"),
    ],
)
def test_an_id_may_be_a_large_number_or_its_text(value: object, number: int) -> None:
    assert tag({"id": value, "name": "Readers"}).id == number


@pytest.mark.parametrize("value", [None, True, 0, -1, 1.5, 2**63, "", "x", "٣", "1e3", "9" * 19])
def test_anything_else_is_no_id(value: object) -> None:
    with pytest.raises(Unavailable):
        tag({"id": value, "name": "Readers"})


def test_a_row_may_have_more_fields_than_known() -> None:
    row = {"id": 7, "email_address": "bob@example.com", "state": "active", "mood": {"now": "ok"}}
    found = subscriber(row)
    assert (found.id, found.email, found.state) == (7, "bob@example.com", SubscriberState.ACTIVE)


@pytest.mark.parametrize("missing", ["id", "email_address", "state"])
def test_a_row_without_what_is_needed_is_not_guessed(missing: str) -> None:
    row = {"id": 7, "email_address": "bob@example.com", "state": "active"}
    del row[missing]
    with pytest.raises(Unavailable):
        subscriber(row)


def test_texts_hold_nothing_that_a_database_refuses() -> None:
    assert tag({"id": 1, "name": "a\0b\ud800c"}).name == "a\ufffdb\ufffdc"
