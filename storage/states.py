"""The states and kinds that records can have, each with what it means."""

from enum import StrEnum


class ConnectionStatus(StrEnum):
    """Whether a Connection can be used."""

    #: ConvertKit accepted the secret when it was saved, and no job was refused with it since.
    ACTIVE = "active"
    #: ConvertKit refused the secret; it stays so until somebody saves one that works.
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
    #: Nobody pressed anything for as long as addresses are kept: it was ended for good.
    FORGOTTEN = "forgotten"


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
    #: Not cancelled at the last reading, or without an answer in it.
    STILL_ACTIVE = "still_active"
    #: ConvertKit refused the call for this subscriber, or never answered about them.
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


class Deed(StrEnum):
    """One kind of line in the audit."""

    #: A Run was asked for, or was due by its Schedule.
    RUN_ASKED = "run_asked"
    #: Its message could not be posted, so it was forgotten before anybody saw it.
    RUN_DISCARDED = "run_discarded"
    #: Credits are held from here on, and addresses are checked.
    RUN_STARTED = "run_started"
    #: It was ended at its quote or before.
    RUN_CANCELLED = "run_cancelled"
    #: It was halted with its verdicts kept; the details say why.
    RUN_STOPPED = "run_stopped"
    #: It went on after a stop or a standstill.
    RUN_RESUMED = "run_resumed"
    #: It was ended with the rest as Unknown.
    RUN_DROPPED = "run_dropped"
    #: Every subscriber has a verdict.
    RUN_FINISHED = "run_finished"
    #: Its list could not be read.
    RUN_FAILED = "run_failed"
    #: A Cleanup of a Run was asked for.
    CLEANUP_ASKED = "cleanup_asked"
    #: Its message could not be posted, so it was forgotten before anybody saw it.
    CLEANUP_DISCARDED = "cleanup_discarded"
    #: The plan chose nobody, or the list could not be written down.
    CLEANUP_EMPTY = "cleanup_empty"
    #: The exact list with this digest may be unsubscribed.
    CLEANUP_APPROVED = "cleanup_approved"
    #: The list was turned down; nobody was touched.
    CLEANUP_REJECTED = "cleanup_rejected"
    #: Nobody decided in time; nobody was touched.
    CLEANUP_EXPIRED = "cleanup_expired"
    #: It was halted before the next subscriber; the details say why.
    CLEANUP_STOPPED = "cleanup_stopped"
    #: It went on after a stop or a standstill.
    CLEANUP_RESUMED = "cleanup_resumed"
    #: Whoever was not touched yet is left alone for good.
    CLEANUP_DROPPED = "cleanup_dropped"
    #: Everybody on the list has a final state.
    CLEANUP_FINISHED = "cleanup_finished"
    #: A ConvertKit account was connected.
    CONNECTION_SAVED = "connection_saved"
    #: The secret of a connected account was replaced.
    SECRET_REPLACED = "secret_replaced"
    #: A Schedule was made.
    SCHEDULE_SAVED = "schedule_saved"
    #: A Schedule was ended.
    SCHEDULE_REMOVED = "schedule_removed"
    #: The workspace was given credits.
    CREDITS_GRANTED = "credits_granted"
    #: One person was removed everywhere; the details count what went.
    PERSON_FORGOTTEN = "person_forgotten"


class Cadence(StrEnum):
    """How often a Schedule runs."""

    #: Once a week, on a weekday.
    WEEKLY = "weekly"
    #: Once a month, on a day of the month (the last day where the month is shorter).
    MONTHLY = "monthly"


#: States of a Run in which a background job has work to do.
ACTIVE_RUNS = (RunState.FETCHING, RunState.VERIFYING)
#: States of a Run that are not an end.
OPEN_RUNS = (*ACTIVE_RUNS, RunState.QUOTED, RunState.STOPPED)
#: States of a Cleanup in which a background job has work to do.
ACTIVE_CLEANUPS = (CleanupState.PREPARING, CleanupState.UNSUBSCRIBING, CleanupState.PROVING)
#: States of a Cleanup that are not an end.
OPEN_CLEANUPS = (*ACTIVE_CLEANUPS, CleanupState.AWAITING_APPROVAL, CleanupState.STOPPED)
