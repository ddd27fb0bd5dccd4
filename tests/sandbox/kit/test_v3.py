"""Tests of V3 against the facts of its documentation and of recorded answers."""

from math import ceil

import pytest

from sandbox.people import People, State
from tests.sandbox.kit.conftest import Caller

NEWSLETTER, EMPTY_TAG, HOME_PAGE = 3_910_001, 3_910_005, 5_240_001
NOT_FOUND = {
    "error": "Not Found",
    "message": "The entity you were trying to find doesn't exist",
}


async def test_the_account_is_a_flat_object(caller: Caller) -> None:
    assert (await caller.v3("GET", "account")).json() == {
        "name": "Paper Lantern",
        "plan_type": "creator",
        "primary_email_address": "owner@example.com",
    }


async def test_subscribers_come_fifty_to_a_page_and_active_only(
    caller: Caller, people: People
) -> None:
    page = (await caller.v3("GET", "subscribers")).json()
    assert page["total_subscribers"] == len(people.active)
    assert page["page"] == 1
    assert page["total_pages"] == ceil(len(people.active) / 50)
    assert [row["id"] for row in page["subscribers"]] == [p.id for p in people.active[:50]]
    assert {row["state"] for row in page["subscribers"]} == {"active"}


async def test_times_have_milliseconds(caller: Caller) -> None:
    row = (await caller.v3("GET", "subscribers")).json()["subscribers"][0]
    assert row["created_at"].endswith(".000Z")


async def test_a_page_after_the_last_is_empty(caller: Caller) -> None:
    page = (await caller.v3("GET", "subscribers", page=99)).json()
    assert (page["page"], page["subscribers"]) == (99, [])


@pytest.mark.parametrize("number", ["0", "-1", "two"])
async def test_a_page_number_that_is_none_is_the_first(caller: Caller, number: str) -> None:
    assert (await caller.v3("GET", "subscribers", page=number)).json()["page"] == 1


async def test_unsubscribing_between_pages_shifts_the_next_one(
    caller: Caller, people: People
) -> None:
    first = (await caller.v3("GET", "subscribers", page=1)).json()["subscribers"]
    await caller.v3_unsubscribe(first[0]["email_address"])
    second = (await caller.v3("GET", "subscribers", page=2)).json()["subscribers"]
    assert [row["id"] for row in second] == [p.id for p in people.active[51:101]]


async def test_cancelled_people_need_their_own_list(caller: Caller, people: People) -> None:
    page = (await caller.v3("GET", "subscribers", sort_field="cancelled_at")).json()
    wanted = {p.id for p in people.persons if p.state is State.CANCELLED}
    assert {row["id"] for row in page["subscribers"]} == wanted


async def test_sort_order_desc_begins_with_the_newest(caller: Caller, people: People) -> None:
    page = (await caller.v3("GET", "subscribers", sort_order="desc")).json()
    assert page["subscribers"][0]["id"] == people.active[-1].id


async def test_an_address_filters_the_active_list(caller: Caller, people: People) -> None:
    person = people.active[5]
    page = (await caller.v3("GET", "subscribers", email_address=person.address)).json()
    assert (page["total_subscribers"], page["subscribers"][0]["id"]) == (1, person.id)


async def test_a_malformed_address_is_no_error(caller: Caller) -> None:
    answer = await caller.v3("GET", "subscribers", email_address="nobody")
    assert (answer.status_code, answer.json()["total_subscribers"]) == (200, 0)


async def test_tags_and_forms_come_whole(caller: Caller, people: People) -> None:
    tags = (await caller.v3("GET", "tags")).json()
    forms = (await caller.v3("GET", "forms")).json()
    assert list(tags) == ["tags"]
    assert len(tags["tags"]) == len(people.tags)
    assert {form["archived"] for form in forms["forms"]} == {True, False}


async def test_a_tag_lists_subscriptions_of_every_state(caller: Caller, people: People) -> None:
    page = (await caller.v3("GET", f"tags/{NEWSLETTER}/subscriptions")).json()
    members = [p for p in people.persons if NEWSLETTER in p.tags]
    assert page["total_subscriptions"] == len(members)
    row = page["subscriptions"][0]
    assert row["subscribable_type"] == "tag"
    assert row["subscribable_id"] == NEWSLETTER
    assert row["id"] != row["subscriber"]["id"] == members[0].id


@pytest.mark.parametrize("state", ["active", "cancelled"])
async def test_subscriptions_can_be_of_one_state(
    caller: Caller, people: People, state: str
) -> None:
    path = f"forms/{HOME_PAGE}/subscriptions"
    page = (await caller.v3("GET", path, subscriber_state=state)).json()
    wanted = [p for p in people.persons if HOME_PAGE in p.forms and p.state == state]
    assert page["total_subscriptions"] == len(wanted)
    assert {row["subscriber"]["state"] for row in page["subscriptions"]} == {state}


async def test_a_subscription_keeps_its_own_state(caller: Caller) -> None:
    path = f"tags/{NEWSLETTER}/subscriptions"
    page = (await caller.v3("GET", path, subscriber_state="cancelled")).json()
    assert {row["state"] for row in page["subscriptions"]} == {"active"}


async def test_an_empty_tag_has_an_empty_page(caller: Caller) -> None:
    page = (await caller.v3("GET", f"tags/{EMPTY_TAG}/subscriptions")).json()
    assert page["total_subscriptions"] == 0
    assert page["subscriptions"] == []


async def test_unsubscribe_answers_with_the_cancelled_subscriber(
    caller: Caller, people: People
) -> None:
    person = people.active[7]
    answer = await caller.v3_unsubscribe(person.address)
    assert answer.status_code == 200
    assert answer.json()["subscriber"]["id"] == person.id
    assert answer.json()["subscriber"]["state"] == "cancelled"


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("nobody@example.com", id="unknown"),
        pytest.param("nobody", id="malformed"),
        pytest.param("", id="empty"),
        pytest.param(None, id="null"),
    ],
)
async def test_unsubscribing_an_unknown_address_is_404(caller: Caller, address: object) -> None:
    answer = await caller.v3_unsubscribe(address)
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("GET", "subscribers/1", id="subscriber"),
        pytest.param("GET", "tags/1/subscriptions", id="tag"),
        pytest.param("GET", "forms/1/subscriptions", id="form"),
        pytest.param("DELETE", "subscribers/1", id="delete-does-not-exist"),
        pytest.param("POST", "unsubscribe", id="method"),
        pytest.param("GET", "tags/3910001/subscribers", id="v4-path"),
    ],
)
async def test_what_does_not_exist_is_404(caller: Caller, method: str, path: str) -> None:
    answer = await caller.v3(method, path)
    assert (answer.status_code, answer.json()) == (404, NOT_FOUND)


async def test_both_versions_know_a_subscriber_by_the_same_id(
    caller: Caller, people: People
) -> None:
    identity = people.active[0].id
    three = (await caller.v3("GET", f"subscribers/{identity}")).json()["subscriber"]
    four = (await caller.v4("GET", f"subscribers/{identity}")).json()["subscriber"]
    assert three["email_address"] == four["email_address"]
