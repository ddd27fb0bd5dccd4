"""The questions for one set of mail hosts, handed out in groups that servers bear well."""

import math
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from verification.judge import AcceptsAll
from verification.probing.answered import Answered
from verification.probing.organisation import Organisation
from verification.probing.questions import Batch, Knowledge, Question, made_up_address
from verification.probing.reading import Finding
from verification.verdicts import Reason

#: Postfix slows a connection down at its tenth error and hangs up at the twentieth; RSET does not
#: forgive. https://www.postfix.org/postconf.5.html#smtpd_soft_error_limit
MOST_REJECTIONS = 9
#: A connection costs as much time as this many rejections, however few questions there are.
_LEAST_WORK = 6.0
#: How many rejections a connection usually comes to, with the margin that is kept.
_USUAL_REJECTIONS = 6.75
#: The share of refused recipients that is expected before anything is known.
_FIRST_GUESS = 0.2
#: How many answers the first guess weighs as much as.
_GUESS_WEIGHT = 10
#: Standard deviations kept as a margin, so that few groups overstep the limit.
_MARGIN = 1.5
#: The same where turns are so short, in seconds, that the second which a server takes for each
#: error beyond its patience would cost far more than another connection.
_WIDE_MARGIN = 3.0
_SHORT_TURN = 0.01
#: Answers after which the share of refused recipients counts as known.
_EXPERIENCED = 100


@dataclass(slots=True)
class Experience:
    """How many recipients were refused so far, over all lanes: a lane's guess at its beginning."""

    asked: float = _GUESS_WEIGHT
    refused: float = _FIRST_GUESS * _GUESS_WEIGHT


