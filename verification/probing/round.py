"""One round of questions: lanes of waiting questions, and the workers that ask them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from verification.probing.admission import Admission
from verification.probing.consequences import Consequences
from verification.probing.conversation import Conversation
from verification.probing.interview import Interview
from verification.probing.lane import Experience, Lane
from verification.probing.opening import NotOpened
from verification.probing.places import Place, Places
from verification.probing.prober import Prober
from verification.probing.questions import Knowledge, Question, recipients_of
from verification.probing.reading import Finding, conclude
from verification.probing.schedule import Backlog, backlogs_of
from verification.providers import run_together
from verification.verdicts import Evidence, Reason

#: A pause for the sake of politeness longer than this, in seconds, is made without a connection.
_LONGEST_PAUSE = 20.0
#: Seconds that an idle connection is kept while further questions may be on their way.
_LINGER = 0.1


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
        own = run_together(hosts)
        organisation = self._prober.organisation(own)
        options = self._prober.options
        if organisation.manners.reluctant and not options.probe_reluctant_providers:
            return None
        self._lanes[hosts] = Lane(
            organisation,
            own,
            options.made_up_key,
            self._prober.knowledge,
            organisation.manners.batch,
            self._experience,
            further=hosts[len(own) :],
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
                        await self._consequences.note_failure(lane, one)
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
        self._lanes.pop(lane.hosts + lane.further, None)
        for answered in lane.release_all():
            self._settle(conclude(answered, Knowledge()))
        for finding, otherwise in lane.unproven:
            self._settle(replace(finding, reason=otherwise))

    def _give_up(self, lane: Lane) -> bool:
        """Settle what waits without asking these hosts, when there is a reason not to."""
        failure = self._reason_not_to_ask(lane)
        if failure is None:
            return False
        for question in lane.drain():
            if lane.further and not failure.is_final:
                self.ask(question, lane.further)
            else:
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
        interview = Interview(
            lane, conversation, prober=self._prober, settle=self._settle, ask_elsewhere=self.ask
        )
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
                await interview.ask(group, more_to_come=self.more_to_come)
            await interview.end()
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
