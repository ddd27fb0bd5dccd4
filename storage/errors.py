"""What can go wrong in storage, as a tree.

StorageError
├── SecretUnreadable      a stored secret does not open with this key in this row
├── KeyMissing            the encryption key is not where it should be, or malformed
├── DatabaseFault         the database cannot be used just now; waiting or the operator helps
│   ├── DiskFull          there is no room to write
│   ├── DatabaseBusy      somebody else holds it for longer than we wait
│   └── Unreachable       it does not answer, or its file cannot be read and written
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


class DatabaseFault(StorageError):
    """A database that cannot be used just now; what was to be written was not, nor half of it.

    Attributes:
        happened: A sentence that says what is wrong.
        remedy: A sentence that says what to do about it.
    """

    happened = ""
    remedy = "If this lasts for more than a few minutes, tell the person who hosts this bot."

    def __init__(self, sentence: str = "") -> None:
        super().__init__(
            sentence
            or f"{self.happened} Nothing was left half done: try again in a minute. {self.remedy}"
        )


class DiskFull(DatabaseFault):
    """A disk without room for what was to be written."""

    happened = "The disk that the bot's database is on is full."
    remedy = "The person who hosts this bot has to make room on it."


class DatabaseBusy(DatabaseFault):
    """A database that somebody else holds for longer than we wait."""

    happened = "Another program, such as a backup, holds the bot's database."


class Unreachable(DatabaseFault):
    """A database that does not answer, or whose file cannot be read and written."""

    happened = "The bot's database does not answer."


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
