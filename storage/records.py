"""The frozen records and states that the other packages see instead of database rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from convertkit import ApiVersion
from verification import Category


class ConnectionStatus(StrEnum):
    """Whether a Connection can be used."""

    #: ConvertKit accepted the secret the last time it was used.
    ACTIVE = "active"
    #: ConvertKit refused the secret; someone has to save a new one.
    REFUSED = "refused"


class AudienceKind(StrEnum):
    """What a Run verifies."""

    #: Every active subscriber of the account.
    SUBSCRIBERS = "subscribers"
    #: The active subscribers that hold one or more tags.
    TAGS = "tags"
    #: The active subscribers that came through one or more forms.
    FORMS = "forms"


class RunState(StrEnum):
    """Where one verification of an Audience stands."""

    #: The list is being read from ConvertKit.
    FETCHING = "fetching"
    #: The price is known; somebody has to press Start.
    QUOTED = "quoted"
    #: Credits are held and addresses are being checked.
    VERIFYING = "verifying"
    #: Halted with its verdicts kept; Resume or Drop decides.
    STOPPED = "stopped"
    #: Every subscriber has a verdict and the credits are settled.
    FINISHED = "finished"
    #: Somebody pressed Cancel on the quote; nothing was charged.
    CANCELLED = "cancelled"
    #: The list could not be read; nothing was charged.
    FAILED = "failed"


class CleanupState(StrEnum):
    """Where one Cleanup stands."""

    #: The exact list is being written down.
    PREPARING = "preparing"
    #: The list is fixed; somebody has to approve or reject it.
    AWAITING_APPROVAL = "awaiting_approval"
    #: Approved; subscribers are being unsubscribed one by one.
    UNSUBSCRIBING = "unsubscribing"
    #: Every call is made; unsubscribes are being read back.
    PROVING = "proving"
    #: Halted before the next subscriber; Resume or Drop decides.
    STOPPED = "stopped"
    #: Every subscriber of the list has a final state.
    FINISHED = "finished"
    #: Somebody pressed Reject; nobody was touched.
    REJECTED = "rejected"
    #: Nobody decided in time; nobody was touched.
    EXPIRED = "expired"
    #: The plan chose nobody, or the list could not be prepared; nobody was touched.
    EMPTY = "empty"


class StopReason(StrEnum):
    """Why a Run or a Cleanup halted."""

    #: Somebody pressed Stop.
    BY_PERSON = "by_person"
    #: ConvertKit refused the secret.
    CREDENTIAL = "credential"
    #: ConvertKit did not answer for hours.
    UNAVAILABLE = "unavailable"
    #: ConvertKit refused what was asked, for a reason of its own.
    REFUSED = "refused"
    #: The stored list is no longer the list that was approved.
    LIST_CHANGED = "list_changed"
    #: Several mail organisations block the bot's questions.
    BLOCKED = "blocked"
    #: A fault of the bot's own; the note has a reference to its log.
    UNEXPECTED = "unexpected"


class Action(StrEnum):
    """What a Plan does with a Category. ConvertKit's API cannot delete, so neither can we."""

    #: Leave the subscriber as it is.
    KEEP = "keep"
    #: Move the subscriber to Cancelled; tags and history stay.
    UNSUBSCRIBE = "unsubscribe"


class UnsubscribeState(StrEnum):
    """One subscriber's part of a Cleanup."""

    #: Not tried yet.
    PENDING = "pending"
    #: Left alone: the address changed or ConvertKit stopped mailing it since the verdict.
    PROTECTED = "protected"
    #: ConvertKit accepted the unsubscribe; not read back as cancelled yet.
    REQUESTED = "requested"
    #: Read back as cancelled after our call.
    CONFIRMED = "confirmed"
    #: Was cancelled before our call; nothing was sent.
    ALREADY_CANCELLED = "already_cancelled"
    #: No longer in the account.
    GONE = "gone"
    #: Still subscribed at the last reading.
    STILL_ACTIVE = "still_active"
    #: ConvertKit refused the call for this subscriber.
    FAILED = "failed"
    #: Not tried, because the Cleanup was dropped.
    DROPPED = "dropped"


class CreditKind(StrEnum):
    """One kind of line in the append-only credit ledger."""

    #: Credits given to the workspace: adds to the balance.
    GRANT = "grant"
    #: Credits set aside when a Run starts: takes from the balance.
    HOLD = "hold"
    #: Held credits spent on verdicts: the balance does not change again.
    CHARGE = "charge"
    #: Held credits given back, such as for Unknown: adds to the balance.
    RELEASE = "release"


class Cadence(StrEnum):
    """How often a Schedule runs."""

    #: Once a week, on a weekday.
    WEEKLY = "weekly"
    #: Once a month, on a day of the month (the last day where the month is shorter).
    MONTHLY = "monthly"


#: Categories that have a row in the Cleanup dialog, in its order. Safe is always kept.
PLAN_CATEGORIES = (
    Category.INVALID,
    Category.DISPOSABLE,
    Category.CATCH_ALL,
    Category.UNKNOWN,
    Category.RISKY,
)


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
class PlanRow:
    """What a Plan does with one Category: nothing unless it is enabled."""

    enabled: bool
    action: Action

    @property
    def unsubscribes(self) -> bool:
        """Tell whether this row unsubscribes its Category."""
        return self.enabled and self.action is Action.UNSUBSCRIBE


@dataclass(frozen=True, slots=True)
class Plan:
    """One row for each of PLAN_CATEGORIES."""

    rows: Mapping[Category, PlanRow]

    @property
    def unsubscribed(self) -> tuple[Category, ...]:
        """Name the Categories that this Plan unsubscribes, in dialog order."""
        return tuple(c for c in PLAN_CATEGORIES if self.rows[c].unsubscribes)


#: The defaults that the Cleanup dialog opens with.
RECOMMENDED_PLAN = Plan(
    MappingProxyType(
        {
            Category.INVALID: PlanRow(enabled=True, action=Action.UNSUBSCRIBE),
            Category.DISPOSABLE: PlanRow(enabled=True, action=Action.UNSUBSCRIBE),
            Category.CATCH_ALL: PlanRow(enabled=False, action=Action.KEEP),
            Category.UNKNOWN: PlanRow(enabled=False, action=Action.KEEP),
            Category.RISKY: PlanRow(enabled=False, action=Action.KEEP),
        }
    )
)


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
    held: int = 0
    charged: int = 0
    released: int = 0
    #: Unknowns (counted as such) that are looked at again, and when.
    waiting: int = 0
    retry_at: datetime | None = None
    #: Safe share of the Run before this one of the same Audience, 0..1; for the digest.
    previous_safe_share: float | None = None

    @property
    def verified(self) -> int:
        """Count the subscribers that have a verdict."""
        return sum(self.counts.values())


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
    #: Names the request that made it, so that the same request makes it once.
    request_key: str = ""


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
