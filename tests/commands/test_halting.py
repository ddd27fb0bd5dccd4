"""A click that halts something also lets go of what it has under way, whoever holds the message."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest

from commands import approve, quote
from commands.services import Services
from commands.views.ids import Button
from storage.records import Cleanup, Run
from storage.states import CleanupState, RunState
from tests.jobs.worlds import Clock
from tests.storage.stores import BEN, TEAM, Store


class GivingUp:
    """Remember what was given up, and in which state it was; the rest starts nothing."""

    def __init__(self) -> None:
        self.given_up: list[tuple[str, bool]] = []

    async def start_run(self, run: Run) -> None:
        pass

    async def start_cleanup(self, cleanup: Cleanup) -> None:
        pass

    async def give_up_run(self, run: Run, *, at_once: bool) -> None:
        self.given_up.append((run.state.value, at_once))

    async def give_up_cleanup(self, cleanup: Cleanup, *, at_once: bool) -> None:
        self.given_up.append((cleanup.state.value, at_once))


class HeldMessages:
    """Never come back from showing something, as beside a job that hangs in just that."""

    async def show_run(self, run_id: int, *, now: bool) -> None:
        await asyncio.Event().wait()

    async def show_cleanup(self, cleanup_id: int, *, now: bool) -> None:
        await asyncio.Event().wait()


async def knows_the_bot() -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token="xoxb-1", bot_user_id="U0")


class Clicks:
    """Click on buttons of an app that has the listeners of a Run's and a Cleanup's message."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.workflows = GivingUp()
        self._app = AsyncApp(authorize=knows_the_bot, request_verification_enabled=False)
        services = cast(
            Services,
            SimpleNamespace(
                runs=store.runs,
                cleanups=store.cleanups,
                decisions=store.decisions,
                workflows=self.workflows,
                notifier=HeldMessages(),
                clock=clock,
            ),
        )
        quote.register(self._app, services)
        approve.register(self._app, services)

    async def click(self, button: Button, subject_id: int) -> list[tuple[str, bool]]:
        """Click, and give what is given up because of it."""
        body: dict[str, Any] = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": BEN, "team_id": TEAM},
            "actions": [{"type": "button", "action_id": button, "value": str(subject_id)}],
        }
        await self._app.async_dispatch(AsyncBoltRequest(body=body, mode="socket_mode"))
        for _ in range(100):
            if self.workflows.given_up:
                break
            await asyncio.sleep(0.02)
        return self.workflows.given_up


@pytest.fixture
def clicks(store: Store, clock: Clock) -> Clicks:
    return Clicks(store, clock)


@pytest.mark.parametrize("is_stuck", [True, False])
@pytest.mark.parametrize(
    ("button", "before", "after"),
    [
        pytest.param(Button.RUN_CANCEL, RunState.FETCHING, "cancelled", id="cancel"),
        pytest.param(Button.RUN_STOP, RunState.VERIFYING, "stopped", id="stop"),
    ],
)
async def test_a_run_that_is_halted_is_let_go_of(
    clicks: Clicks, store: Store, button: Button, before: RunState, after: str, is_stuck: bool
) -> None:
    run = await store.run_in(before)
    if is_stuck:
        await store.sql(f"UPDATE run SET stuck_told_at = '2099-01-01' WHERE id = {run.id}")
    assert await clicks.click(button, run.id) == [(after, is_stuck)]


@pytest.mark.parametrize(
    ("button", "after"),
    [
        pytest.param(Button.RUN_RESUME, "verifying", id="resume"),
        pytest.param(Button.RUN_DROP, "finished", id="drop"),
    ],
)
async def test_a_run_that_goes_on_is_rid_of_what_was_before(
    clicks: Clicks, store: Store, button: Button, after: str
) -> None:
    run = await store.run_in(RunState.STOPPED)
    assert await clicks.click(button, run.id) == [(after, False)]


@pytest.mark.parametrize(
    ("button", "before", "after"),
    [
        pytest.param(Button.CLEANUP_STOP, CleanupState.UNSUBSCRIBING, "stopped", id="stop"),
        pytest.param(Button.CLEANUP_RESUME, CleanupState.STOPPED, "unsubscribing", id="resume"),
        pytest.param(Button.CLEANUP_DROP, CleanupState.STOPPED, "proving", id="drop"),
    ],
)
async def test_a_cleanup_is_let_go_of_by_each_click_that_halts_or_goes_on(
    clicks: Clicks, store: Store, button: Button, before: CleanupState, after: str
) -> None:
    cleanup = await store.cleanup_in(before)
    assert await clicks.click(button, cleanup.id) == [(after, False)]
