"""Invented records, one for each state, that the tests of the views draw."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from convertkit import ApiVersion
from storage.plans import RECOMMENDED_PLAN
from storage.records import (
    Audience,
    Cleanup,
    CleanupReport,
    Connection,
    CreditEntry,
    Run,
    RunReport,
    Schedule,
)
from storage.states import (
    AudienceKind,
    Cadence,
    CleanupState,
    ConnectionStatus,
    CreditKind,
    RunState,
    StopReason,
    UnsubscribeState,
)
from verification import Category

NOW = datetime(2026, 3, 4, 9, 30, tzinfo=UTC)

CONNECTION = Connection(
    id=7,
    workspace_id="T0TEAM",
    name="Main list",
    account_name="Harbour Letters",
    api_version=ApiVersion.V4,
    last_four="9f2c",
    status=ConnectionStatus.ACTIVE,
    connected_by="U0ANNA",
)
SECOND_CONNECTION = replace(CONNECTION, id=8, name="", account_name="Shop news", last_four="41aa")

TAGS = Audience(kind=AudienceKind.TAGS, ids=(11, 12), names=("VIP readers", "Spring 2026"))
EVERYBODY = Audience(kind=AudienceKind.SUBSCRIBERS)

COUNTS = {
    Category.SAFE: 1000,
    Category.INVALID: 120,
    Category.DISPOSABLE: 40,
    Category.CATCH_ALL: 20,
    Category.UNKNOWN: 19,
    Category.RISKY: 1,
}
ALL_SAFE = {Category.SAFE: 1200}

RUN = Run(
    id=31,
    workspace_id="T0TEAM",
    connection_id=7,
    audience=TAGS,
    requested_by="U0ANNA",
    channel_id="C0LIST",
    message_ts="1772616600.000100",
    state=RunState.QUOTED,
    created_at=NOW - timedelta(minutes=20),
    subscribers=1200,
    duplicates=35,
)

CLEANUP = Cleanup(
    id=52,
    workspace_id="T0TEAM",
    run_id=31,
    plan=RECOMMENDED_PLAN,
    requested_by="U0ANNA",
    channel_id="C0LIST",
    message_ts="1772616700.000100",
    state=CleanupState.AWAITING_APPROVAL,
    created_at=NOW - timedelta(minutes=10),
    expires_at=NOW + timedelta(days=2),
    subscribers=160,
    digest="d" * 64,
)

SCHEDULE = Schedule(
    id=3,
    workspace_id="T0TEAM",
    connection_id=7,
    audience=TAGS,
    cadence=Cadence.WEEKLY,
    day=0,
    hour=9,
    minute=5,
    timezone="Europe/Paris",
    channel_id="C0LIST",
    created_by="U0ANNA",
    created_at=NOW,
)

ENTRIES = (
    CreditEntry(CreditKind.RELEASE, 19, 31, None, None, NOW),
    CreditEntry(CreditKind.CHARGE, 1181, 31, None, None, NOW),
    CreditEntry(CreditKind.HOLD, 1200, 31, "U0ANNA", None, NOW - timedelta(minutes=8)),
    CreditEntry(CreditKind.GRANT, 2000, None, "command line", "spring campaign", NOW),
)


def _report(report: RunReport, state: RunState, changes: dict[str, Any]) -> RunReport:
    changed = {"state": state, **_only(report.run, changes)}
    rest = {key: value for key, value in changes.items() if key not in changed}
    return replace(report, run=replace(report.run, **changed), **rest)


def _only(record: Run | Cleanup, changes: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in changes.items() if key in type(record).__slots__}


def run_report(state: RunState = RunState.QUOTED, **changes: Any) -> RunReport:
    """Make the report of a Run; `changes` go to the run, or to the report where it has them."""
    return _report(RunReport(RUN, CONNECTION, balance=2000), state, changes)


def verifying(
    done: dict[Category, int] | None = None,
    *,
    state: RunState = RunState.VERIFYING,
    **changes: Any,
) -> RunReport:
    """Make the report of a Run that has been verifying for four minutes."""
    facts: dict[str, Any] = {
        "counts": {Category.SAFE: 400, Category.INVALID: 80} if done is None else done,
        "held": 1200,
        "balance": 800,
        "started_at": NOW - timedelta(minutes=4),
    }
    return run_report(state, **{**facts, **changes})


def stopped_run(reason: StopReason, **changes: Any) -> RunReport:
    """Make the report of a Run that halted with 480 of 1,200 verdicts."""
    return verifying(
        state=RunState.STOPPED, stop_reason=reason, decided_by="U0BEN", attempt=1, **changes
    )


def finished_run(counts: dict[Category, int] | None = None, **changes: Any) -> RunReport:
    """Make the report of a Run that took eight minutes."""
    facts: dict[str, Any] = {
        "counts": COUNTS if counts is None else counts,
        "roles": 12,
        "typos": 3,
        "held": 1200,
        "charged": 1181,
        "released": 19,
        "balance": 819,
        "started_at": NOW - timedelta(minutes=8),
        "finished_at": NOW,
    }
    return run_report(RunState.FINISHED, **{**facts, **changes})


def cleanup_report(
    state: CleanupState = CleanupState.AWAITING_APPROVAL, **changes: Any
) -> CleanupReport:
    """Make the report of a Cleanup; `changes` go where they belong."""
    run = replace(RUN, state=RunState.FINISHED, finished_at=NOW - timedelta(minutes=15))
    by_category = {Category.INVALID: 120, Category.DISPOSABLE: 40}
    report = CleanupReport(replace(CLEANUP, state=state), run, CONNECTION, by_category, by_state={})
    changed = _only(report.cleanup, changes)
    rest = {key: value for key, value in changes.items() if key not in changed}
    return replace(report, cleanup=replace(report.cleanup, **changed), **rest)


def approved(state: CleanupState, **changes: Any) -> CleanupReport:
    """Make the report of a Cleanup that somebody approved."""
    facts: dict[str, Any] = {
        "decided_by": "U0BEN",
        "decided_at": NOW - timedelta(minutes=6),
        "by_state": {UnsubscribeState.REQUESTED: 58, UnsubscribeState.PENDING: 102},
    }
    return cleanup_report(state, **{**facts, **changes})


FINISHED = approved(
    CleanupState.FINISHED,
    finished_at=NOW,
    by_state={
        UnsubscribeState.CONFIRMED: 140,
        UnsubscribeState.ALREADY_CANCELLED: 6,
        UnsubscribeState.GONE: 5,
        UnsubscribeState.PROTECTED: 4,
        UnsubscribeState.STILL_ACTIVE: 3,
        UnsubscribeState.FAILED: 2,
    },
)
ALL_CONFIRMED = approved(
    CleanupState.FINISHED, finished_at=NOW, by_state={UnsubscribeState.CONFIRMED: 160}
)
DROPPED = approved(
    CleanupState.FINISHED,
    finished_at=NOW,
    by_state={UnsubscribeState.CONFIRMED: 60, UnsubscribeState.DROPPED: 100},
)
