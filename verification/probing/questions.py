"""What is asked: questions, the batches they travel in, and what is known of their domains."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from verification.judge import AcceptsAll
from verification.probing.conversation import Transaction
from verification.syntax import Address

#: Letters and digits of a made-up local part: enough that nobody has that mailbox.
_MADE_UP_LENGTH = 14


@dataclass(slots=True, eq=False)
class Question:
    """One address whose mail server is to be asked."""

    #: The input string, unchanged.
    text: str
    address: Address
    #: How often a conversation broke off at exactly this address.
    broken_off: int = 0
    #: How often its answer stood among answers that were out of step.
    out_of_step: int = 0


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a domain's mail server has shown about the domain as a whole."""

    accepts_all: AcceptsAll = AcceptsAll.UNDETERMINED
    #: Its reply to the made-up address, as people read it, and the words in it.
    made_up: str | None = None
    made_up_words: str = ""
    #: Whether it has accepted one address and refused another.
    distinguishes: bool = False
    #: Which of its addresses it refused, and in which words; two of each tell all there is to know.
    refused: frozenset[str] = frozenset()
    refusal_words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Batch:
    """Questions about one domain that travel in one transaction."""

    domain: str
    questions: tuple[Question, ...]
    #: The made-up address that goes last, or None when its answer is known.
    made_up: str | None
    smtputf8: bool = False

    @property
    def transaction(self) -> Transaction:
        """Write the batch as a transaction, the made-up address last."""
        recipients = tuple(question.address.wire for question in self.questions)
        return Transaction(
            recipients if self.made_up is None else (*recipients, self.made_up),
            smtputf8=self.smtputf8,
        )


def made_up_address(domain: str, key: bytes) -> str:
    """Derive the address that nobody has: always the same, so that greylisting knows it again."""
    digest = hmac.new(key, domain.encode(), hashlib.sha256).hexdigest()
    return f"q{digest[: _MADE_UP_LENGTH - 1]}@{domain}"


def recipients_of(batches: Sequence[Batch]) -> int:
    """Count the recipients of a group, made-up ones included."""
    return sum(len(batch.questions) + (batch.made_up is not None) for batch in batches)
