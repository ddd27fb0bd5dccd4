"""The payloads Slack sends to the app, built from what a person did. Pure: nothing is sent here.

Fields as in https://docs.slack.dev/interactivity and the payload reference there.
"""

from typing import Any

from sandbox.slack.inputs import state_json, stateful, value_key
from sandbox.slack.methods.chat import message_json
from sandbox.slack.methods.views import view_json
from sandbox.slack.records import Json, Message, View
from sandbox.slack.store import Store
from sandbox.slack.workspace import Channel, User


def slash_payload(
    store: Store,
    user: User,
    channel: Channel,
    *,
    command: str,
    text: str,
    trigger_id: str,
    response_url: str,
) -> Json:
    """Return what a slash command carries; `is_enterprise_install` really is a string."""
    return {
        "token": "sandbox-verification-token",
        "team_id": store.workspace.team_id,
        "team_domain": store.workspace.domain,
        "channel_id": channel.id,
        "channel_name": channel.payload_name,
        "user_id": user.id,
        "user_name": user.handle,
        "command": command,
        "text": text,
        "api_app_id": store.app.app_id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def _common(store: Store, user: User, kind: str) -> Json:
    workspace = store.workspace
    return {
        "type": kind,
        "team": {"id": workspace.team_id, "domain": workspace.domain},
        "user": {
            "id": user.id,
            "username": user.handle,
            "name": user.handle,
            "team_id": workspace.team_id,
        },
        "api_app_id": store.app.app_id,
        "token": "sandbox-verification-token",
        "enterprise": None,
        "is_enterprise_install": False,
    }


def action_json(block: Json, element: Json, changed: Json, *, action_ts: str) -> Json:
    """Return one entry of `actions`: what was pressed or chosen."""
    action: Json = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": action_ts,
    }
    for name in ("text", "value", "style", "placeholder"):
        if name in element:
            action[name] = element[name]
    return action | {name: value for name, value in changed.items() if name != "type"}


def message_action_payload(
    store: Store,
    user: User,
    message: Message,
    *,
    action: Json,
    trigger_id: str,
    response_url: str,
) -> Json:
    """Return what a press in a message carries."""
    channel = store.channel(message.channel)
    is_ephemeral = message.visible_to is not None
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": is_ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    body = _common(store, user, "block_actions") | {
        "container": container,
        "trigger_id": trigger_id,
        "channel": {"id": channel.id, "name": channel.payload_name},
        "response_url": response_url,
        "state": {"values": state_json(message.blocks, message.values.get(user.id, {}))},
        "actions": [action],
    }
    if not is_ephemeral:
        # An ephemeral message is not stored, so its content is not sent along.
        body["message"] = message_json(message, store)
    return body


def view_action_payload(
    store: Store, user: User, view: View, *, action: Json, trigger_id: str
) -> Json:
    """Return what a press in a dialog or home tab carries."""
    return _common(store, user, "block_actions") | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": trigger_id,
        "view": view_json(view, store),
        "actions": [action],
    }


def submission_payload(
    store: Store, user: User, view: View, *, trigger_id: str, response_urls: list[Json]
) -> Json:
    """Return what a dialog's submit button sends."""
    return _common(store, user, "view_submission") | {
        "trigger_id": trigger_id,
        "view": view_json(view, store),
        "response_urls": response_urls,
    }


def closed_payload(store: Store, user: User, view: View, *, is_cleared: bool) -> Json:
    """Return what closing a dialog sends; `is_cleared` when the whole stack went."""
    return _common(store, user, "view_closed") | {
        "view": view_json(view, store),
        "is_cleared": is_cleared,
    }


def suggestion_payload(
    store: Store, user: User, where: Message | View, *, block: Json, element: Json, typed: str
) -> Json:
    """Return what typing into an external select sends."""
    body = _common(store, user, "block_suggestion") | {
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "value": typed,
    }
    if isinstance(where, View):
        return body | {
            "container": {"type": "view", "view_id": where.id},
            "view": view_json(where, store),
        }
    channel = store.channel(where.channel)
    return body | {
        "container": {"type": "message", "message_ts": where.ts, "channel_id": channel.id},
        "channel": {"id": channel.id, "name": channel.payload_name},
        "message": message_json(where, store),
    }


def event_payload(store: Store, event: Json) -> Json:
    """Return what an event carries."""
    workspace = store.workspace
    return {
        "token": "sandbox-verification-token",
        "team_id": workspace.team_id,
        "api_app_id": workspace.app.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": store.new_id("Ev"),
        "event_time": int(store.clock.now().timestamp()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": workspace.team_id,
                "user_id": workspace.app.bot_user,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }


def home_opened_event(store: Store, user: User, *, tab: str) -> Json:
    """Return the event of opening the app's home or messages tab."""
    event: Json = {
        "type": "app_home_opened",
        "user": user.id,
        "channel": store.dm(user.id).id,
        "tab": tab,
        "event_ts": store.new_ts(),
    }
    home = store.homes.get(user.id)
    if home is not None and tab == "home":
        event["view"] = view_json(home, store)
    return event


def response_url_inputs(view: View) -> list[tuple[Json, Json, Any]]:
    """Return block, element and chosen conversation of inputs that ask for a response_url."""
    state = state_json(view.blocks, view.values)
    found = []
    for block, element in stateful(view.blocks):
        if element.get("response_url_enabled"):
            key = value_key(element) or ""
            found.append((block, element, state[block["block_id"]][element["action_id"]][key]))
    return found
