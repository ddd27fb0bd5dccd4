"""A row of the reply table, and the function that reads the table from top to bottom."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from verification.judge.outcomes import Outcome, Stage
from verification.judge.reply import Reply

RCPT_ONLY = frozenset({Stage.RCPT})
BEFORE_RCPT = frozenset(Stage) - RCPT_ONLY


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: all conditions that are given must hold."""

    #: The outcome and a few words, unique in the table.
    name: str
    outcome: Outcome
    #: Where the meaning comes from: an RFC, a server's source or a provider's documentation.
    source: str
    stages: frozenset[Stage]
    #: The basic code, as a pattern for all three digits.
    code: re.Pattern[str] | None
    #: The enhanced code, as a pattern for all of it.
    enhanced: re.Pattern[str] | None
    #: Searched for in the reply's words.
    text: re.Pattern[str] | None
    #: Searched for in the whole folded text, links and host names included.
    raw: re.Pattern[str] | None
    #: The row holds only for this provider.
    provider: str | None
    #: The words say that this very mailbox is missing, so many alike prove as much as one.
    explicit: bool
    #: The refusal may be about one recipient only, so it does not stop the conversation.
    gentle: bool

    def holds(self, stage: Stage, reply: Reply, provider: str | None) -> bool:
        """Tell whether the row describes this reply."""
        if stage not in self.stages or self.provider not in (None, provider):
            return False
        if self.code is not None and not self.code.fullmatch(f"{reply.code:03d}"):
            return False
        if self.enhanced is not None and not self.enhanced.fullmatch(reply.enhanced or ""):
            return False
        if self.text is not None and not self.text.search(reply.words):
            return False
        return self.raw is None or self.raw.search(reply.raw) is not None


def row(
    name: str,
    outcome: Outcome,
    *,
    source: str,
    stages: Iterable[Stage] = RCPT_ONLY,
    code: str | None = None,
    enhanced: str | None = None,
    text: str | Sequence[str] | None = None,
    raw: str | None = None,
    provider: str | None = None,
    explicit: bool = False,
    gentle: bool = False,
) -> Rule:
    """Write a row; ``text`` is one pattern or several, of which one must be found."""
    if text is not None and not isinstance(text, str):
        text = "|".join(f"(?:{pattern})" for pattern in text)
    return Rule(
        name=f"{outcome.value}/{name}",
        outcome=outcome,
        source=source,
        stages=frozenset(stages),
        code=_compiled(code),
        enhanced=_compiled(enhanced),
        text=_compiled(text),
        raw=_compiled(raw),
        provider=provider,
        explicit=explicit,
        gentle=gentle,
    )


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    return None if pattern is None else re.compile(pattern)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reply means, and the row that says so."""

    outcome: Outcome
    rule: Rule


def first_match(
    table: Sequence[Rule], stage: Stage, reply: Reply, provider: str | None
) -> Judgement:
    """Find the first row that holds; the table's last row holds for everything."""
    decided = next(rule for rule in table if rule.holds(stage, reply, provider))
    return Judgement(decided.outcome, decided)
