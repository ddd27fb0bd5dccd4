"""One answered question, and whether a domain's answers tell its addresses apart; no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from verification.judge import AcceptsAll, Judgement, Outcome, Reply, reason_for
from verification.probing.questions import Knowledge, Question
from verification.verdicts import Category

#: Letters of two refusals that must be the same to call them alike.
_COMPARED = 300


def comparable(reply: Reply) -> str:
    """Cut a reply's words to what is worth keeping for a comparison."""
    return reply.words[:_COMPARED]


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with the reply it got and what the reply means."""

    question: Question
    judgement: Judgement
    reply: Reply
    host: str

    @property
    def accepted(self) -> bool:
        """Tell whether the server takes mail for it."""
        return self.judgement.outcome is Outcome.ACCEPTED

    @property
    def refused(self) -> bool:
        """Tell whether the words, taken alone, say that mail to it cannot arrive."""
        reason = reason_for(self.judgement.outcome, AcceptsAll.UNDETERMINED)
        return reason.category is Category.INVALID

    @property
    def is_weak(self) -> bool:
        """Tell whether it is refused in words that a server may have for everybody."""
        return self.refused and not self.judgement.rule.explicit

    @property
    def words(self) -> str:
        """Give as much of the words as is compared."""
        return comparable(self.reply)


def all_alike(answered: Sequence[Answered], known: Knowledge) -> bool:
    """Tell whether a domain refuses everybody in the same words: such words prove nothing.

    It takes two answers: of two readers, now or over all that the domain has shown, or of one
    reader and the made-up address.
    """
    if known.distinguishes or any(one.accepted for one in answered):
        return False
    refused = [one for one in answered if one.refused]
    words = {one.words for one in refused}
    if known.made_up is not None and words == {known.made_up_words}:
        return True
    alike_now = len(words) == 1 and len(refused) > 1
    return alike_now or (len(known.refusal_words) == 1 and len(known.refused) > 1)


def remember_refusals(known: Knowledge, answered: Sequence[Answered]) -> Knowledge:
    """Add who was refused, and in which words, to what a domain has shown."""
    refused = {one.question.address.wire: one.words for one in answered if one.refused}
    return replace(
        known,
        refused=_two_of(known.refused.union(refused)),
        refusal_words=_two_of(known.refusal_words.union(refused.values())),
    )


def _two_of(shown: frozenset[str]) -> frozenset[str]:
    """Keep no more than it takes to see that there is more than one."""
    return frozenset(sorted(shown)[:2])
