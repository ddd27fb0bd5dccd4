"""V3: page numbers, subscriptions that wrap subscribers, and an unsubscribe that is checked."""

import json

import pytest

from convertkit import (
    Account,
    Everybody,
    Form,
    NotCancelled,
    OnForm,
    Rejected,
    Source,
    Subscriber,
    SubscriberState,
    Tag,
    Unavailable,
    WithTag,
    v3,
)
from convertkit.bookmarks import Bookmark
from convertkit.calls import Answer, Listing

SECRET = "inventedSecret-of_the-third_version-0123456"
CALLS = v3.V3("https://kit.example/v3", SECRET)


def answer(body: object, status: int = 200) -> Answer:
    return Answer(status, {}, json.dumps(body).encode())


def person(subscriber_id: int, state: str = "active") -> dict[str, object]:
    return {
        "id": subscriber_id,
        "first_name": "Reader",
        "email_address": f"reader{subscriber_id}@example.com",
        "state": state,
        "created_at": "2026-03-04T05:06:07.000Z",
        "fields": {"boat": None},
    }


def subscription(subscriber_id: int, state: str, wrapper_state: str) -> dict[str, object]:
    return {
        "id": subscriber_id * 100,
        "state": wrapper_state,
        "created_at": "2026-03-04T05:06:07.000Z",
        "source": None,
        "referrer": "",
        "subscribable_id": 31,
        "subscribable_type": "tag",
        "subscriber": person(subscriber_id, state),
    }


@pytest.mark.parametrize(
    ("source", "path", "query"),
    [
        pytest.param(Everybody(), "/subscribers", {}, id="everybody"),
        pytest.param(
            WithTag(31), "/tags/31/subscriptions", {"subscriber_state": "active"}, id="tag"
        ),
        pytest.param(
            OnForm(52), "/forms/52/subscriptions", {"subscriber_state": "active"}, id="form"
        ),
    ],
)
def test_each_source_has_its_list(source: Source, path: str, query: dict[str, str]) -> None:
    call = CALLS.subscribers(source, "3")
    assert call.url == "https://kit.example/v3" + path
    assert call.query == {"page": "3", "sort_order": "asc", **query}


def test_an_unsubscribe_carries_secret_and_address_in_the_body() -> None:
    call = CALLS.unsubscribe(Subscriber(7, "bob@example.com", SubscriberState.ACTIVE))
    assert (call.method, call.url) == ("PUT", "https://kit.example/v3/unsubscribe")
    assert call.secret_json == {"api_secret": SECRET, "email": "bob@example.com"}
    assert call.secret_query == {}


def test_nothing_shows_the_secret_or_the_address() -> None:
    call = CALLS.unsubscribe(Subscriber(7, "bob@example.com", SubscriberState.ACTIVE))
    shown = repr(CALLS) + repr(CALLS.account()) + repr(call)
    assert SECRET not in shown
    assert "bob@" not in shown


@pytest.mark.parametrize("after", [str(Bookmark.first("WzcxXQ==")), "", "-1", "two", "9" * 10])
def test_a_place_of_another_kind_is_rejected(after: str) -> None:
    with pytest.raises(Rejected, match="Start again"):
        CALLS.subscribers(Everybody(), after)


def test_an_account_is_read_with_and_without_a_plan() -> None:
    body = {"name": "Paper Boats", "primary_email_address": "team@example.org"}
    assert v3.account(answer(body)) == Account("Paper Boats", "team@example.org", None)
    body["plan_type"] = "creator"
    assert v3.account(answer(body)).plan == "creator"


def test_an_empty_object_is_no_account() -> None:
    with pytest.raises(Unavailable):
        v3.account(answer({}))


def test_tags_and_forms_come_at_once() -> None:
    tags = {"tags": [{"id": 31, "name": "Sailors", "created_at": "2026-03-04T05:06:07.000Z"}]}
    forms = {
        "forms": [
            {"id": 52, "name": "Harbour", "archived": False},
            {"id": 53, "name": "Closed", "archived": True},
            {"id": 54, "name": "Old style", "title": "Join us"},
        ]
    }
    assert v3.tags(answer(tags)) == Listing((Tag(31, "Sailors"),), None)
    assert v3.forms(answer(forms)) == Listing((Form(52, "Harbour"), Form(54, "Old style")), None)


@pytest.mark.parametrize(
    ("asked", "said", "total", "after"),
    [
        pytest.param(1, 1, 3, "2", id="more-to-come"),
        pytest.param(3, 3, 3, None, id="last"),
        pytest.param(1, 1, 0, None, id="nobody"),
        pytest.param(4, 4, 3, None, id="list-got-shorter"),
        pytest.param(4, 3, 3, None, id="list-got-shorter-and-page-clamped"),
    ],
)
def test_page_numbers_go_on_to_the_total(
    asked: int, said: int, total: int, after: str | None
) -> None:
    body = {"total_subscribers": 1, "page": said, "total_pages": total, "subscribers": [person(7)]}
    assert v3.page(answer(body), asked=asked).next == after


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"page": 1}, id="page-before"),
        pytest.param({"total_pages": None}, id="no-total"),
        pytest.param({"total_pages": True}, id="total-is-no-number"),
    ],
)
def test_a_list_without_a_way_on_is_not_cut_silently(broken: dict[str, object]) -> None:
    body = {"page": 2, "total_pages": 3, "subscribers": [person(7)], **broken}
    with pytest.raises(Unavailable):
        v3.page(answer(body), asked=2)


def test_the_subscribers_state_counts_and_not_the_subscriptions() -> None:
    rows = [
        subscription(7, "active", "inactive"),
        subscription(8, "cancelled", "active"),
        subscription(9, "bounced", "active"),
    ]
    body = {"total_subscriptions": 3, "page": 1, "total_pages": 1, "subscriptions": rows}
    page = v3.subscription_page(answer(body), asked=1, gone=None)
    assert page.subscribers == (Subscriber(7, "reader7@example.com", SubscriberState.ACTIVE),)


def test_one_subscriber_is_read() -> None:
    found = v3.one_subscriber(answer({"subscriber": person(7, "complained")}), wanted=7)
    assert found.state is SubscriberState.COMPLAINED


def test_an_answer_about_somebody_else_is_not_used() -> None:
    with pytest.raises(Unavailable, match="another subscriber"):
        v3.one_subscriber(answer({"subscriber": person(8)}), wanted=7)


def test_an_unsubscribe_that_cancelled_the_right_person_is_one() -> None:
    v3.unsubscribed(answer({"subscriber": person(7, "cancelled")}), wanted=7)


def test_an_unsubscribe_that_cancelled_somebody_else_is_told() -> None:
    with pytest.raises(Rejected, match=r"another subscriber \(id 8\)"):
        v3.unsubscribed(answer({"subscriber": person(8, "cancelled")}), wanted=7)


def test_an_unsubscribe_that_cancelled_nobody_is_told() -> None:
    with pytest.raises(NotCancelled, match="as active still"):
        v3.unsubscribed(answer({"subscriber": person(7, "active")}), wanted=7)
