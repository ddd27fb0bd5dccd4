"""Tests of who may call what, in the words of the real service."""

import httpx
import pytest

from sandbox.kit import KitSettings, RateLimit
from sandbox.people import People
from tests.sandbox.kit.conftest import Caller

NOT_VALID = {"error": "Authorization Failed", "message": "API Key not valid"}
NOT_PRESENT = {"error": "Authorization Failed", "message": "API Key not present"}


@pytest.mark.parametrize("path", ["account", "subscribers", "no/such/path"])
async def test_v4_asks_for_the_key_before_it_looks_at_the_path(caller: Caller, path: str) -> None:
    answer = await caller.http.get(f"{caller.kit.v4_url}/{path}")
    assert (answer.status_code, answer.json()) == (401, {"errors": ["Authentication Failed"]})


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("kit_" + "0" * 32, id="unknown"),
        pytest.param("", id="empty"),
        pytest.param("secret", id="v3-secret"),
    ],
)
async def test_v4_refuses_a_wrong_key(caller: Caller, key: str) -> None:
    key = caller.account.keys.v3_secret if key == "secret" else key
    answer = await caller.http.get(f"{caller.kit.v4_url}/account", headers={"X-Kit-Api-Key": key})
    assert (answer.status_code, answer.json()) == (401, {"errors": ["The API key is invalid"]})


async def test_v4_takes_no_api_key_as_a_bearer_token(caller: Caller) -> None:
    headers = {"Authorization": f"Bearer {caller.account.keys.v4[0]}"}
    answer = await caller.http.get(f"{caller.kit.v4_url}/account", headers=headers)
    assert answer.json() == {"errors": ["The access token is invalid"]}
    assert answer.headers["www-authenticate"].startswith('Bearer realm="ConvertKit API"')


async def test_v4_does_not_see_a_key_in_the_query(caller: Caller) -> None:
    query = {"api_key": caller.account.keys.v4[0], "api_secret": caller.account.keys.v3_secret}
    answer = await caller.http.get(f"{caller.kit.v4_url}/account", params=query)
    assert answer.json() == {"errors": ["Authentication Failed"]}


async def _v3(caller: Caller, path: str, **query: str) -> httpx.Response:
    return await caller.http.get(f"{caller.kit.v3_url}/{path}", params=query)


async def test_v3_without_a_credential_says_that_there_is_none(caller: Caller) -> None:
    headers = {"X-Kit-Api-Key": caller.account.keys.v4[0]}
    answer = await caller.http.get(f"{caller.kit.v3_url}/account", headers=headers)
    assert (answer.status_code, answer.json()) == (401, NOT_PRESENT)


async def test_v3_says_the_same_of_a_wrong_key_and_of_a_wrong_secret(caller: Caller) -> None:
    for name in ("api_key", "api_secret"):
        answer = await _v3(caller, "tags", **{name: "nonsense"})
        assert (answer.status_code, answer.json()) == (401, NOT_VALID)


async def test_the_public_key_is_not_valid_in_the_place_of_the_secret(caller: Caller) -> None:
    answer = await _v3(caller, "account", api_secret=caller.account.keys.v3_key)
    assert (answer.status_code, answer.json()) == (401, NOT_VALID)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        pytest.param("tags", 200, id="tags"),
        pytest.param("forms", 200, id="forms"),
        pytest.param("account", 401, id="account"),
        pytest.param("subscribers", 401, id="subscribers"),
        pytest.param("tags/3910001/subscriptions", 401, id="subscriptions"),
    ],
)
async def test_the_public_key_opens_tags_and_forms_only(
    caller: Caller, path: str, status: int
) -> None:
    answer = await _v3(caller, path, api_key=caller.account.keys.v3_key)
    assert answer.status_code == status
    if status == 401:
        message = "You do not have sufficient permissions to access this resource"
        assert answer.json()["message"] == message


async def test_the_secret_also_opens_what_the_key_opens(caller: Caller) -> None:
    assert (await _v3(caller, "tags", api_secret=caller.account.keys.v3_secret)).is_success


async def test_v4_keys_do_not_open_v3(caller: Caller) -> None:
    answer = await _v3(caller, "account", api_secret=caller.account.keys.v4[0])
    assert answer.json() == NOT_VALID


