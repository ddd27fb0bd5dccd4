"""What the answers to one batch mean, for each question and for the conversation; no I/O."""

from collections.abc import Sequence
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
from verification.probing.answered import Answered, all_alike, comparable, remember_refusals
from verification.probing.conversation import Answers
from verification.probing.pipelining import addresses_named
from verification.probing.questions import Batch, Knowledge, Question
from verification.verdicts import Evidence, Reason

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


def conclude(answered: Answered, knowledge: Knowledge, *, alike: bool = False) -> Finding:
    """Decide the finding; ``alike`` says that the whole domain is refused in the same words."""
    evidence = Evidence(
        mail_host=answered.host,
        reply=answered.reply.readable,
        made_up_reply=knowledge.made_up,
        rule=answered.judgement.rule.name,
    )
    reason = reason_for(answered.judgement.outcome, knowledge.accepts_all)
    if answered.is_weak and alike:
        reason = Reason.ALL_REFUSED_ALIKE
    elif answered.is_weak and knowledge.accepts_all is AcceptsAll.UNDETERMINED:
        reason = Reason.REFUSED
    return Finding(answered.question, reason, evidence)


@dataclass(slots=True)
class Reading:
    """Everything that one batch's answers say."""

    knowledge: Knowledge
    findings: list[Finding] = field(default_factory=list)
    #: Questions without an answer, to be asked again.
    again: list[Question] = field(default_factory=list)
    #: Answered while the made-up address's answer got lost: worth something once that is known.
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


def trips(judgement: Judgement) -> bool:
    """Tell whether a reply is about us, so that asking on would be rude and useless."""
    return judgement.outcome in TRIPPING and not judgement.rule.gentle


def read_answers(
    batch: Batch,
    answers: Answers,
    *,
    host: str,
    provider: str | None,
    sender: str,
    known: Knowledge,
    held: Sequence[Answered] = (),
) -> Reading:
    """Read one batch's answers in the order in which they came.

    Args:
        batch: What was asked.
        answers: What was answered.
        host: Who answered.
        provider: The name of the host's provider, if it has one.
        sender: The address in our MAIL FROM.
        known: What the domain has shown so far.
        held: The domain's earlier answers that wait for the made-up address's.
    """
    reader = _Reader(batch, host, provider, sender, known)
    if answers.mail is None:
        reader.reading.again.extend(batch.questions)
        reader.decide(held, lost=True)
    elif answers.mail.code >= 300:
        reader.read_refused_sender(answers.mail)
        reader.decide(held, lost=True)
    else:
        reader.read_recipients(answers.recipients, held)
    return reader.reading


class _Reader:
    """Collects the reading of one batch."""

    def __init__(
        self, batch: Batch, host: str, provider: str | None, sender: str, known: Knowledge
    ) -> None:
        self._batch = batch
        self._host = host
        self._provider = provider
        self._sender = sender.lower()
        self.reading = Reading(known)

    def read_refused_sender(self, mail: Reply) -> None:
        """Read a refused MAIL FROM: it says nothing about any recipient."""
        judgement = judge(Stage.MAIL, mail, self._provider)
        self._note_signals(judgement, mail)
        if self.reading.block is None and self._is_no_answer(judgement, mail):
            self.reading.again.extend(self._batch.questions)
            return
        for question in self._batch.questions:
            self._find(Answered(question, judgement, mail, self._host))

    def read_recipients(self, replies: tuple[Reply | None, ...], held: Sequence[Answered]) -> None:
        """Read the answers to RCPT TO, and decide them in the light of the made-up one's."""
        count = len(self._batch.questions)
        judged: list[Answered] = []
        for question, reply in zip(self._batch.questions, replies[:count], strict=True):
            if self.reading.block is not None:
                self._find(Answered(question, *self.reading.block, self._host))
            elif reply is None:
                self.reading.again.append(question)
            else:
                judgement = self._judge(question.address.wire, reply)
                self._sort(Answered(question, judgement, reply, self._host), judged)
        self.reading.knowledge = remember_refusals(self.reading.knowledge, judged)
        lost = self._learn(replies[count:])
        self.decide([*held, *judged], lost=lost)

    def decide(self, answered: Sequence[Answered], *, lost: bool) -> None:
        """Decide what was answered, or keep it while the made-up address is asked again."""
        known = self.reading.knowledge
        if known.accepts_all is AcceptsAll.NO and any(one.accepted for one in answered):
            self.reading.knowledge = known = replace(known, distinguishes=True)
        alike = all_alike(answered, known)
        for one in answered:
            if lost and self._batch.questions and (one.accepted or one.is_weak):
                self.reading.held.append(one)
            else:
                self._find(one, alike=alike)

    def _judge(self, recipient: str, reply: Reply) -> Judgement:
        """Judge an answer to RCPT TO; one that names our sender and not the recipient is about us.

        Servers that look whether our sender exists say so only now, as "<sender>: no such user".
        """
        named = addresses_named(reply.text) if reply.code >= 400 else frozenset()
        about_us = self._sender in named and recipient.lower() not in named
        return judge(Stage.MAIL if about_us else Stage.RCPT, reply, self._provider)

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

    def _learn(self, made_up: tuple[Reply | None, ...]) -> bool:
        """Work out whether the domain accepts any address; tell whether that answer got lost."""
        if not made_up:
            return False
        known, reply = self.reading.knowledge, made_up[0]
        if reply is None or self.reading.block is not None:
            return known.accepts_all is AcceptsAll.UNDETERMINED
        judgement = self._judge(self._batch.transaction.recipients[-1], reply)
        if self._is_lost(judgement, reply):
            return known.accepts_all is AcceptsAll.UNDETERMINED
        self._note_signals(judgement, reply)
        self.reading.knowledge = replace(
            known,
            accepts_all=accepts_all(judgement.outcome),
            made_up=reply.readable,
            made_up_words=comparable(reply),
        )
        return False

    def _is_lost(self, judgement: Judgement, reply: Reply) -> bool:
        """Tell whether the made-up address has to be asked about again."""
        if judgement.outcome is Outcome.TOO_MANY_RCPTS:
            self.reading.wants_less = True
            return bool(self._batch.questions)
        return reply.code == 421

    def _find(self, answered: Answered, *, alike: bool = False) -> None:
        self.reading.findings.append(conclude(answered, self.reading.knowledge, alike=alike))
