"""The services: what the listeners call, handed to each of them at registration."""

from dataclasses import dataclass
from datetime import timedelta

from commands.lists import Lists
from jobs.accounts import Accounts
from jobs.calendar import Calendar
from jobs.ports import Clock, Notifier
from jobs.workflows import Workflows
from storage.cleanups import Cleanups
from storage.connections import Connections
from storage.credits import Credits
from storage.decisions import Decisions
from storage.evidence import EvidenceBook
from storage.reports import Reports
from storage.runs import Runs
from storage.schedules import Schedules
from storage.workspaces import Workspaces


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a listener may use; made once, by the composition root."""

    workspaces: Workspaces
    connections: Connections
    runs: Runs
    cleanups: Cleanups
    decisions: Decisions
    schedules: Schedules
    credits: Credits
    reports: Reports
    evidence: EvidenceBook
    accounts: Accounts
    workflows: Workflows
    calendar: Calendar
    lists: Lists
    notifier: Notifier
    clock: Clock
    #: How long an approval may be given.
    approval_expires: timedelta
    #: How many days addresses are kept.
    retention_days: int
