"""Tests of V4 against the facts of its documentation and of recorded answers."""

import base64
import json
from typing import Any

import pytest

from sandbox.people import People, State
from tests.sandbox.kit.conftest import Caller

NEWSLETTER, HOSTILE, EMPTY_TAG = 3_910_001, 3_910_004, 3_910_005
HOME_PAGE, ARCHIVED, EMPTY_FORM = 5_240_001, 5_240_003, 5_240_004


async def test_the_account_has_a_name_a_plan_and_an_address(caller: Caller) -> None:
    answer = await caller.v4("GET", "account")
    body = answer.json()
    assert answer.status_code == 200
    assert body["account"]["name"] == "Paper Lantern"
    assert body["account"]["primary_email_address"] == "owner@example.com"
    assert body["account"]["plan_type"] == "creator"
    assert set(body) == {"user", "account"}


async def test_json_answers_carry_a_request_id_and_no_rate_limit_headers(caller: Caller) -> None:
    headers = (await caller.v4("GET", "account")).headers
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert headers["x-request-id"]
    assert not [name for name in headers if "ratelimit" in name.lower()]


async def test_a_subscriber_row_has_exactly_the_documented_fields(caller: Caller) -> None:
    row = (await caller.v4("GET", "subscribers", per_page=1)).json()["subscribers"][0]
    assert set(row) == {"id", "first_name", "email_address", "state", "created_at", "fields"}
    assert isinstance(row["id"], int)
    assert row["created_at"].endswith("Z")
    assert "." not in row["created_at"]


async def test_slim_rows_have_no_fields(caller: Caller) -> None:
    rows = (await caller.v4("GET", "subscribers", slim="true")).json()["subscribers"]
    assert all("fields" not in row for row in rows)


@pytest.mark.parametrize("status", [*State, None])
async def test_a_list_holds_one_state_and_active_unless_told(
    caller: Caller, people: People, status: State | None
) -> None:
    query: dict[str, Any] = {} if status is None else {"status": status.value}
    rows = await caller.all_v4("subscribers", **query)
    wanted = [p.id for p in people.persons if p.state is (status or State.ACTIVE)]
    assert [row["id"] for row in rows] == wanted[::-1]


async def test_status_all_lists_everybody_by_falling_id(caller: Caller, people: People) -> None:
    rows = await caller.all_v4("subscribers", status="all")
    assert [row["id"] for row in rows] == [p.id for p in people.persons][::-1]


async def test_sort_order_asc_lists_by_rising_id(caller: Caller, people: People) -> None:
    rows = await caller.all_v4("subscribers", sort_order="asc")
    assert [row["id"] for row in rows] == [p.id for p in people.active]


async def test_the_default_page_holds_500_and_says_so(caller: Caller) -> None:
    pagination = (await caller.v4("GET", "subscribers")).json()["pagination"]
    assert pagination["per_page"] == 500
    assert pagination["has_next_page"] is False
    assert "total_count" not in pagination


async def test_the_last_page_has_an_end_cursor_too(caller: Caller) -> None:
    pagination = (await caller.v4("GET", "subscribers")).json()["pagination"]
    assert pagination["end_cursor"] is not None


async def test_a_cursor_holds_the_id_of_its_row(caller: Caller) -> None:
    page = (await caller.v4("GET", "subscribers", per_page=3)).json()
    ids = [row["id"] for row in page["subscribers"]]
    cursors = (page["pagination"]["start_cursor"], page["pagination"]["end_cursor"])
    assert [json.loads(base64.b64decode(cursor)) for cursor in cursors] == [[ids[0]], [ids[-1]]]


async def test_before_leads_back(caller: Caller) -> None:
    first = (await caller.v4("GET", "subscribers", per_page=5)).json()
    after = first["pagination"]["end_cursor"]
    second = (await caller.v4("GET", "subscribers", per_page=5, after=after)).json()
    before = second["pagination"]["start_cursor"]
    back = (await caller.v4("GET", "subscribers", per_page=5, before=before)).json()
    assert back["subscribers"] == first["subscribers"]
    assert second["pagination"]["has_previous_page"] is True


