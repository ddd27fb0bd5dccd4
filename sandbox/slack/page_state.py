"""What the browser page shows one person now, as JSON. Pure: reads the store, changes nothing."""

from sandbox.slack.inputs import state_json
from sandbox.slack.records import Json, Message, View
from sandbox.slack.store import Store
from sandbox.slack.workspace import Channel


def page_state(store: Store, me: str) -> Json:
    """Return everything on one person's screen."""
    app = store.app
    home = store.homes.get(me)
    mine = [c for c in store.channels.values() if me in c.members]
    return {
        "revision": store.bell.revision,
        "me": me,
        "workspace": store.workspace.name,
        "app": {"name": app.name, "handle": app.handle, "user": app.bot_user},
        "home_tab": app.home_tab,
        "commands": [
            {"name": c.name, "description": c.description, "hint": c.usage_hint}
            for c in app.commands
        ],
        "users": [
            {"id": u.id, "handle": u.handle, "name": u.real_name} for u in store.users.values()
        ],
        "channels": [_channel(store, channel) for channel in mine],
        "dm": store.dm(me).id,
        "messages": {channel.id: _messages(store, channel, me) for channel in mine},
        "views": [_view(view) for view in store.stack(me)],
        "home": _view(home) if home else None,
    }


def _channel(store: Store, channel: Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "topic": channel.topic,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_im": channel.is_im,
        "has_app": store.app.bot_user in channel.members,
        "people": len(channel.members - {store.app.bot_user}),
    }


def _messages(store: Store, channel: Channel, me: str) -> list[Json]:
    return [
        _message(store, message, me)
        for message in store.posts
        if message.channel == channel.id
        and not message.deleted
        and message.visible_to in (None, me)
    ]


def _message(store: Store, message: Message, me: str) -> Json:
    files = [store.files[file_id] for file_id in message.files]
    return {
        "channel": message.channel,
        "ts": message.ts,
        "user": message.user,
        "text": message.text,
        "blocks": message.blocks,
        "attachments": message.attachments,
        "thread_ts": message.thread_ts,
        "is_broadcast": message.reply_broadcast,
        "only_you": message.visible_to is not None,
        "edited": message.edited,
        "values": state_json(message.blocks, message.values.get(me, {})),
        "files": [{"id": f.id, "name": f.name, "title": f.title, "bytes": f.length} for f in files],
    }


def _view(view: View) -> Json:
    return {
        "id": view.id,
        "hash": view.hash,
        "content": view.content,
        "values": state_json(view.blocks, view.values),
        "errors": view.errors,
    }
