"""A message is posted once, although Slack does not say that it was."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import posts
from bot.notifier import SlackNotifier
from bot.posts import EVENT, LOOKING, Post, Posts
from commands.views.blocks import Message
from jobs.errors import CannotPost
from sandbox.slack import App, Channel, FakeSlack, User, Workspace
from storage.records import Run
from storage.states import RunState
from tests.bot.conftest import MakeNotifier
from tests.storage.stores import ANN, NOW, Store

LEAST = frozenset({"commands", "chat:write", "files:write"})
#: Ends of a call that leave open whether the message is there.
UNSURE = [
    pytest.param({"is_lost": True}, id="done-and-the-answer-lost"),
    pytest.param({"status": 503}, id="5xx"),
    pytest.param({"status": 500, "body": "<html>Oh no</html>"}, id="5xx-html"),
    pytest.param({"error": "internal_error"}, id="halfway"),
]


@pytest.fixture
def scopes() -> frozenset[str]:
    return LEAST | LOOKING


@pytest.fixture(params=[False, True], ids=["public", "private"])
async def slack(scopes: frozenset[str], request: pytest.FixtureRequest) -> AsyncIterator[FakeSlack]:
    app = App(scopes=scopes)
    members = frozenset({ANN, app.bot_user})
    lists = Channel("C0LISTS", "lists", members, is_private=request.param)
    async with FakeSlack(
        Workspace(app=app, users=(User(ANN, "ann", "Ann"),), channels=(lists,))
    ) as workspace:
        # The tests' Runs are made then.
        workspace.clock.forward(NOW - datetime.now(UTC))
        yield workspace


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posts, "PAUSES", (0.01, 0.01))


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def notifier(store: Store, make_notifier: MakeNotifier) -> SlackNotifier:
    return make_notifier(store)


@ON_SQLITE
@pytest.mark.parametrize("fault", UNSURE)
async def test_a_new_message_is_posted_once(
    store: Store, slack: FakeSlack, notifier: SlackNotifier, fault: Any
) -> None:
    run = await store.run_in(RunState.FETCHING)
    slack.fail_next("chat.postMessage", **fault)
    await notifier.open_run(run.id)
    await is_the_only_one(slack, store, run)


@ON_SQLITE
@pytest.mark.parametrize("fault", UNSURE)
async def test_a_message_posted_anew_is_posted_once(
    store: Store, slack: FakeSlack, notifier: SlackNotifier, fault: Any
) -> None:
    run = await store.run_in(RunState.QUOTED)
    await notifier.open_run(run.id)
    slack.delete_message(slack.messages("lists")[0])
    slack.fail_next("chat.postMessage", **fault)
    await notifier.show_run(run.id, now=True)
    await is_the_only_one(slack, store, run)


@ON_SQLITE
async def test_a_message_that_was_posted_and_not_written_down_is_found_and_brought_up_to_date(
    store: Store, slack: FakeSlack, notifier: SlackNotifier
) -> None:
    run = await store.run_in(RunState.QUOTED)
    await notifier.open_run(run.id)
    # As if the process had been killed just after Slack took it.
    await store.sql(f"UPDATE run SET message_ts = NULL WHERE id = {run.id}")
    await store.runs.cancel(run.id, ANN, NOW)
    await notifier.show_run(run.id, now=True)
    await is_the_only_one(slack, store, run)
    assert "cancelled" in slack.as_text(slack.messages("lists")[0]).lower()


@ON_SQLITE
async def test_a_storm_that_does_not_end_leaves_no_message_behind_unseen(
    store: Store, slack: FakeSlack, notifier: SlackNotifier
) -> None:
    run = await store.run_in(RunState.FETCHING)
    slack.fail_next("chat.postMessage", times=3, status=503)
    with pytest.raises(CannotPost):
        await notifier.open_run(run.id)
    assert not slack.messages("lists")
    await notifier.show_run(run.id, now=True)
    await is_the_only_one(slack, store, run)


@ON_SQLITE
@pytest.mark.parametrize("scopes", [LEAST])
async def test_a_bot_that_may_not_read_the_channel_posts_rather_twice_than_never(
    store: Store, slack: FakeSlack, notifier: SlackNotifier
) -> None:
    run = await store.run_in(RunState.FETCHING)
    slack.fail_next("chat.postMessage", status=503)
    await notifier.open_run(run.id)
    await is_the_only_one(slack, store, run)
    assert "conversations.history" not in {call.method for call in slack.store.calls}


async def is_the_only_one(slack: FakeSlack, store: Store, run: Run) -> None:
    (message,) = slack.messages("lists")
    assert (await store.runs.get(run.id)).message_ts == message.ts


def a_post(key: str = "run:7", *, made_at: datetime = NOW, replaces: str | None = None) -> Post:
    return Post(key, "C0LISTS", Message("Hello", ()), made_at, replaces)


@pytest.fixture
def client(slack: FakeSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.url)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        pytest.param(a_post("run:70"), "is about something else", id="other-key"),
        pytest.param(
            a_post(made_at=NOW + timedelta(hours=1)), "is from an older database", id="older"
        ),
    ],
)
async def test_a_message_that_is_not_the_one_is_not_taken_for_it(
    slack: FakeSlack, client: AsyncWebClient, other: Post, why: str
) -> None:
    first = await Posts(client).post(a_post(), may_be_there=False)
    again = await Posts(client).post(other, may_be_there=True)
    assert again.is_new
    assert again.ts != first.ts, why


async def test_what_another_app_says_of_itself_is_not_believed(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    metadata = {"event_type": EVENT, "event_payload": {"key": "run:7"}}
    slack.store.post("C0LISTS", user="U0OTHERAPP", text="Hello", metadata=metadata)
    assert (await Posts(client).post(a_post(), may_be_there=True)).is_new


async def test_a_message_in_whose_place_it_comes_is_not_taken_for_it(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    first = await Posts(client).post(a_post(), may_be_there=False)
    await asyncio.sleep(0.01)
    assert (await Posts(client).post(a_post(replaces=first.ts), may_be_there=True)).is_new


async def test_what_slack_surely_did_not_do_is_said_at_once(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    slack.archive("lists")
    with pytest.raises(SlackApiError, match="is_archived"):
        await Posts(client).post(a_post(), may_be_there=False)
    assert [call.method for call in slack.store.calls] == ["chat.postMessage"]


async def test_a_look_that_fails_is_made_again_before_anything_is_posted(
    slack: FakeSlack, client: AsyncWebClient
) -> None:
    first = await Posts(client).post(a_post(), may_be_there=False)
    slack.fail_next("conversations.history", status=503, times=2)
    assert (await Posts(client).post(a_post(), may_be_there=True)).ts == first.ts
