"""A person in the make-believe Slack: types commands, presses what is drawn, fills dialogs.

They can only use what is on their screen now: anything else raises `NotDrawn`. Every deed waits for
the app's acknowledgement and raises `NotAcknowledged`, in the words the person would read, when
it does not come.
"""

from typing import Any

from sandbox.slack.deeds import Press, Reply, Submission, asked_first
from sandbox.slack.drawn import Control, find_control, option_value
from sandbox.slack.errors import NotDrawn, SandboxSlackError
from sandbox.slack.inputs import initial_value, input_problems, is_offered, value_key
from sandbox.slack.interactions import Interactions
from sandbox.slack.payloads import action_json, home_opened_event
from sandbox.slack.records import Json, Message, Values, View
from sandbox.slack.sight import check_visible, place_to_type
from sandbox.slack.store import Store
from sandbox.slack.workspace import User

_BUTTONS = frozenset({"button", "workflow_button", "icon_button"})
_TYPED = frozenset(
    {"plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input"}
)
_EXTERNAL = frozenset({"external_select", "multi_external_select"})
#: What Slack asks when an external select has no min_query_length of its own.
DEFAULT_MIN_QUERY_LENGTH = 3


class Person:
    """Act as one person."""

    def __init__(self, user: User, store: Store, interactions: Interactions) -> None:
        self.user = user
        self.id = user.id
        self._store = store
        self._interactions = interactions

    # -- typing

    async def slash(self, command: str, text: str = "", *, channel: str = "newsletter") -> Reply:
        """Type a slash command into a channel (name or id, or a DM's id).

        Raises:
            NotDrawn: no such command, or the person is not in the channel.
            NotAcknowledged, BadAnswer: what the app did not do.
        """
        place = place_to_type(self._store, self.user, channel)
        app = self._store.app
        if command not in {c.name for c in app.commands} or "commands" not in app.scopes:
            raise NotDrawn(f"{command} is not a valid command.")
        delivery, message = await self._interactions.slash(self.user, place, command, text)
        return Reply(delivery, message)

    async def say(
        self, text: str, *, channel: str = "newsletter", thread: str | None = None
    ) -> Message:
        """Write an ordinary message, or a reply to a parent's ts; the app does not listen."""
        place = place_to_type(self._store, self.user, channel)
        return self._store.post(place.id, user=self.id, text=text, thread_ts=thread)

    async def open_home(self, *, tab: str = "home") -> View | None:
        """Open the app's home tab (or "messages"); return what is drawn there after the ack."""
        event = home_opened_event(self._store, self.user, tab=tab)
        if "app_home_opened" in self._store.app.events:
            await self._interactions.event(event)
        return self._store.homes.get(self.id)

    # -- pressing and choosing

    async def click(
        self,
        where: Message | View,
        *,
        action_id: str | None = None,
        label: str | None = None,
        block_id: str | None = None,
        accept: bool = True,
    ) -> Press:
        """Press a button, and its confirmation unless `accept` is False.

        Raises:
            NotDrawn: it is not there now.
            NotAcknowledged: the app stayed silent.
        """
        control = self._find(where, action_id, label, block_id, kinds=_BUTTONS)
        return await self._press(where, control, {}, accept=accept)

    async def choose(
        self,
        where: Message | View,
        action_id: str,
        *wanted: str,
        block_id: str | None = None,
        accept: bool = True,
    ) -> Press:
        """Choose by value or label in a menu, checkboxes, radio buttons, or a picker.

        For people, channels and conversations give ids or names; for pickers "09:00" or
        "2030-01-31". The choice takes the place of what was chosen before; none clears it.
        An external select is searched by what is wanted.

        Raises:
            NotDrawn: the control or the option is not there now.
            NotAcknowledged, BadAnswer: what the app did not do.
        """
        control = self._find(where, action_id, None, block_id)
        element = control.element
        if element["type"] in _BUTTONS | _TYPED:
            raise NotDrawn(f"{action_id} is a {element['type']}: nothing to choose from.")
        if element["type"] == "overflow":
            changed: Json = {"selected_option": option_value(element, wanted)}
            return await self._press(where, control, changed, accept=accept)
        offered = None
        if element["type"] in _EXTERNAL:
            offered = await self._known_options(where, control, wanted)
        value = option_value(element, self._ids(element, wanted), offered)
        return await self._set(where, control, value, accept=accept)

    async def suggest(
        self, where: Message | View, action_id: str, typed: str = "", *, block_id: str | None = None
    ) -> tuple[Json, ...]:
        """Type into an external select and return the options that appear.

        Nothing is asked, and nothing appears, below the select's min_query_length.
        """
        control = self._find(where, action_id, None, block_id, kinds=_EXTERNAL)
        if len(typed) < control.element.get("min_query_length", DEFAULT_MIN_QUERY_LENGTH):
            return ()
        options = await self._interactions.suggest(
            self.user, where, control.block, control.element, typed
        )
        place = where.id if isinstance(where, View) else where.ts
        key = (self.id, place, control.block["block_id"], action_id)
        self._store.suggested.setdefault(key, []).extend(options)
        return tuple(options)

    async def fill(
        self,
        where: Message | View,
        action_id: str,
        text: str,
        *,
        block_id: str | None = None,
        enter: bool = False,
    ) -> Press:
        """Type into a text field; `enter` presses Enter in it.

        Raises:
            NotDrawn: it is not there, or takes fewer characters.
        """
        control = self._find(where, action_id, None, block_id, kinds=_TYPED)
        longest = control.element.get("max_length", 3000)
        if len(text) > longest:
            raise NotDrawn(f"{action_id} takes no more than {longest} characters.")
        config = control.element.get("dispatch_action_config") or {}
        on = config.get("trigger_actions_on", ["on_enter_pressed"])
        sends = "on_character_entered" in on or (enter and "on_enter_pressed" in on)
        return await self._set(where, control, text or None, accept=True, sends=sends)

    # -- dialogs

    async def submit(self, view: View) -> Submission:
        """Press the dialog's submit button.

        Raises:
            NotDrawn: it is not in front of the person, or has no submit button.
            NotAcknowledged, BadAnswer: what the app did not do; the dialog stays.
        """
        check_visible(self._store, self.user, view)
        if view.content["submit"] is None:
            raise NotDrawn(f"The dialog {view.title!r} has no submit button.")
        problems = input_problems(view.blocks, view.values)
        if problems:
            view.errors = dict(problems)
            self._store.bell.ring()
            return Submission(problems, view, is_closed=False, delivery=None)
        delivery = await self._interactions.submit(self.user, view)
        stack = self._store.stack(self.id)
        front = stack[-1] if stack else None
        return Submission(dict(view.errors), front, not view.is_open, delivery)

    async def close(self, view: View, *, whole: bool = False) -> None:
        """Press the dialog's close button, or with `whole` the cross that closes the stack."""
        check_visible(self._store, self.user, view)
        if view.is_home:
            raise NotDrawn("A home tab has no close button.")
        await self._interactions.close(self.user, view, whole=whole)

    # -- inside

    def _find(
        self,
        where: Message | View,
        action_id: str | None,
        label: str | None,
        block_id: str | None,
        *,
        kinds: frozenset[str] | None = None,
    ) -> Control:
        check_visible(self._store, self.user, where)
        return find_control(
            where.blocks, action_id=action_id, label=label, block_id=block_id, kinds=kinds
        )

    async def _press(
        self, where: Message | View, control: Control, changed: Json, *, accept: bool
    ) -> Press:
        confirm = asked_first(control.element)
        if confirm is not None and not accept:
            return Press(None, confirm)
        action = action_json(
            control.block, control.element, changed, action_ts=self._store.new_ts()
        )
        return Press(await self._interactions.press(self.user, where, action), confirm)

    async def _set(
        self,
        where: Message | View,
        control: Control,
        value: Any,
        *,
        accept: bool,
        sends: bool = True,
    ) -> Press:
        if control.element.get("confirm") and not accept:
            return Press(None, asked_first(control.element))
        state = initial_value(control.element) | {value_key(control.element) or "": value}
        by_action = self._values(where).setdefault(control.block["block_id"], {})
        by_action[control.element["action_id"]] = state
        if isinstance(where, View):
            where.errors.pop(control.block["block_id"], None)
        self._store.bell.ring()
        if not (sends and control.dispatches):
            return Press(None, None)
        return await self._press(where, control, state, accept=accept)

    def _values(self, where: Message | View) -> Values:
        return where.values if isinstance(where, View) else where.values.setdefault(self.id, {})

    def _ids(self, element: Json, wanted: tuple[str, ...]) -> tuple[str, ...]:
        kind = element["type"].removeprefix("multi_")
        try:
            if kind == "users_select":
                return tuple(self._store.user(one).id for one in wanted)
            if kind in ("conversations_select", "channels_select"):
                return tuple(self._conversation(element, one) for one in wanted)
        except SandboxSlackError as problem:
            raise NotDrawn(str(problem)) from problem
        return wanted

    def _conversation(self, element: Json, key: str) -> str:
        channel = self._store.channel(key)
        is_hidden = channel.is_private and self.id not in channel.members
        if is_hidden or not is_offered(channel, element):
            raise NotDrawn(f"{element['action_id']} does not offer {key!r}.")
        return channel.id

    async def _known_options(
        self, where: Message | View, control: Control, wanted: tuple[str, ...]
    ) -> list[Json]:
        """Return the options the person has seen, searching for those they have not."""
        action_id, block_id = control.element["action_id"], control.block["block_id"]
        known = self._seen(where, control)
        for one in wanted:
            for typed in (one, ""):
                if not any(one in (o["value"], o["text"]["text"]) for o in known):
                    known += await self.suggest(where, action_id, typed, block_id=block_id)
        return known

    def _seen(self, where: Message | View, control: Control) -> list[Json]:
        """Return the options of an external select that were shown or chosen before."""
        block_id, action_id = control.block["block_id"], control.element["action_id"]
        state = self._values(where).get(block_id, {}).get(action_id, initial_value(control.element))
        chosen = state.get("selected_options") or [state.get("selected_option")]
        place = where.id if isinstance(where, View) else where.ts
        shown = self._store.suggested.setdefault((self.id, place, block_id, action_id), [])
        return [*(option for option in chosen if option), *shown]
