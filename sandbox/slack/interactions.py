"""What happens between the app and Slack when a person does something: send, wait, apply.

The words a person reads when the app stays silent are as close to Slack's own as is known.
"""

import asyncio
from dataclasses import dataclass

from sandbox.slack.blockkit import options_problems
from sandbox.slack.errors import BadAnswer, NotAcknowledged, Refusal
from sandbox.slack.methods.views import Views
from sandbox.slack.payloads import (
    closed_payload,
    event_payload,
    message_action_payload,
    response_url_inputs,
    slash_payload,
    submission_payload,
    suggestion_payload,
    view_action_payload,
)
from sandbox.slack.records import Delivery, Json, Message, View
from sandbox.slack.response_urls import Responder
from sandbox.slack.socket_mode import SocketMode
from sandbox.slack.store import Store
from sandbox.slack.tickets import ResponseUrls, Triggers
from sandbox.slack.workspace import Channel, User

DIALOG_TROUBLE = "We had some trouble connecting. Try again?"
BUTTON_TROUBLE = "This app is not responding. Try again?"
MENU_TROUBLE = "We couldn't load the options. Try again?"
_ANSWER_KEYS = {
    "errors": {"response_action", "errors"},
    "update": {"response_action", "view"},
    "push": {"response_action", "view"},
    "clear": {"response_action"},
}


@dataclass(frozen=True, slots=True)
class Parts:
    """Hold what an interaction works with."""

    store: Store
    sockets: SocketMode
    triggers: Triggers
    urls: ResponseUrls
    responder: Responder
    views: Views
    event_retry_delays: tuple[float, ...]


