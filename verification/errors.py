"""The errors of the verification engine.

    VerificationError
    ├── ConfigurationError        the engine cannot be built from these options
    ├── SpfRecordError            an SPF record breaks the rules (never leaves ``check_spf``)
    ├── SpfLookupError            DNS failed while one was evaluated (never leaves it either)
    └── ConversationError         a mail server could not be talked to (never leaves the engine)
        ├── HostRefusedError      its first words turn us away
        ├── HostUnreachableError  no connection could be made
        ├── HostSilentError       it did not answer before the deadline
        └── HangUpError           it closed the connection
            └── OutOfStepError    it said what it was not asked, so that we closed it

No address, reply or DNS answer makes ``Engine.verify`` raise: those become verdicts.
"""

from verification.networks import IpAddress


class VerificationError(Exception):
    """Tell that verification as a whole cannot go on."""


class ConfigurationError(VerificationError):
    """Tell which option must be changed before the engine can work."""


class SpfRecordError(VerificationError):
    """Tell what makes an SPF record unusable."""


class SpfLookupError(VerificationError):
    """Tell which name of an SPF record could not be looked up."""


class ConversationError(VerificationError):
    """Tell that a conversation with a mail server came to nothing."""


class HostRefusedError(ConversationError):
    """Tell that the server turned us away before any recipient was named."""

    def __init__(self, stage: str, reply: str, heard_at: IpAddress | None = None) -> None:
        """Keep the stage of the conversation, the server's words, and our own end of it."""
        super().__init__(f"The mail server refused at {stage}: {reply}")
        self.stage = stage
        self.reply = reply
        self.heard_at = heard_at


class HostUnreachableError(ConversationError):
    """Tell that no connection to the server could be made."""


class HostSilentError(ConversationError):
    """Tell that the server did not answer before the deadline."""


class HangUpError(ConversationError):
    """Tell that the server closed the connection."""


class OutOfStepError(HangUpError):
    """Tell that the server said what it was not asked, so that nobody knows what answers what."""
