"""Verifies addresses: syntax, lists and DNS first, then the mail servers themselves."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, lru_cache, partial
from typing import Protocol

from verification.ahead import each
from verification.errors import ConfigurationError
from verification.identity import identity_problem
from verification.lists import Lists, Standing, bundled_lists, is_free_provider, is_role
from verification.memory import Memory
from verification.options import ProbeOptions
from verification.probing.organisation import Block
from verification.probing.prober import Prober
from verification.probing.questions import Question
from verification.probing.reading import Finding, wait_for
from verification.probing.round import Round
from verification.resolver import DnsResolver, Resolver
from verification.routes import DeadEnd, Route, find_route
from verification.syntax import Address, Malformed, parse_address
from verification.typos import KnownDomains, suggest_domain
from verification.verdicts import Evidence, Reason, Verdict

#: How long the way to a domain's mail hosts is kept, in seconds; DNS answers have their own TTL.
_ROUTE_LASTS = 60.0
_MOST_ROUTES = 20_000
#: Addresses that are read before they are wanted.
_MOST_AHEAD = 1_000
#: After so many addresses the loop gets a turn, so that reading a long list blocks nobody.
_BREATHER = 25


class Verifier(Protocol):
    """Anything that verifies addresses: the built-in engine, or a service."""

    def verify(self, addresses: Iterable[str]) -> AsyncIterator[Verdict]:
        """Yield exactly one verdict for each distinct string, in any order, when it is reached."""
        ...


class Engine:
    """The built-in verifier; one engine serves any number of verifications at a time."""

    def __init__(
        self,
        *,
        options: ProbeOptions,
        resolver: Resolver,
        lists: Lists,
        now: Callable[[], datetime],
        clock: Callable[[], float],
    ) -> None:
        """Put the parts together; ``now`` gives UTC times, ``clock`` monotonic seconds."""
        self._options = options
        self._resolver = resolver
        self._standing = lru_cache(_MOST_ROUTES)(lists.standing)
        self._now = now
        self._clock = clock
        self._problem = identity_problem(options)
        self._released = asyncio.Event()
        self._released.set()
        self._prober = Prober(options=options, resolver=resolver, clock=clock)
        self._routes: Memory[str, Route | DeadEnd] = Memory(_MOST_ROUTES)
        self._suggest = lru_cache(_MOST_ROUTES)(partial(suggest_domain, known=KnownDomains()))

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Give the mail organisations that refuse to talk to us at the moment."""
        return self._prober.blocks()

    @property
    def not_probing(self) -> str | None:
        """Say in a sentence why mail servers are not asked, or None when they are."""
        return self._problem

    def suspend(self, problem: str | None) -> None:
        """Ask no mail server while there is a problem, such as a closed port; None ends it."""
        self._problem = identity_problem(self._options) or problem

    def hold(self) -> None:
        """Let verifications wait for ``release``: whether mail servers can be asked is unclear."""
        self._released.clear()

    def release(self) -> None:
        """Let verifications begin, and those that wait."""
        self._released.set()

    async def verify(self, addresses: Iterable[str]) -> AsyncIterator[Verdict]:
        """Yield exactly one verdict for each distinct string, in any order, when it is reached.

        Never raises because of an address, a reply or a DNS answer. What is no collection, such as
        a generator, is read in a thread, so that conversations go on while it waits.
        """
        await self._released.wait()
        verification = _Verification(self, self._options.window)
        work = asyncio.create_task(verification.run(addresses))
        try:
            while (verdict := await verification.reached.get()) is not None:
                verification.window.release()
                yield verdict
            await work
        finally:
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work

    def judge_by_name(self, text: str) -> Verdict | Question:
        """Give a verdict where syntax and lists suffice, else the question that remains."""
        address = parse_address(text)
        if isinstance(address, Malformed):
            return self._verdict(text, None, Reason.BAD_SYNTAX, Evidence(rule=address.problem))
        if address.is_literal:
            return self._verdict(text, address, Reason.NOT_PROBED, Evidence(rule="address-literal"))
        if self._standing(address.domain) is Standing.DISPOSABLE:
            return self._verdict(
                text, address, Reason.DISPOSABLE, Evidence(rule="disposable-domain")
            )
        return Question(text, address)

    async def route(self, domain: str) -> Route | DeadEnd:
        """Find the mail hosts of a domain, from memory if it was asked about just now."""
        route = self.remembered_route(domain)
        if route is None:
            route = await find_route(
                domain,
                resolver=self._resolver,
                allow_private_networks=self._options.allow_private_networks,
            )
            self._routes.keep(domain, route, self._clock() + _ROUTE_LASTS)
        return route

    def remembered_route(self, domain: str) -> Route | DeadEnd | None:
        """Recall the mail hosts of a domain that was asked about just now."""
        return self._routes.recall(domain, self._clock())

    def judge_by_route(self, question: Question, route: Route | DeadEnd) -> Verdict | None:
        """Give a verdict where DNS and the operator's wishes suffice, or None."""
        reason_and_rule = self._reason_by_route(question.address.domain, route)
        if reason_and_rule is None:
            return None
        reason, rule = reason_and_rule
        host = route.hosts[0] if isinstance(route, Route) else None
        return self._verdict(
            question.text, question.address, reason, Evidence(mail_host=host, rule=rule)
        )

    def _reason_by_route(self, domain: str, route: Route | DeadEnd) -> tuple[Reason, str] | None:
        if isinstance(route, DeadEnd):
            return route.reason, route.rule
        standing = self._standing(domain)
        if standing is not Standing.RELAY and all(
            self._standing(host) is Standing.DISPOSABLE for host in route.hosts
        ):
            return Reason.DISPOSABLE_MAIL_SERVER, "disposable-mail-server"
        if standing is Standing.WEAKLY_DISPOSABLE:
            return Reason.WEAK_DISPOSABLE, "weak-list"
        if self._problem is not None:
            return Reason.NOT_PROBED, f"not-probed: {self._problem}"
        return None

    def judge_by_finding(self, finding: Finding) -> Verdict:
        """Turn what a mail server said into a verdict."""
        question = finding.question
        return self._verdict(question.text, question.address, finding.reason, finding.evidence)

    def begin_round(self, tasks: asyncio.TaskGroup, settle: Callable[[Finding], None]) -> Round:
        """Begin to ask mail servers on behalf of one verification."""
        return Round(self._prober, tasks, settle)

    def _verdict(
        self, text: str, address: Address | None, reason: Reason, evidence: Evidence
    ) -> Verdict:
        meant = None if address is None else self._suggest(address.domain)
        return Verdict(
            address=text,
            reason=reason,
            evidence=evidence,
            role=address is not None and is_role(address.local_part),
            free_provider=address is not None and is_free_provider(address.domain),
            suggestion=f"{address.local_part}@{meant}" if address and meant else None,
            decided_at=self._now(),
            retry_after=wait_for(reason),
        )


