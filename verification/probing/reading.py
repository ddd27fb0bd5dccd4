"""What the answers to one batch mean, for each question and for the conversation; no I/O."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from verification.judge import (
    AcceptsAll,
    Judgement,
    Outcome,
    Reply,
    Stage,
    accepts_all,
    judge,
    reason_for,
)
from verification.probing.conversation import Answers
from verification.probing.questions import Batch, Knowledge, Question
from verification.verdicts import Category, Evidence, Reason

#: The waits before the second, third and fourth look at a greylisting or ailing server.
RETRY_WAITS = (timedelta(minutes=6), timedelta(minutes=15), timedelta(minutes=35))

#: How long to wait for each reason that a later look may change.
_WAITS = {
    Reason.GREYLISTED: RETRY_WAITS[0],
    Reason.TEMPORARY: RETRY_WAITS[1],
    Reason.RATE_LIMITED: RETRY_WAITS[2],
    Reason.TIMEOUT: RETRY_WAITS[1],
    Reason.NO_CONNECTION: RETRY_WAITS[1],
    Reason.CONNECTION_LOST: RETRY_WAITS[1],
    Reason.DNS_FAILED: RETRY_WAITS[0],
}

#: Letters of two refusals that must be the same to call them alike.
_COMPARED = 300

#: One of these ends all questions to the organisation.
TRIPPING = frozenset({Outcome.BLOCKED, Outcome.SENDER_REJECTED, Outcome.NEEDS_RDNS})


def wait_for(reason: Reason) -> timedelta | None:
    """Say how long to wait before a later look may change this reason, or None."""
    return _WAITS.get(reason)


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question."""

    question: Question
    reason: Reason
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Answered:
    """A question with the reply it got and what the reply means."""

    question: Question
    judgement: Judgement
    reply: Reply
    host: str

    @property
    def accepted(self) -> bool:
        """Tell whether what the answer is worth depends on the made-up address."""
        return self.judgement.outcome is Outcome.ACCEPTED


def conclude(answered: Answered, knowledge: Knowledge, *, alike: bool = False) -> Finding:
    """Decide the finding; ``alike`` says that the whole domain is refused in the same words."""
    evidence = Evidence(
        mail_host=answered.host,
        reply=answered.reply.readable,
        made_up_reply=knowledge.made_up,
        rule=answered.judgement.rule.name,
    )
    reason = reason_for(answered.judgement.outcome, knowledge.accepts_all)
    if alike and reason.category is Category.INVALID and not answered.judgement.rule.explicit:
        reason = Reason.ALL_REFUSED_ALIKE
    return Finding(answered.question, reason, evidence)


@dataclass(slots=True)
class Reading:
    """Everything that one batch's answers say."""

    knowledge: Knowledge
    findings: list[Finding] = field(default_factory=list)
    #: Questions without an answer, to be asked again.
    again: list[Question] = field(default_factory=list)
    #: Accepted while the made-up address's answer got lost: worth something once that is known.
    held: list[Answered] = field(default_factory=list)
    #: Questions that this host will not answer, but another host of the domain may.
    elsewhere: list[Answered] = field(default_factory=list)
    #: The first answer that says that we are not welcome.
    block: tuple[Judgement, Reply] | None = None
    #: The server wants TLS first.
    wants_tls: bool = False
    #: The server wants smaller batches.
    wants_less: bool = False
    #: The server wants fewer questions in a given time.
    wants_slower: bool = False
    #: How many questions were answered, how many of them refused, and how many accepted.
    answered: int = 0
    refused: int = 0
    accepted: int = 0
    #: Refusals by policy that may be about one recipient, or about us.
    suspicious: list[tuple[Judgement, Reply]] = field(default_factory=list)


def _comparable(reply: Reply) -> str:
    """Cut a reply's words to what is worth keeping for a comparison."""
    return reply.words[:_COMPARED]


def trips(judgement: Judgement) -> bool:
    """Tell whether a reply is about us, so that asking on would be rude and useless."""
    return judgement.outcome in TRIPPING and not judgement.rule.gentle


def read_answers(batch: Batch, answers: Answers, *, host: str, provider: str | None) -> Reading:
    """Read one batch's answers in the order in which they came."""
    reader = _Reader(batch, host, provider)
    if answers.mail is None:
        reader.reading.again.extend(batch.questions)
    elif answers.mail.code >= 300:
        reader.read_refused_sender(answers.mail)
    else:
        reader.read_recipients(answers.recipients)
    return reader.reading


