"""The ids that views and listeners share: what a click, a field or a dialog is called.

They are written into messages that stay in Slack for years, so a value is never renamed.
"""

from enum import StrEnum


class Button(StrEnum):
    """The action_id of a button; its value is one id, as text."""

    #: Run id: hold the credits and begin verifying.
    RUN_START = "run_start"
    #: Run id: drop the quote.
    RUN_CANCEL = "run_cancel"
    #: Run id: draw the quote again with the balance of now.
    RUN_REQUOTE = "run_requote"
    #: Run id: halt the run and keep its verdicts.
    RUN_STOP = "run_stop"
    #: Run id: go on with a stopped run.
    RUN_RESUME = "run_resume"
    #: Run id: end a stopped run; what is left is counted as Unknown.
    RUN_DROP = "run_drop"
    #: Run id: open the Cleanup dialog.
    RUN_CLEAN_UP = "run_clean_up"
    #: Run id: send the unmasked CSV of the run to whoever pressed.
    RUN_CSV = "run_csv"
    #: Cleanup id: unsubscribe exactly the list that was shown.
    CLEANUP_APPROVE = "cleanup_approve"
    #: Cleanup id: touch nobody.
    CLEANUP_REJECT = "cleanup_reject"
    #: Cleanup id: halt before the next subscriber.
    CLEANUP_STOP = "cleanup_stop"
    #: Cleanup id: go on with a stopped cleanup.
    CLEANUP_RESUME = "cleanup_resume"
    #: Cleanup id: end a stopped cleanup and leave the rest subscribed.
    CLEANUP_DROP = "cleanup_drop"
    #: Cleanup id: send the unmasked CSV of the cleanup to whoever pressed.
    CLEANUP_CSV = "cleanup_csv"
    #: Connection id: open the Connect dialog to save a new secret for it.
    CONNECTION_REPLACE = "connection_replace"
    #: No meaning in its value: open the Connect dialog for one more account.
    CONNECTION_ADD = "connection_add"
    #: Connection id, or "new" where none is known: open the Verify dialog.
    VERIFY_OPEN = "verify_open"
    #: Run id, in the Cleanup dialog: draw the recommended plan again.
    PLAN_RECOMMENDED = "plan_recommended"
    #: Schedule id: remove the schedule.
    SCHEDULE_REMOVE = "schedule_remove"


class Field(StrEnum):
    """The action_id of an input. Its block_id is the same text, or begins with it and a colon."""

    #: The API Secret or V4 key, as typed.
    SECRET = "secret"
    #: The optional name of a connection.
    CONNECTION_NAME = "connection_name"
    #: Which connection; dispatches.
    CONNECTION = "connection"
    #: Which kind of audience; dispatches.
    AUDIENCE = "audience"
    #: Which tags or forms, from a list of at most 100.
    CHOICES = "choices"
    #: Which tags or forms, searched by typing; asks for options.
    CHOICES_SEARCH = "choices_search"
    #: Whether verdicts of earlier runs are left aside.
    FRESH = "fresh"
    #: The channel to post to.
    CHANNEL = "channel"
    #: Whether a Category's row of the plan is enabled; dispatches.
    PLAN_ENABLED = "plan_enabled"
    #: What the plan does with a Category; dispatches.
    PLAN_ACTION = "plan_action"
    #: Weekly or monthly; dispatches.
    CADENCE = "cadence"
    #: The weekday (0 is Monday) or the day of the month.
    DAY = "day"
    #: The local time, as HH:MM.
    TIME = "time"
    #: The IANA time zone, searched by typing; asks for options.
    TIMEZONE = "timezone"


class Dialog(StrEnum):
    """The callback_id of a modal."""

    #: Save a secret.
    CONNECT = "connect"
    #: The secret was saved; nothing to submit.
    CONNECTED = "connected"
    #: Choose what to verify.
    VERIFY = "verify"
    #: Choose the plan of a Cleanup.
    CLEANUP = "cleanup"
    #: Set a recurring Run.
    SCHEDULE = "schedule"
    #: Something to read; nothing to submit.
    NOTICE = "notice"