class Interactions:
    """Send what a person does to the app and apply the acknowledgement."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._store = parts.store
        self._retries: set[asyncio.Task[None]] = set()

    async def slash(
        self, user: User, channel: Channel, command: str, text: str
    ) -> tuple[Delivery, Message | None]:
        """Send a slash command; return the delivery and the reply in its ack, if it has one.

        Raises:
            NotAcknowledged: no ack in 3 s, or nobody connected.
            BadAnswer: the ack is not a message Slack could show.
        """
        parts, now = self._parts, self._store.clock.now()
        url = parts.urls.issue(channel=channel.id, user=user.id, now=now)
        payload = slash_payload(
            self._store,
            user,
            channel,
            command=command,
            text=text,
            trigger_id=parts.triggers.issue(user.id, now=now, channel=channel.id),
            response_url=url,
        )
        words = f"{command} failed with the error "
        delivery = await self._deliver("slash_commands", payload, words=words, names_reason=True)
        if not delivery.answer:
            return delivery, None
        ticket = parts.urls.check(url.rpartition("/")[2], now=now)
        try:
            return delivery, parts.responder.respond(ticket, delivery.answer)
        except Refusal as refusal:
            shown = f'{words}"invalid_command_response"'
            raise BadAnswer(shown, problems=(str(refusal),)) from refusal

    async def press(self, user: User, where: Message | View, action: Json) -> Delivery:
        """Send block_actions.

        Raises:
            NotAcknowledged: no ack in 3 s, or nobody connected.
        """
        parts, now = self._parts, self._store.clock.now()
        if isinstance(where, View):
            trigger_id = parts.triggers.issue(user.id, now=now, channel=where.channel)
            payload = view_action_payload(
                self._store, user, where, action=action, trigger_id=trigger_id
            )
        else:
            url = parts.urls.issue(
                channel=where.channel,
                user=user.id,
                now=now,
                message_ts=where.ts,
                thread_ts=where.thread_ts,
            )
            payload = message_action_payload(
                self._store,
                user,
                where,
                action=action,
                trigger_id=parts.triggers.issue(user.id, now=now, channel=where.channel),
                response_url=url,
            )
        return await self._deliver("interactive", payload, words=BUTTON_TROUBLE)

    async def submit(self, user: User, view: View) -> Delivery:
        """Send view_submission and do what the ack says: close, errors, update, push or clear.

        Raises:
            NotAcknowledged: no ack in 3 s, or nobody connected; the dialog stays open.
            BadAnswer: the ack is none that Slack understands; the dialog stays open.
        """
        parts, now = self._parts, self._store.clock.now()
        urls = [
            {
                "block_id": block["block_id"],
                "action_id": element["action_id"],
                "channel_id": channel,
                "response_url": parts.urls.issue(channel=channel, user=user.id, now=now),
            }
            for block, element, channel in response_url_inputs(view)
            if channel
        ]
        payload = submission_payload(
            self._store,
            user,
            view,
            trigger_id=parts.triggers.issue(user.id, now=now, channel=view.channel),
            response_urls=urls,
        )
        delivery = await self._deliver("interactive", payload, words=DIALOG_TROUBLE)
        self._apply(view, delivery.answer)
        return delivery

    def _apply(self, view: View, answer: Json) -> None:
        view.errors = {}
        kind = answer.get("response_action")
        if not answer:
            self._store.close_views([view] if view.is_open else [])
            return
        problems = _answer_problems(view, answer)
        if problems:
            raise BadAnswer(DIALOG_TROUBLE, problems=problems)
        try:
            if kind == "errors":
                view.errors = dict(answer["errors"])
                self._store.bell.ring()
            elif kind == "update":
                self._parts.views.redraw(view, answer["view"])
            elif kind == "push":
                self._parts.views.draw_new(
                    view.user, answer["view"], push=True, channel=view.channel
                )
            else:
                self._store.close_views(self._store.stack(view.user))
        except Refusal as refusal:
            raise BadAnswer(DIALOG_TROUBLE, problems=(str(refusal),)) from refusal

    async def close(self, user: User, view: View, *, whole: bool) -> list[Delivery]:
        """Close a dialog, or the whole stack; send view_closed where the app asked for it."""
        stack = self._store.stack(user.id)
        whole = whole or bool(view.content["clear_on_close"])
        closing = list(reversed(stack)) if whole else [view]
        told = [v for v in closing if v.content["notify_on_close"]]
        payloads = [closed_payload(self._store, user, v, is_cleared=whole) for v in told]
        self._store.close_views(closing)
        return [await self._deliver("interactive", p, words=BUTTON_TROUBLE) for p in payloads]

    async def suggest(
        self, user: User, where: Message | View, block: Json, element: Json, typed: str
    ) -> list[Json]:
        """Ask the app for the options of an external select; groups come flattened.

        Raises:
            NotAcknowledged: no ack in 3 s, or nobody connected.
            BadAnswer: the options are none that Slack could show.
        """
        payload = suggestion_payload(
            self._store, user, where, block=block, element=element, typed=typed
        )
        delivery = await self._deliver("interactive", payload, words=MENU_TROUBLE)
        if problems := options_problems(delivery.answer):
            raise BadAnswer(MENU_TROUBLE, problems=problems)
        groups = delivery.answer.get("option_groups") or []
        return [*delivery.answer.get("options", []), *(o for g in groups for o in g["options"])]

    async def event(self, event: Json) -> Delivery | None:
        """Send an event, once; while it is not acknowledged it is sent again in the background.

        Returns the first delivery, or None when nobody is connected.
        """
        payload = event_payload(self._store, event)
        delivery = await self._parts.sockets.deliver("events_api", payload)
        if delivery is None or not delivery.is_acked:
            task = asyncio.create_task(self._retry(payload))
            self._retries.add(task)
            task.add_done_callback(self._retries.discard)
        return delivery

    async def _retry(self, payload: Json) -> None:
        for attempt, delay in enumerate(self._parts.event_retry_delays, start=1):
            await asyncio.sleep(delay)
            delivery = await self._parts.sockets.deliver("events_api", payload, attempt=attempt)
            if delivery is not None and delivery.is_acked:
                return

    async def stop(self) -> None:
        """Give up on every event that still waits for its acknowledgement."""
        retries = list(self._retries)
        for task in retries:
            task.cancel()
        await asyncio.gather(*retries, return_exceptions=True)

    async def _deliver(
        self, kind: str, payload: Json, *, words: str, names_reason: bool = False
    ) -> Delivery:
        delivery = await self._parts.sockets.deliver(kind, payload)
        if delivery is not None and delivery.is_acked:
            return delivery
        reason = "operation_timeout" if delivery else "dispatch_failed"
        raise NotAcknowledged(f'{words}"{reason}"' if names_reason else words, reason=reason)


def _answer_problems(view: View, answer: Json) -> tuple[str, ...]:
    kind = answer.get("response_action")
    if kind not in _ANSWER_KEYS:
        return (f"unknown response_action: {kind!r}",)
    if answer.keys() != _ANSWER_KEYS[kind]:
        return (f"response_action {kind} needs exactly {sorted(_ANSWER_KEYS[kind])}",)
    if kind == "errors":
        return _error_problems(view, answer["errors"])
    if kind in ("update", "push") and not isinstance(answer["view"], dict):
        return ("view must be an object",)
    return ()


def _error_problems(view: View, errors: object) -> tuple[str, ...]:
    if not isinstance(errors, dict) or not errors:
        return ("errors must name at least one block",)
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    strangers = sorted(set(errors) - inputs)
    problems = [f"errors names {name}, which is no input block of this view" for name in strangers]
    problems += [
        f"the error of {name} must be a sentence"
        for name, text in errors.items()
        if not isinstance(text, str) or not text.strip()
    ]
    return tuple(problems)
