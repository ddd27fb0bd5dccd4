"""The Schedule dialog: a recurring Run with a digest, and the ones there are."""

from collections.abc import Iterable
from dataclasses import dataclass

from commands.views import blocks
from commands.views.audience_inputs import (
    Choice,
    audience_inputs,
    channel_input,
    connection_inputs,
)
from commands.views.blocks import Block, View
from commands.views.ids import Button, Dialog, Field
from commands.views.inputs import MOST_OPTIONS, field_input, modal, option, radio, select
from commands.views.metadata import Metadata
from commands.views.text import channel, counted, escape
from commands.views.wording import WEEKDAYS, audience_name, connection_name, rhythm
from storage.records import Connection, Schedule
from storage.states import AudienceKind, Cadence

#: Schedules that the dialog lists; it has room for 100 blocks.
_SCHEDULES_SHOWN = 40
_DEFAULT_TIME = "09:00"


@dataclass(frozen=True, slots=True)
class ScheduleDialog:
    """What the Schedule dialog is drawn from."""

    connections: tuple[Connection, ...]
    chosen: Connection
    kind: AudienceKind
    #: The tags or forms of that kind; None while they are being read.
    choices: tuple[Choice, ...] | None
    channel_id: str | None
    timezone: str | None
    existing: tuple[Schedule, ...]
    cadence: Cadence = Cadence.MONTHLY


def schedule_dialog(dialog: ScheduleDialog) -> View:
    """Build the dialog; after a change of connection, audience or rhythm it is built again."""
    return modal(
        Dialog.SCHEDULE,
        "Schedule",
        [
            blocks.section(
                "Verify an audience every week or month and post a digest of the result. Each run "
                "starts by itself and costs 1 credit for each subscriber."
            ),
            *(connection_inputs(dialog.connections, dialog.chosen) or _only(dialog.chosen)),
            *audience_inputs(dialog.chosen, dialog.kind, dialog.choices),
            *_rhythm_inputs(dialog),
            channel_input(dialog.channel_id, "Post the digest to"),
            *_existing(dialog.existing),
        ],
        submit="Save schedule",
        close="Close",
        metadata=Metadata(
            connection_id=dialog.chosen.id, channel_id=dialog.channel_id, kind=dialog.kind
        ),
    )


def scheduled_dialog(schedule: Schedule) -> View:
    """Build the dialog that shows what was saved."""
    return modal(
        Dialog.NOTICE,
        "Schedule saved",
        [
            blocks.section(f"*Saved:* {schedule_line(schedule)}."),
            blocks.section("Use `/verify schedule` to see it or to remove it."),
        ],
    )


def timezone_options(names: Iterable[str], typed: str) -> list[Block]:
    """Answer the search for a time zone: at most 100 IANA names that contain what was typed."""
    sought = "_".join(typed.casefold().split())
    found = sorted(name for name in names if sought in name.casefold())
    return [option(name, name) for name in found[:MOST_OPTIONS]]


def schedule_line(schedule: Schedule) -> str:
    """Say what a schedule does, escaped."""
    audience = escape(audience_name(schedule.audience), 160)
    return f"*{audience}* {rhythm(schedule)}, digest in {channel(schedule.channel_id)}"


def remove_button(schedule_id: int) -> Block:
    """Build the button that removes a schedule, with its question."""
    ask = blocks.confirm(
        "Remove this schedule?",
        "It will not run again. A run that is going on now is not stopped.",
        "Remove",
        style="danger",
    )
    return blocks.button("Remove", Button.SCHEDULE_REMOVE, schedule_id, ask=ask)


def _only(connection: Connection) -> list[Block]:
    return [blocks.section(f"ConvertKit account: *{escape(connection_name(connection))}*")]


def _rhythm_inputs(dialog: ScheduleDialog) -> list[Block]:
    rhythms = {
        Cadence.WEEKLY: option("Every week", Cadence.WEEKLY.value),
        Cadence.MONTHLY: option("Every month", Cadence.MONTHLY.value),
    }
    cadence = radio(Field.CADENCE, list(rhythms.values()), rhythms[dialog.cadence])
    time: Block = {
        "type": "timepicker",
        "action_id": Field.TIME.value,
        "initial_time": _DEFAULT_TIME,
    }
    return [
        field_input("How often", cadence, dispatch=True),
        _day_input(dialog.cadence),
        field_input("Local time", time),
        _timezone_input(dialog.timezone),
    ]


def _day_input(cadence: Cadence) -> Block:
    if cadence is Cadence.WEEKLY:
        days = [option(name, day) for day, name in enumerate(WEEKDAYS)]
        hint = None
    else:
        days = [option(str(day), day) for day in range(1, 32)]
        hint = "In a shorter month it runs on the last day."
    label = "Weekday" if cadence is Cadence.WEEKLY else "Day of the month"
    element = select(Field.DAY, days, days[0])
    return field_input(label, element, suffix=cadence.value, hint=hint)


def _timezone_input(timezone: str | None) -> Block:
    element: Block = {
        "type": "external_select",
        "action_id": Field.TIMEZONE.value,
        "placeholder": blocks.plain("Type a city, such as Paris"),
        "min_query_length": 2,
    }
    if timezone is not None:
        element["initial_option"] = option(timezone, timezone)
    return field_input("Time zone", element)


def _existing(schedules: tuple[Schedule, ...]) -> list[Block]:
    if not schedules:
        return []
    shown = [_schedule(schedule) for schedule in schedules[:_SCHEDULES_SHOWN]]
    hidden = len(schedules) - len(shown)
    more = [blocks.context(f"And {counted(hidden, 'more schedule')}.")] if hidden else []
    return [blocks.divider(), blocks.section("*Schedules there are*"), *shown, *more]


def _schedule(schedule: Schedule) -> Block:
    return blocks.section(schedule_line(schedule), remove_button(schedule.id))
