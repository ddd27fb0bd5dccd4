"""What follows from a server's behaviour for the questions still to come."""

from collections.abc import Sequence
from functools import partial

from verification.judge import Stage, judge, parse_reply
from verification.judge.outcomes import REASONS, Outcome
from verification.networks import IpAddress
from verification.probing.conversation import Answers, Conversation
from verification.probing.lane import Lane
from verification.probing.opening import NotOpened
from verification.probing.pipelining import lost_step, names_another
from verification.probing.prober import Prober
from verification.probing.questions import Batch
from verification.probing.reading import Reading
from verification.verdicts import Evidence, Reason

#: So many refusals by policy in a row, with nobody accepted, count as a block.
_MOST_SUSPICIONS = 5
#: A lane whose conversations broke off this often without any answer is given up.
_MOST_BARREN = 2


class Consequences:
    """Blocks organisations and marks hosts as down, for everybody who asks them."""

    def __init__(self, prober: Prober) -> None:
        """Note everything in the shared state."""
        self._prober = prober

    async def note_failure(self, lane: Lane, failure: NotOpened) -> None:
        """Leave hosts alone that could not be talked to."""
        judgement = failure.judgement
        self._prober.mark_down(lane.hosts, failure)
        if failure.is_block:
            words = failure.evidence.reply or ""
            await self._trip(lane, failure, words, failure.heard_at)
        elif judgement is not None and judgement.outcome is Outcome.RATE_SENDER:
            lane.organisation.pace.slow_down(self._prober.clock())

    async def _trip(
        self, lane: Lane, block: NotOpened, words: str, local: IpAddress | None
    ) -> None:
        """Leave the organisation alone; all questions end when a block list names us.

        Its name alone proves nothing about us: anybody may write it into a reply.
        """
        trip = partial(self._prober.trip, lane.organisation, block.reason, block.evidence)
        trip(by_list=False)
        if _names_a_list(words) and await self._prober.is_named(words, local):
            trip(by_list=True)

    async def heed_block(self, lane: Lane, conversation: Conversation, reading: Reading) -> None:
        """Leave the organisation alone after one clear block, or several suspicious refusals."""
        block = reading.block
        lane.suspicions = 0 if reading.accepted else lane.suspicions + len(reading.suspicious)
        if block is None and lane.suspicions >= _MOST_SUSPICIONS:
            block = reading.suspicious[-1] if reading.suspicious else None
        if block is not None:
            judgement, reply = block
            evidence = Evidence(
                mail_host=conversation.endpoint.host,
                reply=reply.readable,
                rule=judgement.rule.name,
            )
            failure = NotOpened(REASONS[judgement.outcome], evidence, judgement)
            self._prober.shun(conversation.endpoint.address, failure)
            await self._trip(
                lane, failure, f"{reply.code} {reply.text}", conversation.local_address
            )

    def heed_break(self, lane: Lane, conversation: Conversation) -> None:
        """Leave hosts alone that take too long over a group, or that do not answer at all.

        Who keeps silent without a single answer is left alone at once, who hangs up the second
        time.
        """
        host = conversation.endpoint.host
        if conversation.overran or (conversation.fell_silent and lane.barren):
            rule = "too-slow" if conversation.overran else "silent"
            failure = NotOpened(Reason.TIMEOUT, Evidence(mail_host=host, rule=rule))
            self._prober.mark_down(lane.hosts, failure)
            if lane.organisation.provider is None:
                # One silent conversation is no reason to leave a provider's other domains alone.
                self._prober.shun(conversation.endpoint.address, failure)
        elif lane.barren >= _MOST_BARREN:
            failure = NotOpened(Reason.CONNECTION_LOST, Evidence(mail_host=host, rule="hang-up"))
            self._prober.mark_down(lane.hosts, failure)

    def heed_lost_step(
        self, conversation: Conversation, group: Sequence[Batch], answers: Sequence[Answers]
    ) -> bool:
        """Tell whether a group's answers may stand beside the wrong recipients.

        Remembers how the host took a pipelined group.
        """
        lost = conversation.out_of_step or names_another(
            [batch.transaction for batch in group], answers
        )
        if conversation.pipelines and answers:
            host = conversation.endpoint.host
            lost = lost or lost_step(
                answers,
                hung_up=conversation.hung_up,
                silent=conversation.fell_silent,
                proven=bool(self._prober.pipelines(host)),
            )
            if lost or not conversation.broken:
                self._prober.note_pipelining(host, kept_step=not lost)
        return lost

    def note_lost_step(self, conversation: Conversation) -> None:
        """Remember that groups go wrong at a host whose muddle showed only at the end."""
        if conversation.pipelines:
            self._prober.note_pipelining(conversation.endpoint.host, kept_step=False)


def _names_a_list(words: str) -> bool:
    """Tell whether a reply speaks of a block list, at whatever stage it was given."""
    return judge(Stage.RCPT, parse_reply(words)).rule.name.endswith("/block-list")
