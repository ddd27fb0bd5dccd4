"""The ways a call to ConvertKit ends badly, told apart by what a person can do about it.

    ConvertKitError
    ├── CredentialRefused     connect again with the right secret
    │   └── PublicKeyGiven    it is the account's public API Key: give the API Secret
    ├── NotAllowed            look at the account's plan and permissions in ConvertKit
    ├── Gone                  the tag, form or subscriber is not there any more
    ├── Rejected              ConvertKit does not take this call; sending it again changes nothing
    │   └── NotCancelled      it took the unsubscribe but shows no effect: look again later
    └── TryLater              waiting helps
        ├── RateLimited       too many calls for this account
        └── Unavailable       a fault at ConvertKit or on the way to it

Each message is a sentence for the team in Slack: what happened and what to do. None holds a secret,
an address or a URL.
"""

from datetime import timedelta
from typing import Final

WHERE_THE_SECRET_IS: Final = (
    "The API Secret is in ConvertKit under Account Settings > Advanced, below the API Key: "
    "it is the longer of the two. V4 keys start with kit_."
)


class ConvertKitError(Exception):
    """Say why a call to ConvertKit failed; `str(error)` is the sentence to show."""


class CredentialRefused(ConvertKitError):
    """The secret is mistyped, changed or revoked."""


class PublicKeyGiven(CredentialRefused):
    """The secret is really the account's public API Key, which cannot read subscribers."""


class NotAllowed(ConvertKitError):
    """The secret may be right, but the account may not do this."""


class Gone(ConvertKitError):
    """ConvertKit has no such tag, form or subscriber (any more)."""


class Rejected(ConvertKitError):
    """ConvertKit does not take the call as it was sent, or did something else than asked."""


class NotCancelled(Rejected):
    """V3 took an unsubscribe, but its answer shows the subscriber in another state than cancelled.

    ConvertKit may need some minutes; only reading the subscriber again tells.
    """


class TryLater(ConvertKitError):
    """The call did not get through this time; `retry_after` is the wait the server asked for."""

    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        super().__init__(message, retry_after)
        self.message = message
        self.retry_after = retry_after

    def __str__(self) -> str:
        return self.message


class RateLimited(TryLater):
    """ConvertKit counts too many calls for this account."""


class Unavailable(TryLater):
    """ConvertKit, or the way to it, has a fault: no answer, a 5xx, or an answer not to be read."""