async def test_unsubscribing_while_paging_loses_nobody(caller: Caller, people: People) -> None:
    seen: list[int] = []
    query: dict[str, Any] = {}
    while True:
        page = (await caller.v4("GET", "subscribers", per_page=20, **query)).json()
        for row in page["subscribers"]:
            seen.append(row["id"])
            await caller.v4("POST", f"subscribers/{row['id']}/unsubscribe")
        if not page["pagination"]["has_next_page"]:
            break
        query["after"] = page["pagination"]["end_cursor"]
    assert sorted(seen) == [p.id for p in people.active]


async def test_the_total_is_there_when_asked_for(caller: Caller, people: People) -> None:
    query = {"include_total_count": "true", "per_page": 1}
    pagination = (await caller.v4("GET", "subscribers", **query)).json()["pagination"]
    assert pagination["total_count"] == len(people.active)


async def test_an_empty_list_has_null_cursors(caller: Caller) -> None:
    answer = await caller.v4("GET", f"tags/{EMPTY_TAG}/subscribers")
    assert answer.status_code == 200
    assert answer.json() == {
        "subscribers": [],
        "pagination": {
            "has_previous_page": False,
            "has_next_page": False,
            "start_cursor": None,
            "end_cursor": None,
            "per_page": 500,
        },
    }


@pytest.mark.parametrize(
    ("query", "message"),
    [
        pytest.param({"email_address": "nobody"}, "Email address is invalid", id="address"),
        pytest.param(
            {"sort_field": "cancelled_at"},
            "The status param must be `cancelled` if sort_field is `cancelled_at`",
            id="sort-by-cancelled-at",
        ),
        pytest.param({"per_page": "1001"}, None, id="page-too-large"),
        pytest.param({"per_page": "many"}, None, id="page-no-number"),
        pytest.param({"status": "confirmed"}, None, id="status"),
        pytest.param({"after": "WzIwMF0"}, None, id="cursor-without-equals-sign"),
        pytest.param({"after": "WyJhIl0="}, None, id="cursor-of-another-list"),
        pytest.param({"sort_field": "email_address"}, None, id="sort-field"),
        pytest.param({"created_after": "yesterday"}, None, id="date"),
    ],
)
async def test_a_wrong_parameter_is_422(
    caller: Caller, query: dict[str, str], message: str | None
) -> None:
    answer = await caller.v4("GET", "subscribers", **query)
    assert answer.status_code == 422
    errors = answer.json()["errors"]
    assert message is None or errors == [message]


async def test_an_unknown_parameter_is_ignored(caller: Caller) -> None:
    answer = await caller.v4("GET", "subscribers", colour="blue", per_page=1)
    assert answer.status_code == 200


async def test_an_address_finds_its_subscriber_whatever_the_case(
    caller: Caller, people: People
) -> None:
    person = people.active[3]
    rows = await caller.all_v4("subscribers", email_address=person.address.upper())
    assert [row["id"] for row in rows] == [person.id]


async def test_a_cancelled_address_is_found_with_status_all_only(
    caller: Caller, people: People
) -> None:
    person = next(p for p in people.persons if p.state is State.CANCELLED)
    assert await caller.all_v4("subscribers", email_address=person.address) == []
    found = await caller.all_v4("subscribers", email_address=person.address, status="all")
    assert [row["id"] for row in found] == [person.id]


async def test_created_after_lists_the_newer_ones(caller: Caller, people: People) -> None:
    middle = people.active[120]
    since = middle.created_at.isoformat()
    rows = await caller.all_v4("subscribers", created_after=since)
    wanted = [p.id for p in people.active if p.created_at > middle.created_at]
    assert [row["id"] for row in rows] == wanted[::-1]


async def test_one_subscriber_has_canceled_at(caller: Caller, people: People) -> None:
    person = people.active[0]
    about = (await caller.v4("GET", f"subscribers/{person.id}")).json()["subscriber"]
    assert about["canceled_at"] is None
    assert about["email_address"] == person.address
    assert about["first_name"] == person.first_name


async def test_unsubscribe_answers_204_with_zero_bytes(caller: Caller, people: People) -> None:
    person = people.active[0]
    answer = await caller.v4("POST", f"subscribers/{person.id}/unsubscribe")
    assert (answer.status_code, answer.content) == (204, b"")
    about = (await caller.v4("GET", f"subscribers/{person.id}")).json()["subscriber"]
    assert about["state"] == "cancelled"
    assert about["canceled_at"] == "2026-11-20T12:00:00Z"


