"""The call slots of one account: who may call when, and when the next call is due. No I/O.

This is the generic cell rate algorithm in its virtual scheduling form (ITU-T I.371, annex A). Each
call moves the account's due time on by one spacing, and a call may come ahead of it by a tolerance
that is the caller's own: who has more goes first. With a tolerance of at most k spacings for
everybody, a window of n spacings sees at most n + k calls, and one more where both its ends count.
"""

from dataclasses import dataclass

#: Seconds that the due time may lie ahead: more than calls and holds ever put it. What lies
#: further ahead was written by a clock that was wrong.
FARTHEST = 600.0
#: Seconds for which calls are held at most, whatever ConvertKit asks for: its window has 60.
LONGEST_HOLD = 300.0


@dataclass(frozen=True, slots=True)
class Slot:
    """What came of asking for a call slot."""

    #: Seconds until it is worth asking again; 0 where the slot was taken.
    wait: float
    #: When the account's next call is due, in seconds since 1970.
    due: float


def take(due: float, now: float, *, spacing: float, ahead: float) -> Slot:
    """Take a slot if a call may be made now, `ahead` seconds before it is due at most.

    A slot that cannot be used at once is not reserved: a process that dies while it waits, or a
    person who closes the dialog, leaves no gap.
    """
    due = _believable(due, now)
    if due - ahead > now:
        return Slot(due - ahead - now, due)
    return Slot(0.0, max(due, now) + spacing)


def hold(due: float, now: float, *, seconds: float, ahead: float) -> float:
    """Return the due time after which nobody with up to `ahead` calls for so many seconds."""
    return max(_believable(due, now), now + min(seconds, LONGEST_HOLD) + ahead)


def _believable(due: float, now: float) -> float:
    return now if due > now + FARTHEST else due
