"""The make-believe ConvertKit that tests, the story and the demo hold in their hands."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random
from types import TracebackType
from typing import Any, Self

from sandbox.kit import gate, v3, v4
from sandbox.kit.call import Answer, Call, Route
from sandbox.kit.journal import Request, max_calls_in_window
from sandbox.kit.limit import Limiter, RateLimit
from sandbox.kit.server import Server
from sandbox.kit.store import Account, Delays, Facts, Keys, Subscriber, Unsubscribed, cancelled
from sandbox.kit.trouble import Fault, Moment, Trouble, Troubles
from sandbox.people import People


@dataclass(frozen=True, slots=True)
class KitSettings:
    """Set how the make-believe ConvertKit behaves; the defaults are the real one's."""

    limit: RateLimit = field(default_factory=RateLimit)
    delays: Delays = field(default_factory=Delays)
    #: Seconds before each answer.
    latency: float = 0.0


class FakeKit:
    """Be ConvertKit, V3 and V4, at one address on loopback.

    Use it as an async context manager. Accounts, troubles and events can be added at any time.
    """

    def __init__(
        self,
        settings: KitSettings | None = None,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.settings = settings or KitSettings()
        self.accounts: list[Account] = []
        #: Every request, in the order in which they came.
        self.requests: list[Request] = []
        #: The process whose call is served now, for what happens just before it is.
        self.served = ""
        self._now = now
        self._by_key: dict[str, Account] = {}
        self._limiter = Limiter(self.settings.limit)
        self._troubles = Troubles()
        self._server = Server(self._answer)

    async def __aenter__(self) -> Self:
        await self._server.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._server.stop()

    @property
    def v3_url(self) -> str:
        """Return the base of V3 calls, without a slash at the end."""
        return self.url("v3")

    @property
    def v4_url(self) -> str:
        """Return the base of V4 calls, without a slash at the end."""
        return self.url("v4")

    def url(self, version: str, *, by: str = "") -> str:
        """Return the base of calls; those of a process that is given its own carry its name."""
        return f"{self._server.url}/by/{by}/{version}" if by else f"{self._server.url}/{version}"

    @property
    def unsubscribes(self) -> list[Unsubscribed]:
        """Return every unsubscribe call that was taken, by time."""
        calls = (call for account in self.accounts for call in account.unsubscribes)
        return sorted(calls, key=lambda call: call.at)

    def add_account(
        self, name: str, people: People, *, email: str = "owner@example.com"
    ) -> Account:
        """Open an account and make its keys: a V3 pair and one V4 key."""
        number = 410_000 + len(self.accounts)
        random = Random(number)
        keys = Keys(_token(random, 22), _token(random, 43), (_v4_key(random),))
        account = Account(number, name, email, people, keys, self.settings.delays)
        self.accounts.append(account)
        for key in (keys.v3_key, keys.v3_secret, *keys.v4):
            self._by_key[key] = account
        return account

    def add_v4_key(self, account: Account) -> str:
        """Make one more V4 key for an account; it has a rate limit of its own."""
        key = _v4_key(Random(f"{account.id} {len(account.keys.v4)}"))
        account.keys = replace(account.keys, v4=(*account.keys.v4, key))
        self._by_key[key] = account
        return key

    def revoke(self, account: Account, *keys: str) -> None:
        """Revoke these keys of an account, or all of them, for good."""
        for key in keys or (account.keys.v3_key, account.keys.v3_secret, *account.keys.v4):
            self._by_key.pop(key, None)

    def trouble(self, fault: Fault, *, seconds: float | None = None, **details: Any) -> Trouble:
        """Make calls go wrong: the next one, the next `times`, or all for some `seconds`.

        `details` are the fields of `Trouble`. Returns it, so that `cure` can take it back.
        """
        if seconds is not None:
            details.setdefault("times", None)
            details["until"] = self._now().timestamp() + seconds
        trouble = Trouble(fault, **details)
        self._troubles.troubles.append(trouble)
        return trouble

    def cure(self, trouble: Trouble) -> None:
        """End a trouble before its time."""
        trouble.times = 0

    def before(self, route: Route, event: Callable[[], None], *, skip: int = 0) -> None:
        """Let something happen just before a call is served, once, after `skip` of its kind."""
        self._troubles.moments.append(Moment(route, event, skip))

    def vanish(self, subscriber: int, account: Account | None = None) -> None:
        """Let somebody delete a subscriber in the dashboard."""
        self._happen(subscriber, account, lambda facts: replace(facts, exists=False))

    def change_address(self, subscriber: int, address: str, account: Account | None = None) -> None:
        """Let a subscriber change the address."""
        now = self._now()
        self._happen(
            subscriber, account, lambda facts: replace(facts, address=address, updated_at=now)
        )

    def unsubscribe_by_hand(self, subscriber: int, account: Account | None = None) -> None:
        """Let a subscriber click "unsubscribe" in a mail."""
        self._happen(subscriber, account, cancelled(self._now()))

    def ignore_unsubscribes(self, *subscribers: int, account: Account | None = None) -> None:
        """Answer the unsubscribes of these as usual, and never carry them out."""
        (account or self.accounts[0]).stubborn.update(subscribers)

    def find(self, subscriber: int, account: Account | None = None) -> Subscriber | None:
        """Return a subscriber as of now, or None when gone."""
        account = account or self.accounts[0]
        account.settle(self._now())
        return account.find(subscriber)

    def max_calls_in_window(self, seconds: float, account: Account | None = None) -> int:
        """Return the most requests, refused ones included, in any rolling `seconds`."""
        chosen = [r for r in self.requests if account is None or r.account == account.name]
        return max_calls_in_window(chosen, seconds)

    def _happen(
        self, subscriber: int, account: Account | None, change: Callable[[Facts], Facts]
    ) -> None:
        account = account or self.accounts[0]
        found = account.find(subscriber)
        if found is None:
            raise LookupError(f"There is no subscriber {subscriber} in {account.name}.")
        account.change(found, change, self._now())

    async def _answer(self, call: Call) -> Answer | Trouble:
        """Answer a call, or return the trouble that leaves it without an answer."""
        self.served = call.by
        self._troubles.arrive(call)
        now = self._now()
        caller = gate.identify(call, self._by_key)
        outcome = self._outcome(call, caller, now)
        unanswered = isinstance(outcome, Trouble)
        self.requests.append(
            Request(
                at=now,
                version=call.version,
                method=call.method,
                path=call.path,
                route=call.route,
                account=caller.account.name if caller.account else None,
                status=None if isinstance(outcome, Trouble) else outcome.status,
                parameters=tuple(sorted({*call.query, *call.body})),
                by=call.by,
            )
        )
        if self.settings.latency and not unanswered:
            await asyncio.sleep(self.settings.latency)
        return outcome

    def _outcome(self, call: Call, caller: gate.Caller, now: datetime) -> Answer | Trouble:
        number = caller.account.id if caller.account else None
        trouble = self._troubles.take(call, number, now.timestamp())
        if trouble is None:
            return self._serve(call, caller, now)
        if trouble.acts:
            self._serve(call, caller, now)
        if trouble.fault is Fault.REPEATED_CURSOR:
            return _repeat_cursor(self._serve(call, caller, now), call)
        return _wrong(trouble, call) or trouble

    def _serve(self, call: Call, caller: gate.Caller, now: datetime) -> Answer:
        if caller.account is None:
            return caller.refusal or v4.NOT_AUTHENTICATED
        refusal = gate.throttle(caller, self._limiter, now.timestamp()) or caller.refusal
        if refusal is not None:
            return refusal
        caller.account.settle(now)
        answer = v4.answer if call.version == "v4" else v3.answer
        return answer(call, caller.account, now)


_MAINTENANCE = "<!DOCTYPE html><html><body><h1>We'll be right back</h1></body></html>"


def _wrong(trouble: Trouble, call: Call) -> Answer | None:
    """Return the answer of a fault, or None for those that leave a call unanswered."""
    if trouble.fault is Fault.TOO_MANY:
        retry_after = trouble.retry_after
        return Answer(429, None, {} if retry_after is None else {"Retry-After": retry_after})
    if trouble.fault is Fault.SERVER_ERROR:
        return Answer(trouble.status, _MAINTENANCE)
    if trouble.fault is Fault.HTML:
        return Answer(200, _MAINTENANCE)
    if trouble.fault is Fault.KEY_REVOKED:
        return v4.KEY_INVALID if call.version == "v4" else v3.KEY_INVALID
    return None


def _repeat_cursor(answer: Answer, call: Call) -> Answer:
    """Make a page point at itself: V4 repeats the cursor asked for, V3 the page before."""
    if not isinstance(answer.body, dict) or answer.status != 200:
        return answer
    body = dict(answer.body)
    if "pagination" in body:
        asked = call.query.get("after", body["pagination"]["start_cursor"])
        body["pagination"] = {
            **body["pagination"],
            "has_next_page": True,
            "end_cursor": asked,
        }
    else:
        body["page"] = max(int(body["page"]) - 1, 1)
        body["total_pages"] = int(body["total_pages"]) + 1
    return replace(answer, body=body)


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def _token(random: Random, length: int) -> str:
    return "".join(random.choices(_LETTERS, k=length))


def _v4_key(random: Random) -> str:
    return "kit_" + "".join(random.choices("0123456789abcdef", k=32))