class _Reader:
    """Collects the reading of one batch."""

    def __init__(self, batch: Batch, host: str, provider: str | None) -> None:
        self._batch = batch
        self._host = host
        self._provider = provider
        self.reading = Reading(batch.known)

    def read_refused_sender(self, mail: Reply) -> None:
        """Read a refused MAIL FROM: it says nothing about any recipient."""
        judgement = judge(Stage.MAIL, mail, self._provider)
        self._note_signals(judgement, mail)
        if self.reading.block is None and self._is_no_answer(judgement, mail):
            self.reading.again.extend(self._batch.questions)
            return
        for question in self._batch.questions:
            self._find(Answered(question, judgement, mail, self._host))

    def read_recipients(self, replies: tuple[Reply | None, ...]) -> None:
        """Read the answers to RCPT TO, and decide them in the light of the made-up one's."""
        count = len(self._batch.questions)
        judged: list[Answered] = []
        for question, reply in zip(self._batch.questions, replies[:count], strict=True):
            if self.reading.block is not None:
                self._find(Answered(question, *self.reading.block, self._host))
            elif reply is None:
                self.reading.again.append(question)
            else:
                judgement = judge(Stage.RCPT, reply, self._provider)
                self._sort(Answered(question, judgement, reply, self._host), judged)
        lost = self._learn(replies[count:], judged)
        alike = self._all_refused_alike(judged)
        for answered in judged:
            if answered.accepted and lost:
                self.reading.held.append(answered)
            else:
                self._find(answered, alike=alike)

    def _sort(self, answered: Answered, judged: list[Answered]) -> None:
        """Put one answered question where it belongs."""
        self._note_signals(answered.judgement, answered.reply)
        if self.reading.block is not None:
            self._find(answered)
        elif answered.judgement.outcome is Outcome.RELAY_DENIED:
            self.reading.elsewhere.append(answered)
        elif self._is_no_answer(answered.judgement, answered.reply):
            self.reading.again.append(answered.question)
        else:
            self.reading.answered += 1
            self.reading.refused += not answered.accepted
            self.reading.accepted += answered.accepted
            judged.append(answered)

    def _note_signals(self, judgement: Judgement, reply: Reply) -> None:
        if trips(judgement):
            self.reading.block = judgement, reply
        elif judgement.outcome in TRIPPING:
            self.reading.suspicious.append((judgement, reply))
        self.reading.wants_tls |= judgement.outcome is Outcome.TLS_REQUIRED
        self.reading.wants_less |= judgement.outcome is Outcome.TOO_MANY_RCPTS
        self.reading.wants_slower |= judgement.outcome is Outcome.RATE_SENDER or reply.code == 421

    def _is_no_answer(self, judgement: Judgement, reply: Reply) -> bool:
        """Tell whether the reply leaves the question open: it is asked again at once."""
        if judgement.outcome is Outcome.TOO_MANY_RCPTS:
            return len(self._batch.questions) > 1
        if judgement.outcome is Outcome.GREYLIST:
            return False
        # RFC 5321 section 3.8: 421 ends the conversation, whatever command it answers.
        return judgement.outcome is Outcome.TLS_REQUIRED or reply.code == 421

    def _learn(self, made_up: tuple[Reply | None, ...], judged: list[Answered]) -> bool:
        """Work out whether the domain accepts any address; tell whether that answer got lost."""
        if self.reading.block is None and made_up:
            reply = made_up[0]
            judgement = None if reply is None else judge(Stage.RCPT, reply, self._provider)
            if reply is None or judgement is None or self._is_lost(judgement, reply):
                return True
            self._note_signals(judgement, reply)
            self.reading.knowledge = Knowledge(
                accepts_all(judgement.outcome), reply.readable, _comparable(reply)
            )
        known = self.reading.knowledge
        if known.accepts_all is AcceptsAll.NO and any(answered.accepted for answered in judged):
            self.reading.knowledge = replace(known, distinguishes=True)
        return False

    def _is_lost(self, judgement: Judgement, reply: Reply) -> bool:
        """Tell whether the made-up address has to be asked about again."""
        if judgement.outcome is Outcome.TOO_MANY_RCPTS:
            self.reading.wants_less = True
            return bool(self._batch.questions)
        return reply.code == 421

    def _all_refused_alike(self, judged: list[Answered]) -> bool:
        """Tell whether the whole domain is refused in the same words: such words prove nothing."""
        if self.reading.knowledge.distinguishes:
            return False
        refusals = {_comparable(answered.reply) for answered in judged}
        asked_made_up = self.reading.knowledge.made_up is not None
        if asked_made_up:
            refusals.add(self.reading.knowledge.made_up_words)
        return len(refusals) == 1 and len(judged) + asked_made_up > 1

    def _find(self, answered: Answered, *, alike: bool = False) -> None:
        self.reading.findings.append(conclude(answered, self.reading.knowledge, alike=alike))
