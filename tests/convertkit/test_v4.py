"""V4: a key in a header, filters and cursor on every page, has_next_page as the end, a bare 204."""

import json

import pytest

from convertkit import (
    Account,
    Everybody,
    Form,
    OnForm,
    Source,
    Subscriber,
    SubscriberState,
    Tag,
    Unavailable,
    WithTag,
    v4,
)
from convertkit.bookmarks import Bookmark
from convertkit.calls import Answer, Listing

KEY = "kit_0a1b2c3d4e5f60718293a4b5c6d7e8f9"
CALLS = v4.V4("https://kit.example/v4", KEY)


def answer(body: object, status: int = 200) -> Answer:
    return Answer(status, {}, json.dumps(body).encode())


def pagination(*, more: object = False, end: object = "WzcwXQ==") -> dict[str, object]:
    return {
        "has_previous_page": False,
        "has_next_page": more,
        "start_cursor": "WzcyXQ==",
        "end_cursor": end,
        "per_page": 1000,
    }


def person(subscriber_id: object, state: str = "active") -> dict[str, object]:
    return {
        "id": subscriber_id,
        "first_name": None,
        "email_address": f"reader{subscriber_id}@example.com",
        "state": state,
        "created_at": "2026-03-04T05:06:07Z",
    }


@pytest.mark.parametrize(
    ("source", "path"),
    [
        pytest.param(Everybody(), "/subscribers", id="everybody"),
        pytest.param(WithTag(31), "/tags/31/subscribers", id="tag"),
        pytest.param(OnForm(52), "/forms/52/subscribers", id="form"),
    ],
)
def test_each_source_has_its_list(source: Source, path: str) -> None:
    assert CALLS.subscribers(source, None).url == "https://kit.example/v4" + path


def test_filters_are_repeated_on_every_page() -> None:
    filters = {"status": "active", "slim": "true", "per_page": "1000"}
    assert CALLS.subscribers(Everybody(), None).query == filters
    after = str(Bookmark.first("WzcwXQ=="))
    assert CALLS.subscribers(Everybody(), after).query == {**filters, "after": "WzcwXQ=="}


def test_the_key_travels_in_the_header_only() -> None:
    call = CALLS.unsubscribe(Subscriber(7, "bob@example.com", SubscriberState.ACTIVE))
    assert call.secret_headers == {"X-Kit-Api-Key": KEY}
    assert (call.method, call.url) == ("POST", "https://kit.example/v4/subscribers/7/unsubscribe")
    assert (call.secret_query, call.secret_json) == ({}, None)


def test_nothing_shows_the_key() -> None:
    assert KEY not in repr(CALLS) + repr(CALLS.account())


def test_an_account_is_read() -> None:
    body = {
        "user": {"id": 1, "email": "team@example.org"},
        "account": {
            "id": 2,
            "name": "Paper Boats",
            "plan_type": "creator",
            "primary_email_address": "team@example.org",
        },
    }
    assert v4.account(answer(body)) == Account("Paper Boats", "team@example.org", "creator")


@pytest.mark.parametrize("name", ["", None])
def test_an_account_may_have_no_name(name: str | None) -> None:
    assert v4.account(answer({"account": {"name": name}})) == Account("", None, None)


def test_tags_are_read_page_by_page() -> None:
    body = {"tags": [{"id": 31, "name": "Sailors"}], "pagination": pagination(more=True)}
    listing = v4.tags(answer(body), at=None)
    assert listing == Listing((Tag(31, "Sailors"),), str(Bookmark.first("WzcwXQ==")))


def test_archived_forms_are_left_out() -> None:
    rows = [
        {"id": 52, "name": "Harbour", "archived": False},
        {"id": 53, "name": "Closed", "archived": True},
        {"id": 54, "name": "From before archives"},
    ]
    body = {"forms": rows, "pagination": pagination()}
    listing = v4.forms(answer(body), at=None)
    assert listing == Listing((Form(52, "Harbour"), Form(54, "From before archives")), None)


def test_the_last_page_ends_the_list_although_it_has_a_cursor() -> None:
    body = {"subscribers": [person(7)], "pagination": pagination(more=False)}
    assert v4.page(answer(body), at=None, gone=None).next is None


def test_an_empty_list_is_a_page_without_subscribers() -> None:
    body = {"subscribers": [], "pagination": pagination(end=None)}
    assert v4.page(answer(body), at=None, gone=None).subscribers == ()


def test_only_active_subscribers_stay_although_the_list_lags() -> None:
    rows = [person(7), person(8, "cancelled"), person(9, "bounced"), person(10, "new-word")]
    body = {"subscribers": rows, "pagination": pagination()}
    assert [one.id for one in v4.page(answer(body), at=None, gone=None).subscribers] == [7]


@pytest.mark.parametrize(
    ("more", "end"),
    [
        pytest.param(True, None, id="no-cursor"),
        pytest.param(True, "", id="empty-cursor"),
        pytest.param(True, "WzcxXQ==", id="same-cursor"),
        pytest.param(True, 70, id="number-for-a-cursor"),
        pytest.param(None, "WzcwXQ==", id="not-said-whether-more"),
    ],
)
def test_a_list_without_a_way_on_is_not_cut_silently(more: object, end: object) -> None:
    body = {"subscribers": [person(7)], "pagination": pagination(more=more, end=end)}
    with pytest.raises(Unavailable):
        v4.page(answer(body), at=Bookmark.first("WzcxXQ=="), gone=None)


def test_a_list_without_pagination_is_not_taken_for_complete() -> None:
    with pytest.raises(Unavailable):
        v4.page(answer({"subscribers": [person(7)]}), at=None, gone=None)


def test_one_subscriber_is_read_in_any_state() -> None:
    found = v4.one_subscriber(answer({"subscriber": person(7, "cancelled")}), wanted=7)
    assert found == Subscriber(7, "reader7@example.com", SubscriberState.CANCELLED)


def test_an_answer_about_somebody_else_is_not_used() -> None:
    with pytest.raises(Unavailable, match="another subscriber"):
        v4.one_subscriber(answer({"subscriber": person(8)}), wanted=7)


def test_204_without_a_body_is_an_unsubscribe() -> None:
    v4.unsubscribed(Answer(204, {}, b""))


@pytest.mark.parametrize("status", [200, 202])
def test_another_good_status_is_no_proof_of_an_unsubscribe(status: int) -> None:
    with pytest.raises(Unavailable, match="does not say"):
        v4.unsubscribed(answer({}, status))
