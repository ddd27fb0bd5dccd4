"""views.*: open, push, update and publish dialogs and home tabs.

https://docs.slack.dev/surfaces/modals
"""

import json
from collections.abc import Mapping

from sandbox.slack.arguments import json_argument, text_argument
from sandbox.slack.blockkit import home_problems, modal_problems
from sandbox.slack.drawing import drawn_view
from sandbox.slack.errors import Refusal
from sandbox.slack.inputs import (
    carried_values,
    holds_many,
    initial_value,
    is_offered,
    state_json,
    stateful,
    value_key,
)
from sandbox.slack.records import Json, Values, View
from sandbox.slack.store import Store
from sandbox.slack.tickets import Trigger, Triggers
from sandbox.slack.web_api import Method

#: A dialog and at most two pushed on top of it.
STACK_MAX = 3
VIEW_MAX_BYTES = 250_000


class Views:
    """Answer the views methods, and draw the views that come in acknowledgements."""

    def __init__(self, store: Store, triggers: Triggers) -> None:
        self._store = store
        self._triggers = triggers

    def methods(self) -> Mapping[str, Method]:
        """Return the methods by name."""
        trigger = ("trigger_id", "interactivity_pointer")
        return {
            "views.open": Method(self._open, ("view",), trigger),
            "views.push": Method(self._push, ("view",), trigger),
            "views.update": Method(self._update, ("view",), ("view_id", "external_id", "hash")),
            "views.publish": Method(
                self._publish, ("user_id", "view"), ("hash", "interactivity_pointer")
            ),
        }

    def _open(self, arguments: Json) -> Json:
        trigger = self._trigger(arguments)
        content = _view_argument(arguments)
        view = self.draw_new(trigger.user, content, push=False, channel=trigger.channel)
        trigger.is_spent = True
        return {"view": view_json(view, self._store)}

    def _push(self, arguments: Json) -> Json:
        trigger = self._trigger(arguments)
        content = _view_argument(arguments)
        if not self._store.stack(trigger.user):
            raise Refusal("not_found")
        view = self.draw_new(trigger.user, content, push=True, channel=trigger.channel)
        trigger.is_spent = True
        return {"view": view_json(view, self._store)}

    def _update(self, arguments: Json) -> Json:
        view = self._wanted(arguments)
        given_hash = text_argument(arguments, "hash")
        if given_hash and given_hash != view.hash:
            raise Refusal("hash_conflict")
        self.redraw(view, _view_argument(arguments))
        return {"view": view_json(view, self._store)}

    def _publish(self, arguments: Json) -> Json:
        user = text_argument(arguments, "user_id")
        if user not in self._store.users:
            raise Refusal("invalid_arguments", messages=("invalid `user_id`",))
        content = _view_argument(arguments)
        if content.get("type") != "home":
            raise _invalid(("must be a home view [json-pointer:/view/type]",))
        if not self._store.app.home_tab:
            raise Refusal("not_enabled")
        check_view(content)
        home = self._store.homes.get(user)
        self._check_external_id(content, home)
        given_hash = text_argument(arguments, "hash")
        if given_hash and home is not None and given_hash != home.hash:
            raise Refusal("hash_conflict")
        drawn = drawn_view(content)
        kept = carried_values(home, drawn["blocks"])
        view = self._store.publish(user, drawn, values=kept)
        return {"view": view_json(view, self._store)}

    def draw_new(self, user: str, content: Json, *, push: bool, channel: str | None) -> View:
        """Open or push a dialog; `channel` is the conversation that the person is in.

        Raises:
            Refusal: invalid_arguments, push_limit_reached or duplicate_external_id.
        """
        if content.get("type") != "modal":
            raise _invalid(("must be a modal view [json-pointer:/view/type]",))
        check_view(content)
        self._check_external_id(content, None)
        if push and len(self._store.stack(user)) >= STACK_MAX:
            raise Refusal("push_limit_reached")
        drawn = drawn_view(content)
        values: Values = {}
        self._choose_current(drawn["blocks"], channel, values)
        return self._store.open_view(user, drawn, values=values, push=push, channel=channel)

    def redraw(self, view: View, content: Json) -> None:
        """Draw an open view anew; inputs whose block_id stays keep what the person typed.

        Raises:
            Refusal: invalid_arguments or duplicate_external_id.
        """
        if content.get("type") != view.content["type"]:
            raise _invalid((f"must be a {view.content['type']} view [json-pointer:/view/type]",))
        check_view(content)
        self._check_external_id(content, view)
        drawn = drawn_view(content)
        values = carried_values(view, drawn["blocks"])
        self._choose_current(drawn["blocks"], view.channel, values)
        self._store.change_view(view, drawn, values=values)

    def _choose_current(self, blocks: list[Json], key: str | None, values: Values) -> None:
        """Preselect the current conversation where a menu asks for it and its filter allows it."""
        if key is None:
            return
        channel = self._store.channel(key)
        for block, element in stateful(blocks):
            filled = values.setdefault(block["block_id"], {})
            wanted = element.get("default_to_current_conversation")
            if wanted and element["action_id"] not in filled and is_offered(channel, element):
                name = value_key(element) or ""
                value = [channel.id] if holds_many(element) else channel.id
                filled[element["action_id"]] = initial_value(element) | {name: value}

    def _trigger(self, arguments: Json) -> Trigger:
        given = text_argument(arguments, "trigger_id")
        given = given or text_argument(arguments, "interactivity_pointer")
        if not given:
            raise Refusal("invalid_arguments", messages=("invalid `trigger_id`",))
        return self._triggers.check(given, now=self._store.clock.now())

    def _wanted(self, arguments: Json) -> View:
        view_id = text_argument(arguments, "view_id")
        external_id = text_argument(arguments, "external_id")
        if not (view_id or external_id):
            raise Refusal(
                "invalid_arguments", messages=("either `view_id` or `external_id` is required",)
            )
        for view in self._store.views.values():
            is_wanted = view_id == view.id or (
                external_id and view.content["external_id"] == external_id
            )
            if view.is_open and is_wanted:
                return view
        raise Refusal("not_found")

    def _check_external_id(self, content: Json, this: View | None) -> None:
        external_id = content.get("external_id")
        for view in self._store.views.values():
            is_other = view.is_open and view is not this
            if external_id and is_other and view.content["external_id"] == external_id:
                raise Refusal("duplicate_external_id")


def check_view(content: Json) -> None:
    """Refuse a view that Slack would not draw.

    Raises:
        Refusal: invalid_arguments with every problem, or view_too_large.
    """
    problems = home_problems(content) if content.get("type") == "home" else modal_problems(content)
    if problems:
        raise _invalid(problems)
    if len(json.dumps(content)) > VIEW_MAX_BYTES:
        raise Refusal("view_too_large")


def _invalid(problems: tuple[str, ...]) -> Refusal:
    return Refusal("invalid_arguments", messages=problems)


def _view_argument(arguments: Json) -> Json:
    view = json_argument(arguments, "view", error="invalid_arguments")
    if not isinstance(view, dict):
        raise _invalid(("must provide an object [json-pointer:/view]",))
    return view


def view_json(view: View, store: Store) -> Json:
    """Return a view as the Web API and interaction payloads show it."""
    return {
        "id": view.id,
        "team_id": store.workspace.team_id,
        **view.content,
        "state": {"values": state_json(view.blocks, view.values)},
        "hash": view.hash,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "app_id": store.app.app_id,
        "app_installed_team_id": store.workspace.team_id,
        "bot_id": store.app.bot_id,
    }
