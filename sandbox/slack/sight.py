"""What one person can see and type into now; anything else raises `NotDrawn`."""

from sandbox.slack.errors import NotDrawn
from sandbox.slack.records import Message, View
from sandbox.slack.store import Store
from sandbox.slack.workspace import Channel, User


def place_to_type(store: Store, user: User, key: str) -> Channel:
    """Return the conversation a person may type into, by name or id.

    Raises:
        NotDrawn: they are not in it, or it is archived.
        SandboxSlackError: there is none of this name.
    """
    store.dm(user.id)
    channel = store.channel(key)
    if channel.is_im and channel.im_user != user.id:
        raise NotDrawn(f"{user.handle} cannot see this direct message.")
    if user.id not in channel.members:
        raise NotDrawn(f"{user.handle} is not in #{channel.name}.")
    if channel.is_archived:
        raise NotDrawn(f"#{channel.name} is archived: nothing can be typed there.")
    return channel


def check_visible(store: Store, user: User, where: Message | View) -> None:
    """Check that a message or dialog is in front of a person now.

    Raises:
        NotDrawn: it is gone, behind another dialog, or somebody else's.
    """
    if isinstance(where, View):
        _check_view(store, user, where)
    elif where.deleted:
        raise NotDrawn("This message was deleted.")
    elif where.visible_to not in (None, user.id):
        raise NotDrawn(f"{user.handle} cannot see this message.")
    elif user.id not in store.channel(where.channel).members:
        raise NotDrawn(f"{user.handle} cannot see this channel.")


def _check_view(store: Store, user: User, view: View) -> None:
    if view.user != user.id:
        raise NotDrawn(f"{user.handle} cannot see this dialog.")
    if not view.is_open:
        raise NotDrawn(f"The dialog {view.title!r} is closed.")
    stack = store.stack(user.id)
    if stack and stack[-1] is not view:
        raise NotDrawn(f"{view.title or 'The home tab'!r} is behind {stack[-1].title!r}.")
