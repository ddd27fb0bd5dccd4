"""Whoever asked is told of a standstill in private, and later where Slack stumbles over it."""

import pytest

from bot.notifier import SlackNotifier
from sandbox.slack import FakeSlack
from storage.states import CleanupState, RunState
from tests.bot.conftest import MakeNotifier
from tests.storage.stores import ON_SQLITE, Store

pytestmark = ON_SQLITE


@pytest.fixture
def notifier(store: Store, make_notifier: MakeNotifier) -> SlackNotifier:
    return make_notifier(store)


async def test_what_slack_took_is_told(store: Store, notifier: SlackNotifier) -> None:
    assert await notifier.tell_stuck_run((await store.run_in(RunState.VERIFYING)).id)
    assert await notifier.tell_stuck_cleanup((await store.cleanup_in(CleanupState.PROVING)).id)


@pytest.mark.parametrize(
    ("code", "is_over"),
    [
        pytest.param("fatal_error", False, id="a-fault-of-slacks"),
        pytest.param("ratelimited", False, id="slow-down"),
        pytest.param("user_not_found", True, id="nobody-to-tell"),
        pytest.param("account_inactive", True, id="switched-off"),
    ],
)
async def test_only_what_may_pass_is_worth_another_try(
    code: str, is_over: bool, store: Store, slack: FakeSlack, notifier: SlackNotifier
) -> None:
    run = await store.run_in(RunState.VERIFYING)
    cleanup = await store.cleanup_in(CleanupState.PROVING)
    slack.fail_next("chat.postMessage", times=2, error=code)
    assert await notifier.tell_stuck_run(run.id) is is_over
    assert await notifier.tell_stuck_cleanup(cleanup.id) is is_over


async def test_no_answer_from_slack_is_worth_another_try(
    store: Store, slack: FakeSlack, notifier: SlackNotifier
) -> None:
    run = await store.run_in(RunState.VERIFYING)
    slack.fail_next("chat.postMessage", status=503)
    assert not await notifier.tell_stuck_run(run.id)
