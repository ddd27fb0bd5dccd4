"""One client for both versions: whole lists, pages to go on from, and which API a secret opens."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import respx

from convertkit import (
    Account,
    ApiVersion,
    ConvertKit,
    ConvertKitError,
    CredentialRefused,
    Endpoints,
    Everybody,
    Form,
    Gone,
    NotAllowed,
    PublicKeyGiven,
    Subscriber,
    SubscriberState,
    Tag,
    Unavailable,
    WithTag,
    identify,
    subscriber_url,
)
from tests.convertkit.conftest import SECRETS, THREE_TRIES, V3, V4, Naps, Turns

Connect = Callable[[ApiVersion], ConvertKit]
Identify = Callable[[str], Any]

BOB = Subscriber(7, "bob+news@example.com", SubscriberState.ACTIVE)
BOB_ROW = {"id": 7, "email_address": "bob+news@example.com", "state": "active"}
V3_REFUSES = httpx.Response(
    401, json={"error": "Authorization Failed", "message": "API Key not valid"}
)
V3_FORBIDS = httpx.Response(
    401,
    json={"error": "Authorization Failed", "message": "You do not have sufficient permissions"},
)
V4_REFUSES = httpx.Response(401, json={"errors": ["The API key is invalid"]})
V3_ACCOUNT = httpx.Response(
    200, json={"name": "Paper Boats", "primary_email_address": "team@example.org"}
)
V4_ACCOUNT = httpx.Response(200, json={"account": {"name": "Paper Boats", "plan_type": "free"}})


def v4_page(key: str, rows: list[dict[str, object]], end: str | None) -> httpx.Response:
    pagination = {"has_next_page": end is not None, "end_cursor": end or "WzFd"}
    return httpx.Response(200, json={key: rows, "pagination": pagination})


async def test_v4_tags_are_collected_over_all_pages(
    connect: Connect, respx_mock: respx.MockRouter
) -> None:
    pages = respx_mock.get(f"{V4}/tags")
    pages.side_effect = [
        v4_page("tags", [{"id": 31, "name": "Sailors"}], "WzMxXQ=="),
        v4_page("tags", [{"id": 30, "name": "Rowers"}], None),
    ]
    assert await connect(ApiVersion.V4).tags() == (Tag(31, "Sailors"), Tag(30, "Rowers"))
    assert [call.request.url.query for call in pages.calls] == [
        b"per_page=1000",
        b"per_page=1000&after=WzMxXQ%3D%3D",
    ]
    assert pages.calls.last.request.headers["X-Kit-Api-Key"] == SECRETS[ApiVersion.V4]


async def test_a_v4_list_that_goes_in_a_circle_ends_as_unavailable(
    connect: Connect, respx_mock: respx.MockRouter
) -> None:
    cursors = {None: "a", "a": "b", "b": "c", "c": "a"}

    def serve(request: httpx.Request) -> httpx.Response:
        return v4_page("forms", [], cursors[request.url.params.get("after")])

    respx_mock.get(f"{V4}/forms").mock(side_effect=serve)
    with pytest.raises(Unavailable, match="repeats itself"):
        await connect(ApiVersion.V4).forms()


async def test_a_page_that_repeats_its_cursor_once_is_asked_for_again(
    connect: Connect, respx_mock: respx.MockRouter
) -> None:
    pages = respx_mock.get(f"{V4}/forms")
    pages.side_effect = [
        v4_page("forms", [{"id": 52, "name": "Harbour"}], "a"),
        v4_page("forms", [{"id": 51, "name": "Quay"}], "a"),
        v4_page("forms", [{"id": 51, "name": "Quay"}], None),
    ]
    assert await connect(ApiVersion.V4).forms() == (Form(52, "Harbour"), Form(51, "Quay"))


async def test_v4_subscribers_go_on_in_another_client(
    connect: Connect, respx_mock: respx.MockRouter
) -> None:
    pages = respx_mock.get(f"{V4}/tags/31/subscribers")
    pages.side_effect = [
        v4_page("subscribers", [BOB_ROW], "Wyd4Jyw3XQ=="),
        v4_page("subscribers", [], None),
    ]
    first = await connect(ApiVersion.V4).subscribers(WithTag(31))
    assert first.subscribers == (BOB,)
    assert first.next is not None
    last = await connect(ApiVersion.V4).subscribers(WithTag(31), first.next)
    assert (last.subscribers, last.next) == ((), None)
    query = b"status=active&slim=true&per_page=1000"
    assert [call.request.url.query for call in pages.calls] == [
        query,
        query + b"&after=Wyd4Jyw3XQ%3D%3D",
    ]


async def test_v3_subscribers_go_on_by_page_number(
    connect: Connect, respx_mock: respx.MockRouter
) -> None:
    def serve(request: httpx.Request) -> httpx.Response:
        page = int(request.url.params["page"])
        body = {"page": page, "total_pages": 2, "subscribers": [{**BOB_ROW, "id": page}]}
        return httpx.Response(200, json=body)

    respx_mock.get(f"{V3}/subscribers", params={"sort_order": "asc"}).mock(side_effect=serve)
    kit = connect(ApiVersion.V3)
    first = await kit.subscribers(Everybody())
    assert first.next == "2"
    last = await kit.subscribers(Everybody(), first.next)
    assert ([one.id for one in last.subscribers], last.next) == ([2], None)


@pytest.mark.parametrize(
    ("version", "url"),
    [
        pytest.param(ApiVersion.V3, f"{V3}/tags/31/subscriptions", id="v3"),
        pytest.param(ApiVersion.V4, f"{V4}/tags/31/subscribers", id="v4"),
    ],
)
async def test_a_deleted_tag_is_gone(
    version: ApiVersion, url: str, connect: Connect, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(url).respond(404, json={"errors": ["Not Found"], "error": "Not Found"})
    with pytest.raises(Gone, match="This tag is not in ConvertKit any more"):
        await connect(version).subscribers(WithTag(31))


@pytest.mark.parametrize("version", ApiVersion)
async def test_one_subscriber_is_read_by_id(
    version: ApiVersion, connect: Connect, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(path__regex="/subscribers/7$").respond(json={"subscriber": BOB_ROW})
    assert await connect(version).subscriber(7) == BOB


async def test_v3_unsubscribes_by_address_with_the_secret_in_the_body(
    connect: Connect, respx_mock: respx.MockRouter
) -> None:
    cancelled = {"subscriber": {**BOB_ROW, "state": "cancelled"}}
    route = respx_mock.put(
        f"{V3}/unsubscribe",
        json={"api_secret": SECRETS[ApiVersion.V3], "email": "bob+news@example.com"},
    ).respond(json=cancelled)
    await connect(ApiVersion.V3).unsubscribe(BOB)
    assert route.calls.last.request.url.query == b""


async def test_v3_lists_its_tags_and_forms_in_one_call(
    connect: Connect, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(f"{V3}/tags").respond(json={"tags": [{"id": 31, "name": "Sailors"}]})
    respx_mock.get(f"{V3}/forms").respond(json={"forms": [{"id": 52, "name": "Harbour"}]})
    kit = connect(ApiVersion.V3)
    assert await kit.tags() == (Tag(31, "Sailors"),)
    assert await kit.forms() == (Form(52, "Harbour"),)


@pytest.mark.parametrize(
    ("version", "answer"),
    [
        pytest.param(ApiVersion.V3, V3_REFUSES, id="v3"),
        pytest.param(ApiVersion.V4, V4_REFUSES, id="v4"),
    ],
)
async def test_a_secret_revoked_in_the_middle_is_said_so(
    version: ApiVersion, answer: httpx.Response, connect: Connect, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(path__regex="/subscribers/7$").mock(return_value=answer)
    with pytest.raises(CredentialRefused, match=r"revoked\. Connect with the current one\."):
        await connect(version).subscriber(7)


@pytest.fixture
def identified(http: httpx.AsyncClient, turns: Turns, naps: Naps) -> Identify:
    def run(secret: str) -> Any:
        return identify(
            secret,
            http=http,
            pace=turns,
            endpoints=Endpoints(),
            retries=THREE_TRIES,
            sleep=naps,
        )

    return run


async def test_a_v4_key_is_known_by_its_prefix(
    identified: Identify, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(f"{V4}/account").mock(return_value=V4_ACCOUNT)
    found = await identified(f"  {SECRETS[ApiVersion.V4]}\n")
    assert found == (ApiVersion.V4, Account("Paper Boats", None, "free"))


async def test_a_refused_v4_key_is_not_tried_on_v3(
    identified: Identify, respx_mock: respx.MockRouter, turns: Turns
) -> None:
    respx_mock.get(f"{V4}/account").mock(return_value=V4_REFUSES)
    with pytest.raises(CredentialRefused):
        await identified(SECRETS[ApiVersion.V4])
    assert turns.taken == 1


async def test_a_v3_secret_is_tried_as_secret_and_not_as_key(
    identified: Identify, respx_mock: respx.MockRouter
) -> None:
    secret = SECRETS[ApiVersion.V3]
    route = respx_mock.get(f"{V3}/account", params={"api_secret": secret})
    route.mock(return_value=V3_ACCOUNT)
    found = await identified(secret)
    assert found == (ApiVersion.V3, Account("Paper Boats", "team@example.org", None))
    assert "api_key" not in route.calls.last.request.url.params


@pytest.mark.parametrize("refusal", [V3_REFUSES, V3_FORBIDS], ids=["not-valid", "not-enough"])
async def test_the_public_key_is_recognised(
    refusal: httpx.Response, identified: Identify, respx_mock: respx.MockRouter
) -> None:
    public = "inventedKey-0123456_ab"
    respx_mock.get(f"{V3}/account").mock(return_value=refusal)
    respx_mock.get(f"{V3}/tags", params={"api_key": public}).respond(json={"tags": []})
    with pytest.raises(PublicKeyGiven, match="public API Key, not its API Secret") as caught:
        await identified(public)
    assert "below the API Key: it is the longer of the two" in str(caught.value)


async def test_a_v4_key_without_the_prefix_is_found_as_well(
    identified: Identify, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(f"{V3}/account").mock(return_value=V3_REFUSES)
    respx_mock.get(f"{V3}/tags").mock(return_value=V3_REFUSES)
    respx_mock.get(f"{V4}/account").mock(return_value=V4_ACCOUNT)
    assert (await identified("anInventedKeyWithoutItsPrefix"))[0] is ApiVersion.V4


async def test_a_secret_that_opens_nothing_is_refused_with_where_to_look(
    identified: Identify, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(f"{V3}/account").mock(return_value=V3_REFUSES)
    respx_mock.get(f"{V3}/tags").mock(return_value=V3_REFUSES)
    respx_mock.get(f"{V4}/account").mock(return_value=V4_REFUSES)
    with pytest.raises(CredentialRefused, match="Account Settings > Advanced") as caught:
        await identified("anInventedSecretOfNobody")
    assert type(caught.value) is CredentialRefused
    assert "kit_" in str(caught.value)


async def test_an_account_that_may_not_is_not_called_a_wrong_secret(
    identified: Identify, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(f"{V3}/account").mock(return_value=V3_FORBIDS)
    respx_mock.get(f"{V3}/tags").mock(return_value=V3_REFUSES)
    with pytest.raises(NotAllowed, match="sufficient permissions"):
        await identified(SECRETS[ApiVersion.V3])


async def test_an_outage_says_nothing_about_the_secret(
    identified: Identify, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(f"{V3}/account").respond(503)
    with pytest.raises(Unavailable):
        await identified(SECRETS[ApiVersion.V3])


@pytest.mark.parametrize("text", ["", "short", "two words that are long enough"])
async def test_what_cannot_be_a_secret_is_refused_without_a_call(
    text: str, identified: Identify, turns: Turns
) -> None:
    with pytest.raises(CredentialRefused):
        await identified(text)
    assert turns.taken == 0


def test_a_secret_that_cannot_be_sent_makes_no_client(http: httpx.AsyncClient) -> None:
    with pytest.raises(ConvertKitError):
        ConvertKit(
            secret="two\nlines",
            version=ApiVersion.V4,
            http=http,
            pace=Turns(),
            endpoints=Endpoints(),
            retries=THREE_TRIES,
        )


def test_a_subscriber_has_a_page_in_the_dashboard() -> None:
    assert subscriber_url(7) == "https://app.kit.com/subscribers/7"
