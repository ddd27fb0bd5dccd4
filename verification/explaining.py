"""Explains what one reply of a mail server means, and which row of the table says so."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from verification.judge import AcceptsAll, Judgement, Stage, judge, parse_reply, reason_for
from verification.verdicts import Reason


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reply and what it means, ready to be printed."""

    reply: str
    outcome: str
    category: str
    rule: str

    def as_record(self) -> dict[str, str]:
        """Give the explanation as one JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a reply's meaning depends on besides its words."""

    stage: Stage = Stage.RCPT
    provider: str | None = None
    #: What the same server says to a made-up address of the domain.
    accepts_all: AcceptsAll = AcceptsAll.UNDETERMINED

    def explain(self, reply: bytes) -> tuple[Explanation, Judgement, Reason]:
        """Judge a reply, in which ``\\n`` may stand for a line break."""
        judgement = judge(self.stage, parse_reply(reply.replace(b"\\n", b"\n")), self.provider)
        reason = reason_for(judgement.outcome, self.accepts_all)
        explanation = Explanation(
            reply=_readable(reply),
            outcome=judgement.outcome.value,
            category=reason.category.label,
            rule=judgement.rule.name,
        )
        return explanation, judgement, reason

    def explain_lines(self, lines: Iterable[bytes]) -> Iterator[Explanation]:
        """Judge one reply a line; empty lines are no replies."""
        for line in lines:
            reply = line.rstrip(b"\r\n")
            if reply:
                yield self.explain(reply)[0]


def _readable(reply: bytes) -> str:
    try:
        return reply.decode("utf-8")
    except UnicodeDecodeError:
        return reply.decode("latin-1")
