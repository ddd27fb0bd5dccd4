"""One round of questions: lanes of waiting questions, and the workers that ask them."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from verification.probing.admission import Admission
from verification.probing.consequences import Consequences
from verification.probing.conversation import Conversation
from verification.probing.lane import Experience, Lane
from verification.probing.opening import NotOpened
from verification.probing.places import Place, Places
from verification.probing.prober import Prober
from verification.probing.questions import Batch, Knowledge, Question, recipients_of
from verification.probing.reading import Answered, Finding, Reading, conclude, read_answers
from verification.probing.schedule import Backlog, backlogs_of
from verification.verdicts import Evidence, Reason

#: A pause for the sake of politeness longer than this, in seconds, is made without a connection.
_LONGEST_PAUSE = 20.0
#: Seconds that an idle connection is kept while further questions may be on their way.
_LINGER = 0.1
#: A question at which conversations broke off this often is not asked any more.
_MOST_BREAKS = 2


class Round:
    """Asks all questions of one verification; each one gets exactly one finding."""

    def __init__(
        self,
        prober: Prober,
        tasks: asyncio.TaskGroup,
        settle: Callable[[Finding], None],
    ) -> None:
        """Work in the given task group; ``settle`` is told each finding as it is made."""
        self._prober = prober
        self._tasks = tasks
        self._settle = settle
        self._consequences = Consequences(prober)
        self._lanes: dict[tuple[str, ...], Lane] = {}
        self._experience = Experience()
        self._admission = Admission(prober, Places(self._backlogs, prober.clock))
        #: Whether further questions may be asked, so that an idle connection is kept a moment.
        self.more_to_come = True

    def ask(self, question: Question, hosts: tuple[str, ...]) -> None:
        """Queue a question for the first of these hosts that answers."""
        lane = self._lanes.get(hosts) or self._open_lane(hosts)
        if lane is None:
            evidence = Evidence(mail_host=hosts[0], rule="reluctant-provider")
            self._settle(Finding(question, Reason.PROVIDER_NOT_PROBED, evidence))
            return
        lane.put(question)
        self._staff(lane)

    def _open_lane(self, hosts: tuple[str, ...]) -> Lane | None:
        """Make a lane to these hosts, or None when their organisation does not want to be asked."""
        organisation = self._prober.organisation(hosts)
        options = self._prober.options
        if organisation.manners.reluctant and not options.probe_reluctant_providers:
            return None
        self._lanes[hosts] = Lane(
            organisation,
            hosts,
            options.made_up_key,
            self._prober.knowledge,
            organisation.manners.batch,
            self._experience,
        )
        return self._lanes[hosts]

    def _backlogs(self) -> list[Backlog]:
        return backlogs_of(self._lanes.values(), more_to_come=self.more_to_come)

    def _staff(self, lane: Lane) -> None:
        """Add a worker when more questions wait than the present ones can take at once."""
        enough = lane.count <= lane.workers * lane.batch
        if not enough and lane.workers < lane.organisation.manners.connections:
            lane.workers += 1
            self._tasks.create_task(self._work(lane))

    async def _work(self, lane: Lane) -> None:
        """Ask a lane's questions until none waits."""
        try:
            while self._has_use(lane):
                pause = self._pause(lane)
                if pause > _LONGEST_PAUSE:
                    await asyncio.sleep(pause)
                    continue
                async with self._admission.conversation(lane, partial(self._wanted, lane)) as one:
                    if isinstance(one, NotOpened):
                        self._consequences.note_failure(lane, one)
                    elif one is not None:
                        await self._converse(lane, *one)
        finally:
            lane.workers -= 1
            if not lane.workers and not lane.waiting:
                self._close_lane(lane)

    def _wanted(self, lane: Lane) -> bool:
        """Tell whether a lane still has use for a conversation: others may have had their turns."""
        return self._has_use(lane) and self._pause(lane) <= _LONGEST_PAUSE

    def _has_use(self, lane: Lane) -> bool:
        """Tell whether questions wait that are not given up, nor left to others who open now."""
        return bool(lane.waiting) and not self._give_up(lane) and not lane.is_served

    def _close_lane(self, lane: Lane) -> None:
        """Forget a lane that is done; nobody is left waiting for what will not be learnt."""
        self._lanes.pop(lane.hosts, None)
        for answered in lane.release_all():
            self._settle(conclude(answered, Knowledge()))

    def _give_up(self, lane: Lane) -> bool:
        """Settle what waits without asking, when there is a reason not to ask."""
        failure = self._reason_not_to_ask(lane)
        if failure is None:
            return False
        for question in lane.drain():
            self._settle(Finding(question, failure.reason, failure.evidence))
        for answered in lane.release_all():
            self._settle(conclude(answered, Knowledge()))
        return True

    def _reason_not_to_ask(self, lane: Lane) -> NotOpened | None:
        block = self._prober.block(lane.organisation)
        if block is not None:
            return NotOpened(block.reason, block.evidence)
        stop = self._prober.stopped()
        if stop is not None:
            return NotOpened(Reason.PROBING_STOPPED, stop.evidence)
        return self._prober.down(lane.hosts)

    async def _converse(self, lane: Lane, conversation: Conversation, place: Place) -> None:
        """Hold one conversation, up to its QUIT."""
        try:
            while conversation.alive and await self._has_questions(lane):
                if self._give_up(lane):
                    break
                if await self._paused(lane, conversation):
                    continue
                group = lane.take(conversation.rejections)
                if not group:
                    break
                lane.organisation.pace.spend(recipients_of(group), self._prober.clock())
                place.heard()
                await self._ask_group(lane, conversation, group)
            await conversation.quit()
        finally:
            conversation.close()

    async def _has_questions(self, lane: Lane) -> bool:
        """Tell whether questions wait, giving those that are on their way a moment."""
        if not lane.waiting and self.more_to_come:
            await asyncio.sleep(_LINGER)
        return bool(lane.waiting)

    def _pause(self, lane: Lane) -> float:
        return lane.organisation.pace.pause(self._prober.clock())

    async def _paused(self, lane: Lane, conversation: Conversation) -> bool:
        """Wait for the organisation's turn if need be, or hang up when that takes long."""
        pause = self._pause(lane)
        if pause > _LONGEST_PAUSE:
            await conversation.quit()
        elif pause > 0:
            await asyncio.sleep(pause)
        return pause > 0

    async def _ask_group(
        self, lane: Lane, conversation: Conversation, group: Sequence[Batch]
    ) -> None:
        """Send one group and act on what its answers say."""
        group = self._without_unspeakable(conversation, group)
        began, rejections = self._prober.clock(), conversation.rejections
        answers = await conversation.ask(
            self._prober.options.mail_from,
            [batch.transaction for batch in group],
            goodbye=lane.is_last(group, conversation.rejections, more_to_come=self.more_to_come),
        )
        rejections = conversation.rejections - rejections
        lane.spend(self._prober.clock() - began, group, rejections)
        if self._consequences.heed_lost_step(conversation, answers):
            await conversation.quit()
            for batch in group:
                self._requeue(lane, batch.questions)
            return
        readings = [
            read_answers(
                batch,
                answer,
                host=conversation.endpoint.host,
                provider=lane.organisation.provider,
            )
            for batch, answer in zip(group, answers, strict=True)
        ]
        if conversation.broken:
            self._act_on_break(lane, conversation, readings)
        for batch, reading in zip(group, readings, strict=True):
            self._act_on(lane, conversation, batch, reading)
        if any(reading.wants_tls for reading in readings) and not lane.needs_tls:
            lane.needs_tls = True
            await conversation.quit()

    def _without_unspeakable(
        self, conversation: Conversation, group: Sequence[Batch]
    ) -> list[Batch]:
        """Settle mailboxes that cannot be named to a server without SMTPUTF8 (RFC 6531)."""
        speakable = []
        for batch in group:
            if batch.smtputf8 and not conversation.takes_smtputf8:
                evidence = Evidence(mail_host=conversation.endpoint.host, rule="no-smtputf8")
                for question in batch.questions:
                    self._settle(Finding(question, Reason.NEEDS_SMTPUTF8, evidence))
            else:
                speakable.append(batch)
        return speakable

    def _act_on(
        self, lane: Lane, conversation: Conversation, batch: Batch, reading: Reading
    ) -> None:
        for finding in reading.findings:
            self._settle(finding)
        self._learn(lane, batch, reading)
        self._consequences.heed_block(lane, conversation, reading)
        if reading.wants_less:
            lane.halve_batch()
        if reading.wants_slower:
            lane.organisation.pace.slow_down(self._prober.clock())
        self._send_elsewhere(lane, conversation, reading.elsewhere)
        if reading.wants_tls and lane.needs_tls:
            evidence = Evidence(mail_host=conversation.endpoint.host, rule="tls-in-vain")
            for question in reading.again:
                self._settle(Finding(question, Reason.TLS_FAILED, evidence))
        else:
            self._requeue(lane, reading.again)

    def _learn(self, lane: Lane, batch: Batch, reading: Reading) -> None:
        """Remember what the domain showed, and decide what waited for it."""
        self._prober.learn(batch.domain, reading.knowledge)
        lane.learn(reading.answered, reading.refused)
        lost_again = bool(batch.made_up) and not batch.questions
        if reading.knowledge.made_up is not None or lost_again:
            for answered in lane.release(batch.domain):
                self._settle(conclude(answered, reading.knowledge))
        if reading.held:
            lane.hold(batch, reading.held)

    def _send_elsewhere(
        self, lane: Lane, conversation: Conversation, refused: Iterable[Answered]
    ) -> None:
        """Ask the next host of the domain when this one does not serve it."""
        tried = lane.hosts.index(conversation.endpoint.host)
        others = lane.hosts[tried + 1 :]
        for answered in refused:
            if others:
                self.ask(answered.question, others)
            else:
                self._settle(conclude(answered, Knowledge()))

    def _act_on_break(
        self, lane: Lane, conversation: Conversation, readings: Sequence[Reading]
    ) -> None:
        """Make sure that a server that breaks off again and again is not asked for ever."""
        if any(reading.answered or reading.findings for reading in readings):
            lane.barren = 0
        else:
            lane.barren += 1
            self._consequences.heed_break(lane, conversation)
        for reading in readings:
            if reading.again:
                self._blame(conversation, reading)
                return

    def _blame(self, conversation: Conversation, reading: Reading) -> None:
        """Give up on the question at which conversations broke off more than once."""
        question = reading.again[0]
        question.broken_off += 1
        if question.broken_off >= _MOST_BREAKS:
            del reading.again[0]
            evidence = Evidence(mail_host=conversation.endpoint.host, rule="hang-up")
            self._settle(Finding(question, Reason.CONNECTION_LOST, evidence))

    def _requeue(self, lane: Lane, questions: Iterable[Question]) -> None:
        for question in questions:
            lane.put(question)