class _Verification:
    """One call of ``verify``: reads the addresses and collects their verdicts."""

    def __init__(self, engine: Engine, window: int) -> None:
        self.reached: asyncio.Queue[Verdict | None] = asyncio.Queue()
        self.window = asyncio.Semaphore(window)
        self._ahead = min(_MOST_AHEAD, max(1, window // 2))
        self._engine = engine
        self._waiting: dict[str, list[Question]] = {}

    async def run(self, addresses: Iterable[str]) -> None:
        """Reach a verdict for each distinct address, then say that there are no more."""
        try:
            async with (
                asyncio.TaskGroup() as tasks,
                contextlib.aclosing(each(addresses, most=self._ahead)) as texts,
            ):
                asking = self._engine.begin_round(tasks, self._settle)
                seen: set[str] = set()
                async for text in texts:
                    if text in seen:
                        continue
                    seen.add(text)
                    if len(seen) % _BREATHER == 0:
                        await asyncio.sleep(0)
                    await self.window.acquire()
                    self._begin(text, tasks, asking)
                asking.more_to_come = False
        finally:
            self.reached.put_nowait(None)

    def _settle(self, finding: Finding) -> None:
        self.reached.put_nowait(self._engine.judge_by_finding(finding))

    def _begin(self, text: str, tasks: asyncio.TaskGroup, asking: Round) -> None:
        """Settle one address by its name, or find the way to its mail server."""
        judged = self._engine.judge_by_name(text)
        if isinstance(judged, Verdict):
            self.reached.put_nowait(judged)
            return
        domain = judged.address.domain
        route = self._engine.remembered_route(domain)
        if route is not None:
            self._go_on(judged, route, asking)
        elif domain in self._waiting:
            self._waiting[domain].append(judged)
        else:
            self._waiting[domain] = [judged]
            tasks.create_task(self._look_up(domain, asking))

    async def _look_up(self, domain: str, asking: Round) -> None:
        """Ask DNS once for all addresses of a domain that wait."""
        route = await self._engine.route(domain)
        for question in self._waiting.pop(domain):
            self._go_on(question, route, asking)

    def _go_on(self, question: Question, route: Route | DeadEnd, asking: Round) -> None:
        verdict = self._engine.judge_by_route(question, route)
        if verdict is not None:
            self.reached.put_nowait(verdict)
        elif isinstance(route, Route):
            asking.ask(question, route.hosts)


def build_engine(options: ProbeOptions, *, lists: Lists | None = None) -> Engine:
    """Build the engine that asks the real DNS and real mail servers.

    Raises:
        ConfigurationError: An option cannot be used.
    """
    if options.window < 1 or options.conversations < 1:
        raise ConfigurationError("The window and the number of conversations must be at least one.")
    if options.rate is not None and not options.rate > 0:  # NaN is not more than zero either
        raise ConfigurationError("The rate must be more than zero.")
    if not 0 < options.smtp_port < 65_536:
        raise ConfigurationError("The SMTP port must be between 1 and 65535.")
    resolver = DnsResolver(
        server=options.resolver, lifetime=options.deadlines.dns, clock=time.monotonic
    )
    return Engine(
        options=_with_key(options),
        resolver=resolver,
        lists=lists or bundled_lists(),
        now=lambda: datetime.now(UTC),
        clock=time.monotonic,
    )


def _with_key(options: ProbeOptions) -> ProbeOptions:
    """Give the key of this process where none is given."""
    if options.made_up_key:
        return options
    return replace(options, made_up_key=_key_of_this_process())


@cache
def _key_of_this_process() -> bytes:
    """Make a key that is kept nowhere: from what servers are told nobody can derive it.

    All engines of a process share it, so that a greylisting server sees the same address again.
    """
    return secrets.token_bytes(32)
