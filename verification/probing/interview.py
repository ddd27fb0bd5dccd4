"""One conversation's questions: what is asked, and what follows from the answers."""

from collections.abc import Callable, Iterable, Sequence

from verification.judge import Reply, Stage, judge
from verification.probing.answered import Answered
from verification.probing.consequences import Consequences
from verification.probing.conversation import Answers, Conversation
from verification.probing.lane import MOST_REJECTIONS, Lane
from verification.probing.pipelining import addresses_named
from verification.probing.prober import Prober
from verification.probing.questions import Batch, Knowledge, Question
from verification.probing.reading import Finding, Reading, conclude, read_answers, trips
from verification.verdicts import Category, Evidence, Reason

#: A question at which conversations broke off this often is not asked any more.
_MOST_BREAKS = 2
#: Nor is one whose answers were out of step this often: the second time it was asked alone.
_MOST_OUT_OF_STEP = 2


class Interview:
    """Puts a lane's questions to one conversation; each gets a finding or goes back to the lane.

    A reply that came unasked shifts all later ones, so that a reader gets the refusal of another.
    That is certain to show only at the answer to QUIT. Until then only a refusal that names its
    address makes it invalid; where a conversation breaks off, the end of another one must do.
    """

    def __init__(
        self,
        lane: Lane,
        conversation: Conversation,
        *,
        prober: Prober,
        settle: Callable[[Finding], None],
        ask_elsewhere: Callable[[Question, tuple[str, ...]], None],
    ) -> None:
        """Begin; ``ask_elsewhere`` takes a question that only other hosts can answer."""
        self._lane = lane
        self._conversation = conversation
        self._prober = prober
        self._pass_on = settle
        self._ask_elsewhere = ask_elsewhere
        self._consequences = Consequences(prober)
        self._unproven: list[Finding] = []
        self._domains: set[str] = set()

    async def ask(self, group: Sequence[Batch], *, more_to_come: bool) -> None:
        """Send one group and act on what its answers say."""
        conversation = self._conversation
        group = self._without_unspeakable(group)
        conversation.may_pipeline = self._prober.pipelines(conversation.endpoint.host) is not False
        began, rejections = self._prober.clock(), conversation.rejections
        answers = await conversation.ask(
            self._prober.mail_from,
            [batch.transaction for batch in group],
            goodbye=self._lane.is_last(group, rejections, more_to_come=more_to_come),
            enough=self._is_enough,
        )
        rejections = conversation.rejections - rejections
        self._lane.spend(self._prober.clock() - began, group, rejections)
        if self._consequences.heed_lost_step(conversation, group, answers):
            await conversation.quit()
            conversation.out_of_step = True
            self._start_over(question for batch in group for question in batch.questions)
            return
        await self._act(group, [self._read(*pair) for pair in zip(group, answers, strict=True)])

    def _is_enough(self, stage: Stage, reply: Reply) -> bool:
        """Tell whether to ask no further here: we are not welcome, or have used up our credit."""
        block = trips(judge(stage, reply, self._lane.organisation.provider))
        return block or self._conversation.rejections >= MOST_REJECTIONS

    async def end(self) -> None:
        """Say goodbye; what has waited for the answer counts now, or is asked again."""
        await self._conversation.quit()
        if self._conversation.out_of_step:
            self._consequences.note_lost_step(self._conversation)
            self._start_over(())
            self._lane.kept_step = False
        elif self._conversation.parted:
            self._lane.kept_step = True
        if self._conversation.fell_silent:
            # A reply may have been swallowed, so that the last one that is missing is not the last.
            self._ask_again(finding.question for finding in self._unproven)
        else:
            reason = Reason.TIMEOUT if self._conversation.overran else Reason.CONNECTION_LOST
            self._lane.unproven.extend((finding, reason) for finding in self._unproven)
        self._unproven.clear()
        if self._lane.kept_step:
            self._pass_on_unproven()

    def _pass_on_unproven(self) -> None:
        """Let count what waited until the server had shown that it keeps step."""
        for finding, _ in self._lane.unproven:
            self._pass_on(finding)
        self._lane.unproven.clear()

    def _without_unspeakable(self, group: Sequence[Batch]) -> list[Batch]:
        """Settle mailboxes that cannot be named to a server without SMTPUTF8 (RFC 6531)."""
        speakable = []
        for batch in group:
            if batch.smtputf8 and not self._conversation.takes_smtputf8:
                self._settle_all(batch.questions, Reason.NEEDS_SMTPUTF8, "no-smtputf8")
            else:
                speakable.append(batch)
        return speakable

    def _read(self, batch: Batch, answers: Answers) -> Reading:
        """Read a batch's answers with those that waited for them, and remember what they show."""
        lane, domain = self._lane, batch.domain
        reading = read_answers(
            batch,
            answers,
            host=self._conversation.endpoint.host,
            provider=lane.organisation.provider,
            sender=self._prober.mail_from,
            known=self._prober.knowledge(domain),
            held=lane.release(domain),
        )
        self._domains.add(domain)
        self._prober.learn(domain, reading.knowledge)
        lane.learn(reading.answered, reading.refused)
        if reading.held:
            lane.hold(batch, reading.held)
        return reading

    async def _act(self, group: Sequence[Batch], readings: Sequence[Reading]) -> None:
        """Do what the answers to one group ask for."""
        if self._conversation.broken:
            self._act_on_break(readings)
        for batch, reading in zip(group, readings, strict=True):
            await self._act_on(batch, reading)
        if any(reading.wants_tls for reading in readings) and not self._lane.needs_tls:
            self._lane.needs_tls = True
            await self._conversation.quit()

    async def _act_on(self, batch: Batch, reading: Reading) -> None:
        for finding in reading.findings:
            self._settle(finding)
        await self._consequences.heed_block(self._lane, self._conversation, reading)
        if reading.wants_less:
            self._lane.halve_batch()
        if reading.wants_slower:
            self._lane.organisation.pace.slow_down(self._prober.clock())
        self._send_elsewhere(reading.elsewhere)
        if reading.wants_tls and self._lane.needs_tls:
            self._settle_all(reading.again, Reason.TLS_FAILED, "tls-in-vain")
        else:
            self._put_back(reading.again)

    def _send_elsewhere(self, refused: Iterable[Answered]) -> None:
        """Ask the next host of the domain when this one does not serve it."""
        tried = self._lane.hosts.index(self._conversation.endpoint.host)
        others = self._lane.hosts[tried + 1 :] + self._lane.further
        for answered in refused:
            if others:
                self._ask_elsewhere(answered.question, others)
            else:
                self._settle(conclude(answered, Knowledge()))

    def _act_on_break(self, readings: Sequence[Reading]) -> None:
        """Make sure that a server that breaks off again and again is not asked for ever."""
        if any(reading.answered or reading.findings for reading in readings):
            self._lane.barren = 0
        else:
            self._lane.barren += 1
        self._consequences.heed_break(self._lane, self._conversation)
        unanswered = next((reading for reading in readings if reading.again), None)
        if unanswered is not None and not self._conversation.overran:
            self._blame(unanswered)

    def _blame(self, reading: Reading) -> None:
        """Give up on the question at which conversations broke off more than once."""
        reading.again[0].broken_off += 1
        if reading.again[0].broken_off >= _MOST_BREAKS:
            self._settle_all([reading.again.pop(0)], Reason.CONNECTION_LOST, "hang-up")

    def _start_over(self, unanswered: Iterable[Question]) -> None:
        """Ask all again that this conversation has not settled, and forget what it showed."""
        unproven = [*self._unproven, *(finding for finding, _ in self._lane.unproven)]
        questions = [*unanswered, *(finding.question for finding in unproven)]
        self._unproven.clear()
        self._lane.unproven.clear()
        for domain in self._domains:
            self._prober.forget(domain)
            questions.extend(answered.question for answered in self._lane.release(domain))
        self._domains.clear()
        self._ask_again(questions)

    def _ask_again(self, questions: Iterable[Question]) -> None:
        """Ask again who may have got another's answer, unless that has happened before."""
        for question in questions:
            question.out_of_step += 1
            if question.out_of_step < _MOST_OUT_OF_STEP:
                self._lane.put(question)
            else:
                self._settle_all([question], Reason.PROTOCOL, "out-of-step")

    def _put_back(self, questions: Iterable[Question]) -> None:
        for question in questions:
            self._lane.put(question)

    def _settle_all(self, questions: Iterable[Question], reason: Reason, rule: str) -> None:
        """Settle questions that have no answer of their own."""
        evidence = Evidence(mail_host=self._conversation.endpoint.host, rule=rule)
        for question in questions:
            self._settle(Finding(question, reason, evidence))

    def _settle(self, finding: Finding) -> None:
        """Pass a finding on, or keep it while the conversation may still turn out a muddle."""
        if finding.reason.category is not Category.INVALID or _names_itself(finding):
            self._pass_on(finding)
        else:
            self._unproven.append(finding)


def _names_itself(finding: Finding) -> bool:
    """Tell whether the reply names the address, and so cannot be another's."""
    wire = finding.question.address.wire.lower()
    return wire in addresses_named(finding.evidence.reply or "")
