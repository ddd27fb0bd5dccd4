"""A mail organisation as it is asked: its connections and its pace; and what a block is."""

import asyncio
from dataclasses import dataclass

from verification.probing.pace import Pace
from verification.providers import Manners
from verification.verdicts import Evidence, Reason


@dataclass(frozen=True, slots=True)
class Block:
    """An organisation's refusal to talk to us."""

    organisation: str
    reason: Reason
    evidence: Evidence
    #: Until when it is left alone, in seconds of a monotonic clock.
    until: float
    #: Whether the refusal says that a block list names our address.
    by_block_list: bool


class Organisation:
    """All mail hosts that share one budget: a provider, or one set of mail exchangers."""

    def __init__(self, name: str, provider: str | None, manners: Manners) -> None:
        """Begin with the manners' start rate."""
        self.name = name
        self.provider = provider
        self.manners = manners
        self.slots = asyncio.Semaphore(manners.connections)
        self.pace = Pace(manners.start_rate, manners.top_rate)