async def test_unsubscribing_twice_is_answered_alike(caller: Caller, people: People) -> None:
    person = people.active[0]
    path = f"subscribers/{person.id}/unsubscribe"
    answers = [(await caller.v4("POST", path)).status_code for _ in range(2)]
    assert answers == [204, 204]
    states = [(call.subscriber, call.was) for call in caller.kit.unsubscribes]
    assert states == [(person.id, State.ACTIVE), (person.id, State.CANCELLED)]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "subscribers/1", id="subscriber"),
        pytest.param("POST", "subscribers/1/unsubscribe", id="unsubscribe"),
        pytest.param("GET", "tags/1/subscribers", id="tag"),
        pytest.param("GET", "forms/1/subscribers", id="form"),
        pytest.param("GET", "subscribers/ann", id="id-is-no-number"),
        pytest.param("GET", "nothing", id="path"),
        pytest.param("DELETE", f"subscribers/{2**32}", id="delete-does-not-exist"),
        pytest.param("GET", "subscribers/1/unsubscribe", id="method"),
    ],
)
async def test_what_does_not_exist_is_404(caller: Caller, method: str, path: str) -> None:
    answer = await caller.v4(method, path)
    assert (answer.status_code, answer.json()) == (404, {"errors": ["Not Found"]})


async def test_tags_are_listed_by_falling_id_with_their_names(
    caller: Caller, people: People
) -> None:
    tags = (await caller.v4("GET", "tags")).json()["tags"]
    assert [tag["id"] for tag in tags] == sorted((t.id for t in people.tags), reverse=True)
    assert {"id": HOSTILE, "name": "VIP <!channel> *bold*"}.items() <= next(
        tag for tag in tags if tag["id"] == HOSTILE
    ).items()


async def test_a_tag_lists_its_active_subscribers(caller: Caller, people: People) -> None:
    rows = await caller.all_v4(f"tags/{NEWSLETTER}/subscribers", per_page=50)
    wanted = [p.id for p in people.active if NEWSLETTER in p.tags]
    assert [row["id"] for row in rows] == wanted[::-1]
    assert all(row["tagged_at"] for row in rows)


async def test_a_tag_cursor_holds_a_time_and_an_id(caller: Caller) -> None:
    page = (await caller.v4("GET", f"tags/{NEWSLETTER}/subscribers", per_page=2)).json()
    key = json.loads(base64.b64decode(page["pagination"]["end_cursor"]))
    assert key[0].endswith(".000Z")
    assert isinstance(key[1], int)


async def test_a_form_lists_its_active_subscribers(caller: Caller, people: People) -> None:
    rows = await caller.all_v4(f"forms/{HOME_PAGE}/subscribers", per_page=50)
    wanted = [p.id for p in people.active if HOME_PAGE in p.forms]
    assert [row["id"] for row in rows] == wanted[::-1]
    assert all("added_at" in row for row in rows)


@pytest.mark.parametrize(
    ("query", "archived"),
    [
        pytest.param({}, {False}, id="active-unless-told"),
        pytest.param({"status": "archived"}, {True}, id="archived"),
        pytest.param({"status": "all"}, {True, False}, id="all"),
        pytest.param({"status": "trashed"}, set(), id="trashed"),
    ],
)
async def test_forms_can_be_listed_by_status(
    caller: Caller, query: dict[str, str], archived: set[bool]
) -> None:
    forms = (await caller.v4("GET", "forms", **query)).json()["forms"]
    assert {form["archived"] for form in forms} == archived


async def test_an_archived_form_still_lists_its_subscribers(caller: Caller) -> None:
    assert await caller.all_v4(f"forms/{ARCHIVED}/subscribers")


async def test_landing_pages_are_forms_of_type_hosted(caller: Caller) -> None:
    forms = (await caller.v4("GET", "forms", type="hosted")).json()["forms"]
    assert {form["type"] for form in forms} == {"hosted"}


async def test_cancelled_people_are_sorted_by_their_time(caller: Caller) -> None:
    query = {"status": "cancelled", "sort_field": "cancelled_at", "sort_order": "asc"}
    rows = (await caller.v4("GET", "subscribers", **query)).json()["subscribers"]
    assert rows
    assert {row["state"] for row in rows} == {"cancelled"}