async def test_the_credential_may_come_in_a_json_body(caller: Caller) -> None:
    body = {"api_secret": caller.account.keys.v3_secret}
    answer = await caller.http.request("GET", f"{caller.kit.v3_url}/account", json=body)
    assert answer.status_code == 200


async def test_a_revoked_account_is_answered_in_the_exact_words(caller: Caller) -> None:
    caller.kit.revoke(caller.account)
    four, three = await caller.v4("GET", "account"), await caller.v3("GET", "account")
    assert four.json() == {"errors": ["The API key is invalid"]}
    assert three.json() == NOT_VALID


async def test_keys_do_not_show_when_they_are_printed(caller: Caller) -> None:
    keys = caller.account.keys
    text = repr(keys) + repr(caller.account)
    assert not any(key in text for key in (keys.v3_key, keys.v3_secret, *keys.v4))


async def test_one_key_of_several_can_be_revoked(caller: Caller) -> None:
    first = caller.account.keys.v4[0]
    second = caller.kit.add_v4_key(caller.account)
    caller.kit.revoke(caller.account, first)
    url = f"{caller.kit.v4_url}/account"
    answers = [
        await caller.http.get(url, headers={"X-Kit-Api-Key": key}) for key in (first, second)
    ]
    assert [answer.status_code for answer in answers] == [401, 200]


async def test_accounts_do_not_see_each_other(caller: Caller) -> None:
    other = caller.kit.add_account("Quiet Harbour", People(()))
    assert (await caller.v4("GET", "account")).json()["account"]["name"] == "Paper Lantern"
    headers = {"X-Kit-Api-Key": other.keys.v4[0]}
    answer = await caller.http.get(f"{caller.kit.v4_url}/subscribers", headers=headers)
    assert answer.json()["subscribers"] == []


class TestRateLimit:
    """120 calls in any rolling 60 seconds for each key; here 5 in 10."""

    @pytest.fixture
    def settings(self) -> KitSettings:
        return KitSettings(limit=RateLimit(calls=5, window=10))

    async def test_one_call_too_many_is_429_with_zero_bytes(self, caller: Caller) -> None:
        answers = [await caller.v4("GET", "account") for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert answers[-1].content == b""
        assert "retry-after" not in answers[-1].headers

    async def test_the_window_rolls(self, caller: Caller) -> None:
        for _ in range(5):
            await caller.v4("GET", "account")
            caller.clock.move(2)
        # Ten seconds after the first call exactly one slot is free again.
        answers = [(await caller.v4("GET", "account")).status_code for _ in range(2)]
        assert answers == [200, 429]

    async def test_a_refused_call_does_not_lengthen_the_wait(self, caller: Caller) -> None:
        for _ in range(20):
            await caller.v4("GET", "account")
        caller.clock.move(10)
        assert (await caller.v4("GET", "account")).status_code == 200

    async def test_a_refused_unsubscribe_does_nothing(self, caller: Caller) -> None:
        identity = caller.account.subscribers[0].id
        for _ in range(5):
            await caller.v4("GET", "account")
        answer = await caller.v4("POST", f"subscribers/{identity}/unsubscribe")
        assert answer.status_code == 429
        assert caller.kit.unsubscribes == []

    async def test_v3_and_v4_keys_are_counted_apart(self, caller: Caller) -> None:
        answers = [await caller.v4("GET", "account") for _ in range(6)]
        assert answers[-1].status_code == 429
        assert (await caller.v3("GET", "account")).status_code == 200

    async def test_the_most_calls_in_a_window_can_be_read(self, caller: Caller) -> None:
        for _ in range(4):
            await caller.v4("GET", "account")
            caller.clock.move(6)
        assert caller.kit.max_calls_in_window(10) == 2
        assert caller.kit.max_calls_in_window(60, caller.account) == 4


class TestRetryAfter:
    """ConvertKit documents no Retry-After; a client should still honour one."""

    @pytest.fixture
    def settings(self) -> KitSettings:
        return KitSettings(limit=RateLimit(calls=1, window=10, retry_after=True))

    async def test_it_says_how_many_seconds_to_wait(self, caller: Caller) -> None:
        await caller.v4("GET", "account")
        caller.clock.move(3.5)
        assert (await caller.v4("GET", "account")).headers["retry-after"] == "7"
