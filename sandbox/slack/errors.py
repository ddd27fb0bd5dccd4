"""What can go wrong in the make-believe Slack, by who has to do something about it.

SandboxSlackError
├── Refusal           the Web API says no to the app: {"ok": false, "error": ...}
├── NotDrawn          a person wants to press or fill something that is not on their screen
├── NotAcknowledged   the app did not answer in time; the message is what the person reads
├── BadAnswer         the app answered something Slack cannot use
└── NeverHappened     what a test waited for did not come
"""

from collections.abc import Mapping
from typing import Any


class SandboxSlackError(Exception):
    """Base of everything the make-believe Slack raises."""


class Refusal(SandboxSlackError):
    """Answer a Web API call with `{"ok": false}`, the error's name and Slack's explanations."""

    def __init__(
        self,
        error: str,
        *,
        messages: tuple[str, ...] = (),
        extra: Mapping[str, Any] | None = None,
        status: int = 200,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{error}: {'; '.join(messages)}" if messages else error)
        self.error = error
        self.messages = messages
        self.extra = dict(extra or {})
        self.status = status
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """Return the JSON that Slack would answer."""
        answer: dict[str, Any] = {"ok": False, "error": self.error, **self.extra}
        if self.messages:
            answer["response_metadata"] = {"messages": [f"[ERROR] {m}" for m in self.messages]}
            if self.error == "invalid_blocks":
                answer["errors"] = list(self.messages)
        return answer


class NotDrawn(SandboxSlackError):
    """Say that a person cannot press, choose or fill what is not drawn for them now."""


class NotAcknowledged(SandboxSlackError):
    """Say what a person reads when the app did not acknowledge in time.

    `reason` is Slack's own word: `operation_timeout` (no answer in 3 seconds) or
    `dispatch_failed` (no Socket Mode connection to send it to).
    """

    def __init__(self, words: str, *, reason: str) -> None:
        super().__init__(words)
        self.words = words
        self.reason = reason


class BadAnswer(SandboxSlackError):
    """Say what is wrong with an acknowledgement's payload, and what the person reads."""

    def __init__(self, words: str, *, problems: tuple[str, ...]) -> None:
        super().__init__(f"{words} ({'; '.join(problems)})")
        self.words = words
        self.problems = problems


class NeverHappened(SandboxSlackError):
    """Say that a condition did not come true in time."""
