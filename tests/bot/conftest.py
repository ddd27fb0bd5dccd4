"""What the tests of bot share: storage on either database, and several processes' notifiers."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.board import Board
from bot.notifier import SlackNotifier
from bot.uploads import Uploads
from sandbox.slack import Channel, FakeSlack, User, Workspace
from storage.turns import Turns
from tests.storage.conftest import (
    database_url,
    file,
    migrated,
    open_store,
    server,
    store,
    stores,
)
from tests.storage.stores import ANN, Store

__all__ = ["database_url", "file", "migrated", "open_store", "server", "store", "stores"]

#: Seconds between two updates of a message.
PACE = 0.5

#: Makes the notifier of a process that has this store.
MakeNotifier = Callable[[Store], SlackNotifier]


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    """Start a Slack in which Ann has a channel with the bot."""
    bot = Workspace().app.bot_user
    lists = Channel("C0LISTS", "lists", frozenset({ANN, bot}))
    async with FakeSlack(
        Workspace(users=(User(ANN, "ann", "Ann"),), channels=(lists,))
    ) as workspace:
        yield workspace


@pytest.fixture
def client(slack: FakeSlack) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.url)


@pytest.fixture
def make_notifier(client: AsyncWebClient, tmp_path: Path) -> MakeNotifier:
    def make(store: Store) -> SlackNotifier:
        turns = Turns(store.database)
        return SlackNotifier(
            client=client,
            board=Board(client=client, turns=turns, progress_seconds=PACE),
            uploads=Uploads(client),
            turns=turns,
            runs=store.runs,
            subscribers=store.subscribers,
            cleanups=store.cleanups,
            unsubscribes=store.unsubscribes,
            reports=store.reports,
            clock=lambda: datetime.now(UTC),
            calls_per_minute=110.0,
            folder=tmp_path,
        )

    return make


@pytest.fixture
def notifiers(stores: list[Store], make_notifier: MakeNotifier) -> list[SlackNotifier]:
    """Give the notifiers of four processes on one database."""
    return [make_notifier(each) for each in stores]
