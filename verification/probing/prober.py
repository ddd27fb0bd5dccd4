"""Keeps what outlives one verification: organisations, their blocks, and what domains showed."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import replace

from verification.memory import Memory
from verification.networks import IpAddress, unmapped
from verification.options import ProbeOptions
from verification.probing.address_cap import AddressCap
from verification.probing.conversation import Endpoint
from verification.probing.named_addresses import addresses_in
from verification.probing.opening import NotOpened
from verification.probing.organisation import Block, Organisation
from verification.probing.questions import Knowledge
from verification.providers import Manners, provider_of, with_own_figures
from verification.resolver import Resolver
from verification.syntax import Malformed, parse_address
from verification.verdicts import Evidence, Reason

#: How long a domain's answer to its made-up address holds, in seconds.
_KNOWLEDGE_LASTS = 24 * 3600.0
#: How long unreachable hosts are left alone, in seconds.
_DOWN_LASTS = 600.0
#: How long an organisation's pace is remembered after its last question, in seconds.
_ORGANISATION_LASTS = 24 * 3600.0
#: How many domains, and organisations, are remembered at a time.
_MOST_REMEMBERED = 20_000
#: So many organisations that block us stop all questions.
STOPPING_BLOCKS = 3


class Prober:
    """The shared state of all conversations, with the decisions that need it."""

    def __init__(
        self, *, options: ProbeOptions, resolver: Resolver, clock: Callable[[], float]
    ) -> None:
        """Start without any knowledge; ``clock`` gives monotonic seconds."""
        self.options = options
        sender = parse_address(options.mail_from)
        #: The sender as it goes into MAIL FROM, its domain in A-labels (RFC 5890).
        self.mail_from = options.mail_from if isinstance(sender, Malformed) else sender.wire
        self.resolver = resolver
        self.clock = clock
        self.conversations = asyncio.Semaphore(options.conversations)
        self.addresses = AddressCap()
        self._organisations: Memory[str, Organisation] = Memory(_MOST_REMEMBERED)
        self._blocks: dict[str, Block] = {}
        self._knowledge: Memory[str, Knowledge] = Memory(_MOST_REMEMBERED)
        self._down: Memory[tuple[str, ...], NotOpened] = Memory(_MOST_REMEMBERED)
        self._pipelining: Memory[str, bool] = Memory(_MOST_REMEMBERED)
        self._shunned: Memory[IpAddress, NotOpened] = Memory(_MOST_REMEMBERED)

    def organisation(self, hosts: tuple[str, ...]) -> Organisation:
        """Find the one who runs all these hosts; domains that share them share one budget."""
        provider = provider_of(hosts[0])
        name = " ".join(sorted(hosts)) if provider is None else provider.name
        organisation = self._organisations.recall(name, self.clock())
        if organisation is None:
            manners = with_own_figures(
                Manners() if provider is None else provider.manners,
                connections=self.options.connections_per_host,
                rate=self.options.rate,
            )
            known_as = None if provider is None else provider.name
            organisation = Organisation(name, known_as, manners)
        self._organisations.keep(name, organisation, self.clock() + _ORGANISATION_LASTS)
        return organisation

    def knowledge(self, domain: str) -> Knowledge:
        """Recall what a domain's mail server has shown, if anything."""
        return self._knowledge.recall(domain, self.clock()) or Knowledge()

    def learn(self, domain: str, knowledge: Knowledge) -> None:
        """Remember what a domain's mail server has shown."""
        self._knowledge.keep(domain, knowledge, self.clock() + _KNOWLEDGE_LASTS)

    def forget(self, domain: str) -> None:
        """Forget what a domain has shown, because it may have been something else."""
        self.learn(domain, Knowledge())

    def pipelines(self, host: str) -> bool | None:
        """Recall whether a host has kept step in pipelined groups; None before the first one."""
        return self._pipelining.recall(host, self.clock())

    def note_pipelining(self, host: str, *, kept_step: bool) -> None:
        """Remember, as long as the process lives, how a host took a pipelined group."""
        if self.pipelines(host) is not False:
            self._pipelining.keep(host, kept_step, math.inf)

    def down(self, hosts: tuple[str, ...]) -> NotOpened | None:
        """Recall that these hosts could not be reached a short while ago."""
        return self._down.recall(hosts, self.clock())

    def mark_down(self, hosts: tuple[str, ...], failure: NotOpened) -> None:
        """Remember that these hosts could not be reached."""
        self._down.keep(hosts, failure, self.clock() + _DOWN_LASTS)

    def shunned(self, endpoint: Endpoint) -> NotOpened | None:
        """Recall that nobody answered at an address, or that it blocked us, under any name."""
        failure = self._shunned.recall(endpoint.address, self.clock())
        if failure is None:
            return None
        # The reply was another name's: it is evidence, and not a second block.
        evidence = replace(failure.evidence, mail_host=endpoint.host)
        return NotOpened(failure.reason, evidence)

    def shun(self, address: IpAddress, failure: NotOpened) -> None:
        """Leave an address alone where a failure will be the same for every other name."""
        if failure.is_block:
            rest = self.options.block_rest.total_seconds()
        elif failure.reason in (Reason.NO_CONNECTION, Reason.TIMEOUT):
            rest = _DOWN_LASTS
        else:
            return
        self._shunned.keep(address, failure, self.clock() + rest)

    async def is_named(self, words: str, local: IpAddress | None) -> bool:
        """Tell whether a reply names us: our end of its connection, or where our name leads."""
        named = addresses_in(words)
        if not named or (local is not None and unmapped(local) in named):
            return bool(named)
        ours = await self.resolver.addresses(self.options.helo_name)
        return any(unmapped(address) in named for address in ours.records)

    def trip(
        self, organisation: Organisation, reason: Reason, evidence: Evidence, *, by_list: bool
    ) -> None:
        """Leave an organisation alone that does not want to be asked."""
        until = self.clock() + self.options.block_rest.total_seconds()
        self._blocks[organisation.name] = Block(organisation.name, reason, evidence, until, by_list)

    def block(self, organisation: Organisation) -> Block | None:
        """Give the block of one organisation that is in force, or None."""
        block = self._blocks.get(organisation.name)
        return block if block is not None and block.until > self.clock() else None

    def blocks(self) -> tuple[Block, ...]:
        """Give the blocks in force, over all organisations."""
        now = self.clock()
        return tuple(block for block in self._blocks.values() if block.until > now)

    def stopped(self) -> Block | None:
        """Give the block that ended all questions: the third one, or one by a block list."""
        blocks = self.blocks()
        for block in blocks:
            if block.by_block_list:
                return block
        return blocks[-1] if len(blocks) >= STOPPING_BLOCKS else None
