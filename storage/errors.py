"""What can go wrong in storage, as a tree.

StorageError
├── SecretUnreadable      a stored secret does not open with this key in this row
├── KeyMissing            the encryption key is not where it should be, or malformed
├── Unreachable           the database does not answer
├── TurnMissed            another process was busy with the same thing for too long
├── UnknownWorkspace      no such workspace has used the bot
├── NotEnoughCredits      the balance does not cover a hold
├── CleanupUnderWay       another Cleanup of the same Run is not at its end
├── ApprovalExpired       an approval that is too old to go on with
├── Purged                a Run whose addresses were deleted because of their age
├── StillHeld             somebody who is on a list that is being worked on
└── AlreadyDecided        somebody else's click came first
"""


class StorageError(Exception):
    """Anything that storage refuses; the message is a sentence for the person who reads it."""


class SecretUnreadable(StorageError):
    """A stored secret that does not open with this key in this row."""


class KeyMissing(StorageError):
    """An encryption key that is absent or malformed."""


class Unreachable(StorageError):
    """A database that does not answer."""


class TurnMissed(StorageError):
    """A turn that did not come, because another process did not give it back in time."""


class UnknownWorkspace(StorageError):
    """A workspace that has not used the bot."""


class NotEnoughCredits(StorageError):
    """A balance that does not cover what a Run would hold.

    Attributes:
        needed: Credits that the Run costs.
        balance: Credits that the workspace has.
    """

    def __init__(self, needed: int, balance: int) -> None:
        super().__init__(f"This needs {needed:,} credits and the balance is {balance:,}.")
        self.needed = needed
        self.balance = balance


class CleanupUnderWay(StorageError):
    """Another Cleanup of the same Run that is not at its end; `cleanup_id` names it."""

    def __init__(self, message: str, cleanup_id: int) -> None:
        super().__init__(message)
        self.cleanup_id = cleanup_id


class ApprovalExpired(StorageError):
    """An approval that is too old to go on with."""


class Purged(StorageError):
    """A Run whose addresses and verdicts were deleted because of their age."""


class StillHeld(StorageError):
    """Somebody who cannot be forgotten, because a list that is being worked on has them."""


class AlreadyDecided(StorageError):
    """A click on something that is no longer waiting for it."""
