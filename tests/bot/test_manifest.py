"""The manifest against Slack's schema, and against what the bot listens to, draws and calls."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest
import yaml
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from commands.register import register
from commands.services import Services
from commands.views.answers import choose_run_message
from commands.views.audience_inputs import Choice
from commands.views.blocks import Block
from commands.views.cleanup import cleanup_message
from commands.views.cleanup_dialog import CleanupDialog, cleanup_dialog
from commands.views.connect_dialog import connect_dialog, connected_dialog
from commands.views.help import help_message
from commands.views.ids import Button, Dialog
from commands.views.run import run_message
from commands.views.schedule_dialog import ScheduleDialog, schedule_dialog
from commands.views.status import status_message
from commands.views.verify_dialog import VerifyDialog, verify_dialog
from storage.plans import RECOMMENDED_PLAN
from storage.states import AudienceKind, Cadence, CleanupState, RunState, StopReason
from tests.commands.views.samples import (
    CONNECTION,
    NOW,
    SCHEDULE,
    SECOND_CONNECTION,
    approved,
    cleanup_report,
    finished_run,
    run_report,
    stopped_run,
    verifying,
)

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT.parent / "shared/reference/slack/schemastore-slack-app-manifest.json"

#: The scopes that each method needs, from its page at docs.slack.dev/reference/methods.
SCOPES: dict[str, set[str]] = {
    "apps_connections_open": set(),
    "auth_test": set(),
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    # Called only where an operator has granted channels:history or groups:history.
    "conversations_history": set(),
    "files_completeUploadExternal": {"files:write"},
    "files_getUploadURLExternal": {"files:write"},
    "views_open": set(),
    "views_update": set(),
}

_EXTERNAL = {"external_select", "multi_external_select"}


class Recorder:
    """Stand in for Bolt's app and note what is listened to."""

    def __init__(self) -> None:
        self.heard: set[tuple[str, str]] = set()

    def __getattr__(self, kind: str) -> Callable[[Any], Callable[[Any], Any]]:
        def listen(name: Any) -> Callable[[Any], Any]:
            # `app.error(handler)` is handed the handler itself.
            self.heard.add((kind, "" if callable(name) else str(name)))
            return lambda listener: listener

        return listen

    def of(self, kind: str) -> set[str]:
        """Give the names of one kind."""
        return {name for known, name in self.heard if known == kind}


