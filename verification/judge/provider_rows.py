"""Rows that hold at one provider only, where its words mean more, or less, than they say."""

from verification.judge.outcomes import Outcome
from verification.judge.rule import row

PROVIDER_ROWS = (
    row(
        "yahoo-accepts-first",
        Outcome.ACCEPTED_UNCHECKED,
        provider="yahoo",
        code="25.",
        source="Yahoo accepts at RCPT TO and refuses after the message",
    ),
    row(
        "microsoft-unavailable",
        Outcome.NO_MAILBOX,
        provider="microsoft_consumer",
        code="550",
        enhanced=r"5\.5\.0",
        text=r"requested action not taken: mailbox unavailable(?! or)",
        source="Outlook.com: 550 5.5.0 for a mailbox that does not exist",
        explicit=True,
    ),
    row(
        "gmx-unavailable",
        Outcome.NO_MAILBOX,
        provider="gmx",
        code="550",
        text=r"requested action not taken: mailbox unavailable",
        source="GMX, web.de and mail.com: 550 for a mailbox that does not exist",
        explicit=True,
    ),
)
