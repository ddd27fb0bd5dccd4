"""Decides how many conversations are useful at a time, and for whom the next one is; no I/O."""

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from verification.probing.lane import Lane

#: Seconds that a unit of work is taken to cost before any was done.
_FIRST_GUESS = 0.2
#: How many units of work the guess for a lane weighs as much as, against what it showed itself.
_GUESS_WEIGHT = 20.0
#: To be done so many seconds after the longest backlog is not worth a further connection.
_TOLERANCE = 1.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is left to do at one organisation."""

    name: str
    #: Seconds of conversation.
    talk: float
    #: Connections that it bears at a time.
    connections: int
    #: Seconds that its pace asks for, however many connections there are.
    paced: float = 0.0

    @property
    def remaining(self) -> float:
        """Give the seconds until it is done when it is never kept waiting."""
        return max(self.talk / self.connections, self.paced)


def useful_conversations(backlogs: Collection[Backlog]) -> int:
    """Say how many conversations at a time finish everything together with the longest backlog.

    More of them would only be done earlier with what nobody waits for, and would be less polite.
    """
    if not backlogs:
        return 1
    longest = max(backlog.remaining for backlog in backlogs)
    return max(1, math.ceil(sum(backlog.talk for backlog in backlogs) / (longest + _TOLERANCE)))


def backlogs_of(lanes: Collection[Lane], *, more_to_come: bool) -> list[Backlog]:
    """Estimate what is left to do, by organisation, from what each lane has taken so far."""
    seconds = sum(lane.talked for lane in lanes)
    work = sum(lane.worked for lane in lanes)
    usual = (seconds + _FIRST_GUESS) / (work + 1)
    talk: dict[str, float] = {}
    count: dict[str, int] = {}
    for lane in lanes:
        name = lane.organisation.name
        own = (lane.talked + usual * _GUESS_WEIGHT) / (lane.worked + _GUESS_WEIGHT)
        talk[name] = talk.get(name, 0.0) + own * lane.work_left(more_to_come=more_to_come)
        count[name] = count.get(name, 0) + lane.count
    organisations = {lane.organisation.name: lane.organisation for lane in lanes}
    return [
        Backlog(name, talk[name], one.manners.connections, count[name] / one.pace.rate)
        for name, one in organisations.items()
    ]


def first_in_line(waiting: Iterable[str], remaining: dict[str, float]) -> str:
    """Choose who may begin next: critical path first, so that the longest backlog never starves."""
    return max(waiting, key=lambda name: remaining.get(name, 0.0))