@pytest.fixture
def listeners() -> Recorder:
    """Register every listener with a recorder; none of them is called."""
    recorder = Recorder()
    register(cast(AsyncApp, recorder), cast(Services, None))
    return recorder


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """Read the manifest."""
    read = yaml.safe_load((ROOT / "manifest.yml").read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def _dialogs() -> Iterator[dict[str, Any]]:
    accounts = (CONNECTION, SECOND_CONNECTION)
    few = (Choice(1, "One"),)
    many = tuple(Choice(n, f"Tag {n}") for n in range(150))
    yield connect_dialog(None, None)
    yield connected_dialog(CONNECTION)
    for connections in (accounts, accounts[:1]):
        for choices in (few, many):
            kind = AudienceKind.TAGS
            yield verify_dialog(VerifyDialog(connections, CONNECTION, kind, choices, None))
            yield schedule_dialog(
                ScheduleDialog(
                    connections, CONNECTION, kind, choices, None, None, (SCHEDULE,), Cadence.WEEKLY
                )
            )
    report = finished_run()
    yield cleanup_dialog(CleanupDialog(report.run, report.counts, RECOMMENDED_PLAN, CONNECTION))


def _messages() -> Iterator[tuple[Block, ...]]:
    runs = [
        *(run_report(state, balance=10_000) for state in RunState),
        run_report(RunState.QUOTED, balance=0),
        verifying(),
        finished_run(),
        *(stopped_run(reason) for reason in StopReason),
    ]
    cleanups = [
        *(cleanup_report(state) for state in CleanupState),
        *(approved(CleanupState.STOPPED, stop_reason=reason) for reason in StopReason),
    ]
    yield from (run_message(report, now=NOW).blocks for report in runs)
    yield from (cleanup_message(report, now=NOW).blocks for report in cleanups)
    yield choose_run_message().blocks
    yield status_message(tuple(runs), tuple(cleanups), (SCHEDULE,), now=NOW).blocks


def _dispatching(block: Block) -> Iterator[Block]:
    """Give the elements of a block whose use is sent to the app at once."""
    if block["type"] == "input":
        yield from [block["element"]] if block.get("dispatch_action") else []
    elif block["type"] == "section":
        yield from [block["accessory"]] if "accessory" in block else []
    elif block["type"] == "actions":
        yield from block["elements"]


def _elements(block: Block) -> Iterator[Block]:
    yield from _dispatching(block)
    if block["type"] == "input":
        yield block["element"]


def _all_blocks() -> Iterator[Block]:
    for dialog in _dialogs():
        yield from dialog["blocks"]
    for message in _messages():
        yield from message


def test_it_is_what_slack_calls_a_manifest(manifest: dict[str, Any]) -> None:
    if not SCHEMA.exists():
        pytest.skip("Slack's schema of manifests is not beside this repository")
    jsonschema.validate(manifest, json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_every_command_has_a_listener_and_the_other_way_round(
    manifest: dict[str, Any], listeners: Recorder
) -> None:
    commands = {each["command"] for each in manifest["features"]["slash_commands"]}
    assert commands == listeners.of("command")


def test_every_event_has_a_listener_and_the_other_way_round(
    manifest: dict[str, Any], listeners: Recorder
) -> None:
    subscribed = manifest["settings"].get("event_subscriptions", {}).get("bot_events", [])
    assert set(subscribed) == listeners.of("event")


def test_every_word_of_the_usage_hint_is_in_the_help(manifest: dict[str, Any]) -> None:
    for command in manifest["features"]["slash_commands"]:
        shown = str(help_message(command["command"]).blocks)
        for part in command["usage_hint"].strip("[]").split("|"):
            assert f"{command['command']} {part.split()[0]}" in shown


def test_whatever_can_be_pressed_or_chosen_has_a_listener_and_the_other_way_round(
    listeners: Recorder,
) -> None:
    drawn = {str(each["action_id"]) for block in _all_blocks() for each in _dispatching(block)}
    assert drawn == listeners.of("action")
    assert {button.value for button in Button} <= drawn


def test_whatever_is_searched_by_typing_has_a_listener_and_the_other_way_round(
    listeners: Recorder,
) -> None:
    drawn = {
        str(element["action_id"])
        for block in _all_blocks()
        for element in _elements(block)
        if element["type"] in _EXTERNAL
    }
    assert drawn == listeners.of("options")


def test_every_dialog_with_a_submit_button_has_a_listener_and_the_other_way_round(
    listeners: Recorder,
) -> None:
    drawn = {str(dialog["callback_id"]) for dialog in _dialogs() if "submit" in dialog}
    assert drawn == listeners.of("view")
    assert drawn <= {dialog.value for dialog in Dialog}


def test_the_scopes_are_those_that_the_used_methods_need(manifest: dict[str, Any]) -> None:
    used = set[str]()
    for folder in ("bot", "commands"):
        for path in (ROOT / folder).rglob("*.py"):
            used |= set(re.findall(r"client\.(\w+)\(", path.read_text(encoding="utf-8")))
    used &= _web_methods()
    assert used == set(SCOPES)
    needed = {scope for method in used for scope in SCOPES[method]}
    scopes = manifest["oauth_config"]["scopes"]
    assert set(scopes["bot"]) == needed | {"commands"}
    assert scopes.keys() == {"bot"}


def _web_methods() -> set[str]:
    return {name for name in vars(AsyncWebClient) if not name.startswith("_")}
