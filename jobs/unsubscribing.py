"""One unsubscribe: the look at the subscriber just before it, and the call."""

from dataclasses import dataclass

from convertkit import (
    ConvertKit,
    Gone,
    NotCancelled,
    Rejected,
    Subscriber,
    SubscriberState,
    TryLater,
)
from storage.states import UnsubscribeState
from storage.unsubscribes import Unsubscribe, Unsubscribes

#: Seconds before each further try of a call that did not get through; each begins with a look.
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)


@dataclass(frozen=True, slots=True)
class LeaveAlone:
    """Why a subscriber on the list is not unsubscribed, found by the look just before the call."""

    state: UnsubscribeState
    note: str | None = None


def not_mailed(state: SubscriberState) -> str:
    """Say why somebody who is neither active nor cancelled is left alone."""
    return f"ConvertKit does not mail this subscriber any more ({state.value})."


def look_before(listed: Unsubscribe, found: Subscriber) -> LeaveAlone | None:
    """Decide whether a subscriber may be unsubscribed now; None means yes.

    The approval is for this id and this address, of somebody whom ConvertKit still mails.
    """
    if found.state is SubscriberState.CANCELLED:
        # Cancelled after we tried is our own doing: the process died before it was written down.
        ours = listed.tried_at is not None
        return LeaveAlone(
            UnsubscribeState.CONFIRMED if ours else UnsubscribeState.ALREADY_CANCELLED
        )
    if found.state is not SubscriberState.ACTIVE:
        return LeaveAlone(UnsubscribeState.PROTECTED, not_mailed(found.state))
    if found.email.strip().casefold() != listed.address.strip().casefold():
        return LeaveAlone(
            UnsubscribeState.PROTECTED, "The address was changed after it was verified."
        )
    return None


async def unsubscribe(client: ConvertKit, found: Subscriber) -> bool:
    """Make the call; tell whether it got through. What came of it, the proof decides."""
    try:
        await client.unsubscribe(found)
    except TryLater:
        return False
    except NotCancelled:
        # V3 took the call and still shows the old state: ConvertKit may need minutes.
        return True
    return True


async def answers_about_others(
    client: ConvertKit, unsubscribes: Unsubscribes, cleanup_id: int, subscriber_id: int
) -> bool:
    """Tell whether ConvertKit, which has no answer about one subscriber, has one about others."""
    for each in await unsubscribes.others(cleanup_id, subscriber_id):
        try:
            await client.subscriber(each)
        except TryLater:
            continue
        except (Gone, Rejected):
            # An answer as good as any.
            return True
        return True
    return False
