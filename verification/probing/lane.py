"""The questions for one set of mail hosts, handed out in groups that servers bear well."""

import math
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from verification.judge import AcceptsAll
from verification.probing.organisation import Organisation
from verification.probing.questions import Batch, Knowledge, Question, made_up_address
from verification.probing.reading import Answered

#: Postfix slows a connection down at its tenth error and hangs up at the twentieth; RSET does not
#: forgive. https://www.postfix.org/postconf.5.html#smtpd_soft_error_limit
MOST_REJECTIONS = 9
#: The share of refused recipients that is expected before anything is known.
_FIRST_GUESS = 0.2
#: How many answers the first guess weighs as much as.
_GUESS_WEIGHT = 10
#: Standard deviations kept as a margin, so that few groups overstep the limit.
_MARGIN = 1.5


@dataclass(slots=True)
class Lane:
    """Questions waiting for the same mail hosts, by domain."""

    organisation: Organisation
    hosts: tuple[str, ...]
    key: bytes
    knowledge: Callable[[str], Knowledge]
    batch: int
    waiting: OrderedDict[tuple[str, bool], deque[Question]] = field(default_factory=OrderedDict)
    #: Accepted addresses, by domain, that wait for the made-up address's answer.
    held: dict[tuple[str, bool], list[Answered]] = field(default_factory=dict)
    #: Questions waiting, over all domains.
    count: int = 0
    #: Conversations that are working on this lane.
    workers: int = 0
    #: Whether the server wants TLS before MAIL FROM.
    needs_tls: bool = False
    #: Conversations in a row that broke off without a single answer.
    barren: int = 0
    #: Refusals by policy in a row, without anybody being accepted.
    suspicions: int = 0
    _asked: int = 0
    _refused: int = 0

    def put(self, question: Question) -> None:
        """Let a question wait; mailboxes that need SMTPUTF8 travel apart."""
        place = (question.address.domain, question.address.needs_smtputf8)
        self.waiting.setdefault(place, deque()).append(question)
        self.count += 1

    def hold(self, batch: Batch, answered: list[Answered]) -> None:
        """Keep accepted addresses until the made-up one, which is asked again, is answered."""
        place = (batch.domain, batch.smtputf8)
        self.held.setdefault(place, []).extend(answered)
        self.waiting.setdefault(place, deque())

    def release(self, domain: str) -> list[Answered]:
        """Give the accepted addresses of a domain that waited."""
        return self.held.pop((domain, False), []) + self.held.pop((domain, True), [])

    def learn(self, answered: int, refused: int) -> None:
        """Remember how many answers were refusals."""
        self._asked += answered
        self._refused += refused

    def halve_batch(self) -> None:
        """Ask about fewer recipients in one transaction from now on."""
        self.batch = max(1, self.batch // 2)

    def take(self, rejections: int) -> list[Batch]:
        """Take a group that should stay within the connection's allowance of rejections.

        Empty when the allowance is used up, so that a fresh connection is needed.
        """
        allowance = MOST_REJECTIONS - rejections
        share = self._share
        if rejections and most_recipients(allowance, share) < self._worthwhile(share):
            return []
        group: list[Batch] = []
        recipients = made_ups = 0
        while self.waiting and recipients < self.batch:
            place = next(iter(self.waiting))
            if not self.waiting[place] and place not in self.held:
                del self.waiting[place]
                continue
            known = self.knowledge(place[0])
            ask_made_up = known.accepts_all is AcceptsAll.UNDETERMINED
            room = most_recipients(allowance - made_ups - ask_made_up, share)
            room = min(room, self.batch - ask_made_up) - recipients
            if room < 1 and (group or rejections):
                break
            group.append(self._batch_of(place, max(1, room), known))
            made_ups += ask_made_up
            recipients += len(group[-1].questions) + ask_made_up
        return group

    def is_last(self, group: Sequence[Batch], rejections: int, *, more_to_come: bool) -> bool:
        """Tell whether a connection should end with this group, as far as can be foreseen."""
        if not self.waiting:
            return not more_to_come
        made_ups = sum(batch.made_up is not None for batch in group)
        questions = sum(len(batch.questions) for batch in group)
        allowance = MOST_REJECTIONS - rejections - made_ups - questions * self._share
        return most_recipients(allowance, self._share) < self._worthwhile(self._share)

    @property
    def _share(self) -> float:
        """Estimate the share of recipients that will be refused."""
        guess = _FIRST_GUESS * _GUESS_WEIGHT
        return (self._refused + guess) / (self._asked + _GUESS_WEIGHT)

    def _worthwhile(self, share: float) -> float:
        """Say how many recipients a further group must hold to be better than a new connection.

        A new connection takes three turns, greeting and EHLO included; a further group takes one.
        """
        return min(most_recipients(MOST_REJECTIONS, share), self.batch) / 3

    def drain(self) -> list[Question]:
        """Take everything that waits."""
        questions = [question for queue in self.waiting.values() for question in queue]
        self.waiting.clear()
        self.count = 0
        return questions

    def release_all(self) -> list[Answered]:
        """Give all accepted addresses that waited, when nothing more will be learnt."""
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
        return Batch(place[0], taken, made_up, known, smtputf8=place[1])


def most_recipients(allowance: float, share: float) -> int:
    """Say how many recipients keep their rejections within an allowance, with a margin.

    Solves n·p + margin·√(n·p) = allowance for n.
    """
    if allowance <= 0:
        return 0
    root = (-_MARGIN + math.sqrt(_MARGIN**2 + 4 * allowance)) / 2
    return int(root**2 / max(share, 0.001))