@dataclass(slots=True)
class Lane:
    """Questions waiting for the same mail hosts, by domain."""

    organisation: Organisation
    #: The mail hosts of this organisation, the most wanted first.
    hosts: tuple[str, ...]
    key: bytes
    knowledge: Callable[[str], Knowledge]
    batch: int
    experience: Experience = field(default_factory=Experience)
    #: The hosts to ask when none of these serves: they answer to another organisation.
    further: tuple[str, ...] = ()
    waiting: OrderedDict[tuple[str, bool], deque[Question]] = field(default_factory=OrderedDict)
    #: Answered addresses, by domain, that wait for the made-up address's answer.
    held: dict[tuple[str, bool], list[Answered]] = field(default_factory=dict)
    #: Whether a conversation has come to its end with every answer in its place.
    kept_step: bool = False
    #: What others said that broke off, to count then; with the reason that holds otherwise.
    unproven: list[tuple[Finding, Reason]] = field(default_factory=list)
    #: Questions waiting, over all domains.
    count: int = 0
    #: Conversations that are working on this lane.
    workers: int = 0
    #: Connections that are being opened for it.
    opening: int = 0
    #: Whether the server wants TLS before MAIL FROM.
    needs_tls: bool = False
    #: Conversations in a row that broke off without a single answer.
    barren: int = 0
    #: Refusals by policy in a row, without anybody being accepted.
    suspicions: int = 0
    #: Seconds of conversation so far, and the work that was done in them.
    talked: float = 0.0
    worked: float = 0.0
    #: Seconds that a turn of the server takes, as far as is known.
    turn: float = _SHORT_TURN
    _asked: int = 0
    _refused: int = 0

    def put(self, question: Question) -> None:
        """Let a question wait; mailboxes that need SMTPUTF8 travel apart."""
        place = (question.address.domain, question.address.needs_smtputf8)
        self.waiting.setdefault(place, deque()).append(question)
        self.count += 1

    def hold(self, batch: Batch, answered: list[Answered]) -> None:
        """Keep answered addresses until the made-up one, which is asked again, is answered."""
        place = (batch.domain, batch.smtputf8)
        self.held.setdefault(place, []).extend(answered)
        self.waiting.setdefault(place, deque())

    def release(self, domain: str) -> list[Answered]:
        """Give the answered addresses of a domain that waited."""
        return self.held.pop((domain, False), []) + self.held.pop((domain, True), [])

    def learn(self, answered: int, refused: int) -> None:
        """Remember how many answers were refusals."""
        self._asked += answered
        self._refused += refused
        self.experience.asked += answered
        self.experience.refused += refused

    def note_opening(self, seconds: float) -> None:
        """Remember what opening a connection took: two turns, greeting and EHLO."""
        self.turn = seconds / 2
        self.talked += seconds

    def spend(self, seconds: float, batches: Sequence[Batch], rejections: int) -> None:
        """Remember what a part of a conversation took: rejections and turns are what costs time."""
        self.talked += seconds
        self.worked += rejections + sum(len(batch.questions) for batch in batches) / self.batch

    def work_left(self, *, more_to_come: bool) -> float:
        """Estimate the work that waits, in rejections and groups.

        While the list is still being read made-up addresses are left out: most of what follows is
        for domains that wait already, so that counting them would exaggerate.
        """
        if not self.count:
            return 0.0
        work = self.count * (self._share + 1 / self.batch)
        return work if more_to_come else max(work + len(self.waiting), _LEAST_WORK)

    @property
    def is_served(self) -> bool:
        """Tell whether the connections that are being opened will do for all that waits."""
        rejections = len(self.waiting) + self.count * self._share
        return self.opening >= max(rejections / _USUAL_REJECTIONS, self.count / self.batch)

    def halve_batch(self) -> None:
        """Ask about fewer recipients in one transaction from now on."""
        self.batch = max(1, self.batch // 2)

    def take(self, rejections: int) -> list[Batch]:
        """Take a group that should stay within the connection's allowance of rejections.

        Empty when the allowance is used up, so that a fresh connection is needed.
        """
        allowance = MOST_REJECTIONS - rejections
        group: list[Batch] = []
        questions = made_ups = 0
        while self.waiting and questions + made_ups < self.batch:
            place = next(iter(self.waiting))
            if not self.waiting[place] and place not in self.held:
                del self.waiting[place]
                continue
            known = self.knowledge(place[0])
            ask_made_up = known.accepts_all is AcceptsAll.UNDETERMINED
            made_ups += ask_made_up
            # Made-up addresses are certain to be refused, the others only perhaps.
            room = min(self._most(allowance - made_ups), self.batch - made_ups) - questions
            if room < 1 and (group or rejections):
                break
            group.append(self._batch_of(place, max(1, room), known))
            questions += len(group[-1].questions)
        return group

    def is_last(self, group: Sequence[Batch], rejections: int, *, more_to_come: bool) -> bool:
        """Tell whether a connection should end with this group, as far as can be foreseen."""
        if not self.waiting:
            return not more_to_come
        made_ups = sum(batch.made_up is not None for batch in group)
        questions = sum(len(batch.questions) for batch in group)
        allowance = MOST_REJECTIONS - rejections - made_ups - questions * self._share
        return self._most(allowance) < self._worthwhile()

    @property
    def _share(self) -> float:
        """Estimate the share of recipients that will be refused."""
        guess = self.experience.refused / self.experience.asked * _GUESS_WEIGHT
        return (self._refused + guess) / (self._asked + _GUESS_WEIGHT)

    def _most(self, allowance: float) -> int:
        # The first guess is careful enough as it is.
        wide = self.turn < _SHORT_TURN and self.experience.asked >= _EXPERIENCED
        margin = _WIDE_MARGIN if wide else _MARGIN
        return most_recipients(allowance, self._share, margin)

    def _worthwhile(self) -> float:
        """Say how many recipients a further group must hold to be better than a new connection.

        A new connection takes three turns, greeting and EHLO included; a further group takes one.
        """
        return min(self._most(MOST_REJECTIONS), self.batch) / 3

    def drain(self) -> list[Question]:
        """Take everything that waits."""
        questions = [question for queue in self.waiting.values() for question in queue]
        self.waiting.clear()
        self.count = 0
        return questions

    def release_all(self) -> list[Answered]:
        """Give all answered addresses that waited, when nothing more will be learnt."""
        held = [answered for waiting in self.held.values() for answered in waiting]
        self.held.clear()
        return held

    def _batch_of(self, place: tuple[str, bool], most: int, known: Knowledge) -> Batch:
        queue = self.waiting[place]
        taken = tuple(queue.popleft() for _ in range(min(most, len(queue))))
        if not queue:
            del self.waiting[place]
        self.count -= len(taken)
        unknown = known.accepts_all is AcceptsAll.UNDETERMINED
        made_up = made_up_address(place[0], self.key) if unknown else None
        return Batch(place[0], taken, made_up, smtputf8=place[1])


def most_recipients(allowance: float, share: float, margin: float = _MARGIN) -> int:
    """Say how many recipients keep their rejections within an allowance, with a margin.

    Solves n·p + margin·√(n·p) = allowance for n.
    """
    if allowance <= 0:
        return 0
    root = (-margin + math.sqrt(margin**2 + 4 * allowance)) / 2
    return int(root**2 / max(share, 0.001))
