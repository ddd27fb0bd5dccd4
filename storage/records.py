"""The frozen records that the other packages see instead of database rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from convertkit import ApiVersion
from storage.plans import Plan
from storage.states import (
    AudienceKind,
    Cadence,
    CleanupState,
    ConnectionStatus,
    CreditKind,
    Deed,
    RunState,
    StopReason,
    UnsubscribeState,
)
from verification import Category


@dataclass(frozen=True, slots=True)
class Workspace:
    """One Slack team."""

    id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Connection:
    """One ConvertKit account, without its secret."""

    id: int
    workspace_id: str
    name: str
    account_name: str
    api_version: ApiVersion
    last_four: str
    status: ConnectionStatus
    connected_by: str


@dataclass(frozen=True, slots=True)
class Audience:
    """What to verify. `ids` and `names` are parallel, and empty for all Subscribers."""

    kind: AudienceKind
    ids: tuple[int, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """One verification of an Audience."""

    id: int
    workspace_id: str
    connection_id: int
    audience: Audience
    requested_by: str
    channel_id: str
    message_ts: str | None
    state: RunState
    created_at: datetime
    #: Subscribers on the list, each once; known from QUOTED on.
    subscribers: int = 0
    #: Subscribers whose verdict is taken over from an earlier Run, free of charge.
    reused: int = 0
    #: List entries dropped because their subscriber was on the list already.
    duplicates: int = 0
    #: Who pressed the last button on it (Start, Cancel, Stop, Resume, Drop).
    decided_by: str | None = None
    #: Who pressed Start.
    started_by: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    stop_reason: StopReason | None = None
    #: A sentence about a stop or a failure, for people.
    note: str | None = None
    schedule_id: int | None = None
    #: How often it was started or resumed; part of its workflow's id.
    attempt: int = 0
    #: Whether verdicts of earlier Runs are left aside.
    fresh: bool = False
    #: When the ledger moved last; in the future while it waits on purpose.
    active_at: datetime | None = None
    #: Whether it should be running, somebody was told that it is not, and it has not moved since.
    is_stuck: bool = False
    #: When its addresses and verdicts were deleted because of their age.
    purged_at: datetime | None = None

    @property
    def cost(self) -> int:
        """Give the credits that are held at Start: 1 for each subscriber that is checked."""
        return self.subscribers - self.reused


@dataclass(frozen=True, slots=True)
class RunReport:
    """All that a message about a Run shows."""

    run: Run
    connection: Connection
    #: Credits that the workspace can spend now (holds are taken off already).
    balance: int
    counts: Mapping[Category, int] = field(default_factory=lambda: MappingProxyType({}))
    #: Subscribers at an address such as info@, and at an address that looks mistyped.
    roles: int = 0
    typos: int = 0
    #: Unknowns whose mail servers were not asked, because the bot may not or cannot ask.
    not_asked: int = 0
    #: Unknowns whose mail servers refuse the bot itself.
    blocked: int = 0
    #: Unknowns without a verdict, because the Run was dropped before; a Cleanup leaves them alone.
    unreached: int = 0
    held: int = 0
    charged: int = 0
    released: int = 0
    #: Whether reading the list waits for another job of the same Connection.
    in_line: bool = False
    #: Unknowns (counted as such) that are looked at again, and when.
    waiting: int = 0
    retry_at: datetime | None = None
    #: Safe share of the Run before this one of the same Audience, 0..1; for the digest.
    previous_safe_share: float | None = None

    @property
    def verified(self) -> int:
        """Count the subscribers that have a verdict."""
        return sum(self.counts.values())

    @property
    def listable(self) -> Mapping[Category, int]:
        """Count those whom a Cleanup may list: the ones with a verdict of their own."""
        unknown = self.counts.get(Category.UNKNOWN, 0) - self.unreached
        return MappingProxyType({**self.counts, Category.UNKNOWN: unknown})


@dataclass(frozen=True, slots=True)
class Cleanup:
    """A Plan applied to a Run."""

    id: int
    workspace_id: str
    run_id: int
    plan: Plan
    requested_by: str
    channel_id: str
    message_ts: str | None
    state: CleanupState
    created_at: datetime
    expires_at: datetime
    #: Subscribers on the exact list; known from AWAITING_APPROVAL on.
    subscribers: int = 0
    #: SHA-256 of the exact list, hexadecimal.
    digest: str = ""
    decided_by: str | None = None
    decided_at: datetime | None = None
    stopped_by: str | None = None
    stop_reason: StopReason | None = None
    note: str | None = None
    #: When the last unsubscribe was requested; proofs are counted from here.
    requested_at: datetime | None = None
    finished_at: datetime | None = None
    attempt: int = 0
    #: Readings of the proof that are done.
    proofs: int = 0
    #: The last subscriber whom the reading under way has read; -1 where none is.
    read_up_to: int = -1
    #: Names the request that made it, so that the same request makes it once.
    request_key: str = ""
    #: When the ledger moved last; in the future while it waits on purpose.
    active_at: datetime | None = None
    #: Whether it should be running, somebody was told that it is not, and it has not moved since.
    is_stuck: bool = False
    #: When its list was deleted because of its age.
    purged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CleanupReport:
    """All that a message about a Cleanup shows."""

    cleanup: Cleanup
    run: Run
    connection: Connection
    #: The list by Category, and by what has become of each subscriber.
    by_category: Mapping[Category, int]
    by_state: Mapping[UnsubscribeState, int]
    #: When the ones that are not confirmed are read again; None when no reading is left.
    next_proof_at: datetime | None = None

    @property
    def handled(self) -> int:
        """Count the subscribers that were dealt with, confirmed or not."""
        return sum(self.by_state.values()) - self.by_state.get(UnsubscribeState.PENDING, 0)


@dataclass(frozen=True, slots=True)
class CreditEntry:
    """One line of the credit ledger; `credits` is positive, `kind` says which way."""

    kind: CreditKind
    credits: int
    run_id: int | None
    made_by: str | None
    note: str | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit; `by` is nobody where the bot itself decided."""

    id: int
    at: datetime
    by: str | None
    deed: Deed
    run_id: int | None
    cleanup_id: int | None
    details: Mapping[str, int | str]


@dataclass(frozen=True, slots=True)
class Schedule:
    """A recurring Run with a digest, in its own time zone."""

    id: int
    workspace_id: str
    connection_id: int
    audience: Audience
    cadence: Cadence
    #: 0 (Monday) to 6 for WEEKLY; 1 to 31 for MONTHLY.
    day: int
    hour: int
    minute: int
    #: An IANA name such as Europe/Paris.
    timezone: str
    channel_id: str
    created_by: str
    created_at: datetime
