"""Slack stumbles, drops the connection or shuts the channel: the work goes on to the right numbers.

What each fault looks like to the person is told in tests/conversation/test_slack_faults.py.
"""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.audit import active_ids, rows_of
from sandbox.kit import Route
from sandbox.stage import Stage, staged
from tests.walk import (
    CHANNEL,
    OWNER,
    approved,
    ask_for_approval,
    ask_for_quote,
    check_the_credits,
    check_the_end,
    connect,
    converse,
    done,
    file_under,
    posted,
    press_approve,
    press_start,
    settings,
    verify,
)

PEOPLE = 160
#: What the bot calls all along the way.
METHODS = ("chat.postMessage", "chat.update", "files.getUploadURLExternal")


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 429, "retry_after": 2}, id="429-with-retry-after"),
        pytest.param({"status": 503}, id="5xx", marks=pytest.mark.soak),
        pytest.param(
            {"status": 500, "body": "<html>Oh no</html>"}, id="5xx-html", marks=pytest.mark.soak
        ),
    ],
)
async def test_a_storm_at_every_kind_of_call_changes_nothing_of_the_end(
    fault: dict[str, Any],
) -> None:
    async with staged(settings(people=PEOPLE)) as stage:
        await stage.start()
        await connect(stage)
        for method in METHODS:
            stage.slack.fail_next(method, times=2, **fault)
        quote, request = await converse(stage)
        refused = {call.method for call in stage.slack.refusals()}
        assert refused == set(METHODS), "else this shows nothing"
        await check_the_end(stage, quote, request, slack_stumbled=True)


async def test_a_socket_that_is_dropped_and_refreshed_changes_nothing_of_the_end() -> None:
    async with staged(settings(people=PEOPLE)) as stage:
        await stage.start()
        await connect(stage)
        await stage.slack.sockets.refresh()
        quote = await ask_for_quote(stage)
        await press_start(stage, quote)
        stage.slack.sockets.abort()
        await done(stage, quote, "[Clean up]")
        await stage.connected()
        request = await ask_for_approval(stage, quote)
        await press_approve(stage, request)
        await stage.slack.sockets.refresh()
        await done(stage, request, "Cleanup finished")
        await check_the_end(stage, quote, request)


async def test_clicks_that_are_delivered_twice_count_once() -> None:
    async with staged(settings(people=PEOPLE)) as stage:
        await stage.start()
        await connect(stage)
        quote = await ask_for_quote(stage)
        stage.slack.deliver_next_twice()
        await verify(stage, quote)
        request = await ask_for_approval(stage, quote)
        stage.slack.deliver_next_twice()
        await press_approve(stage, request)
        await done(stage, request, "Cleanup finished")
        await check_the_end(stage, quote, request)
        assert len(stage.world.kit.unsubscribes) == len(approved(stage))


async def test_messages_that_are_deleted_by_hand_are_posted_anew_and_lose_nothing() -> None:
    async with staged(settings(people=PEOPLE)) as stage:
        await stage.start()
        await connect(stage)
        quote = await ask_for_quote(stage)
        await press_start(stage, quote)
        await stage.slack.until(lambda: len(stage.world.mail.journal.commands) > 60)
        stage.slack.delete_message(quote)
        summary = await posted(stage, "[Clean up]")
        request = await ask_for_approval(stage, summary)
        stage.world.kit.before(
            Route.UNSUBSCRIBE, lambda: stage.slack.delete_message(request), skip=1
        )
        await press_approve(stage, request)
        proof = await posted(stage, "Cleanup finished")
        await check_the_end(stage, summary, proof, slack_stumbled=True)


def archived(stage: Stage) -> None:
    stage.slack.archive(CHANNEL)


def not_found(stage: Stage) -> None:
    # As for a private channel that the bot was removed from.
    for method in ("chat.update", "files.completeUploadExternal"):
        stage.slack.fail_next(method, times=1000, error="channel_not_found")


@pytest.mark.parametrize("shut", [archived, not_found])
async def test_a_channel_that_is_shut_in_the_middle_stops_nothing(
    shut: Callable[[Stage], None],
) -> None:
    async with staged(settings(people=PEOPLE)) as stage:
        await stage.start()
        await connect(stage)
        quote = await ask_for_quote(stage)
        await verify(stage, quote)
        results = rows_of(await file_under(stage, quote))
        request = await ask_for_approval(stage, quote)
        stage.world.kit.before(Route.UNSUBSCRIBE, lambda: shut(stage), skip=1)
        await press_approve(stage, request)
        told = await stage.slack.until(lambda: stage.slack.dm(OWNER))
        assert "/verify status" in stage.slack.as_text(told[0])
        await stage.slack.until(lambda: not approved(stage) & active_ids(stage))
        called = [each.subscriber for each in stage.world.kit.unsubscribes]
        assert sorted(called) == sorted(approved(stage)), "each of them once, and nobody else"
        await check_the_credits(stage, results)
