"""Describes what can go wrong with ConvertKit, on demand: for some calls, or for some time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.kit.call import LISTS, Call, Route


class Fault(StrEnum):
    """One way in which a call goes wrong."""

    #: 429 with zero bytes.
    TOO_MANY = "too_many"
    #: 5xx with a page of HTML.
    SERVER_ERROR = "server_error"
    #: No answer at all.
    TIME_OUT = "time_out"
    #: The connection is reset.
    RESET = "reset"
    #: A page of HTML with status 200.
    HTML = "html"
    #: A list page whose end_cursor (V3: page number) is the one that was asked for.
    REPEATED_CURSOR = "repeated_cursor"
    #: 401, in the words for a key that is not valid.
    KEY_REVOKED = "key_revoked"


@dataclass(slots=True)
class Trouble:
    """Hold one fault: how often, until when, and for which calls.

    `times` None means until `until` (seconds of the fake's clock), or until removed.
    `acts` means that the call does its work and only the answer goes wrong.
    `skip` lets so many matching calls pass first.
    """

    fault: Fault
    times: int | None = 1
    until: float | None = None
    route: Route | None = None
    version: str | None = None
    account: int | None = None
    #: The id in the call's path, such as of one subscriber.
    target: int | None = None
    status: int = 502
    retry_after: str | None = None
    acts: bool = False
    skip: int = 0

    def meets(self, call: Call, account: int | None, now: float) -> bool:
        """Return whether this call goes wrong, and count it."""
        if not self._concerns(call, account) or self.over(now):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def over(self, now: float) -> bool:
        """Return whether this trouble is past."""
        return self.times == 0 or (self.until is not None and now >= self.until)

    def _concerns(self, call: Call, account: int | None) -> bool:
        if self.fault is Fault.REPEATED_CURSOR and call.route not in LISTS:
            return False
        return (
            self.route in {None, call.route}
            and self.version in {None, call.version}
            and self.account in {None, account}
            and self.target in {None, call.target}
        )


@dataclass(slots=True)
class Moment:
    """Hold something to do just before a call is served, after `skip` others of its kind."""

    route: Route
    event: Callable[[], None]
    skip: int = 0


@dataclass(slots=True)
class Troubles:
    """Hold the troubles that are on and the moments that are waited for."""

    troubles: list[Trouble] = field(default_factory=list)
    moments: list[Moment] = field(default_factory=list)

    def arrive(self, call: Call) -> None:
        """Do what was to be done before this call."""
        for moment in [moment for moment in self.moments if moment.route is call.route]:
            moment.skip -= 1
            if moment.skip < 0:
                self.moments.remove(moment)
                moment.event()

    def take(self, call: Call, account: int | None, now: float) -> Trouble | None:
        """Return the trouble that this call meets, if any."""
        self.troubles = [trouble for trouble in self.troubles if not trouble.over(now)]
        met = (trouble for trouble in self.troubles if trouble.meets(call, account, now))
        return next(met, None)
