"""What a person filled in: the values of a dialog (view.state.values), read into frozen records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

from commands.views.audience_inputs import Choice
from commands.views.ids import Field
from storage.plans import PLAN_CATEGORIES, Plan, PlanRow
from storage.states import Action, AudienceKind, Cadence
from verification import Category

#: view["state"]["values"]: block_id to action_id to the input's state.
Values: TypeAlias = Mapping[str, Mapping[str, Mapping[str, Any]]]

_NOT_PLANNED = PlanRow(enabled=False, action=Action.KEEP)


@dataclass(frozen=True, slots=True)
class ConnectForm:
    """The Connect dialog, filled in."""

    #: Without the spaces around it.
    secret: str = field(repr=False)
    #: Empty when none was given.
    name: str


@dataclass(frozen=True, slots=True)
class AudienceForm:
    """The part that the Verify and Schedule dialogs share, filled in or half filled in."""

    #: None when there was only one connection; the dialog's metadata names it.
    connection_id: int | None
    kind: AudienceKind
    #: The chosen tags or forms with their names as shown (75 characters at most).
    choices: tuple[Choice, ...]
    channel_id: str | None
    #: Whether verdicts of earlier Runs are to be left aside.
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class ScheduleForm:
    """The Schedule dialog, filled in or half filled in."""

    audience: AudienceForm
    cadence: Cadence
    #: 0 (Monday) to 6 for weekly, 1 to 31 for monthly; None while not chosen.
    day: int | None
    hour: int | None
    minute: int | None
    timezone: str | None


def read_connect(values: Values) -> ConnectForm:
    """Read the Connect dialog."""
    secret = _state(values, Field.SECRET).get("value") or ""
    name = _state(values, Field.CONNECTION_NAME).get("value") or ""
    return ConnectForm(secret=secret.strip(), name=name.strip())


def read_audience(values: Values) -> AudienceForm:
    """Read the connection, audience and channel of a Verify or Schedule dialog."""
    connection = _chosen(values, Field.CONNECTION)
    kind = _chosen(values, Field.AUDIENCE)
    return AudienceForm(
        connection_id=int(connection) if connection else None,
        kind=AudienceKind(kind) if kind else AudienceKind.SUBSCRIBERS,
        choices=_choices(values),
        channel_id=_state(values, Field.CHANNEL).get("selected_conversation"),
        fresh=bool(_state(values, Field.FRESH).get("selected_options")),
    )


def read_schedule(values: Values) -> ScheduleForm:
    """Read the Schedule dialog."""
    cadence, day = _chosen(values, Field.CADENCE), _chosen(values, Field.DAY)
    time = _state(values, Field.TIME).get("selected_time")
    hour, minute = map(int, time.split(":")) if time else (None, None)
    return ScheduleForm(
        audience=read_audience(values),
        cadence=Cadence(cadence) if cadence else Cadence.MONTHLY,
        day=int(day) if day else None,
        hour=hour,
        minute=minute,
        timezone=_chosen(values, Field.TIMEZONE),
    )


def read_plan(values: Values) -> Plan:
    """Read the plan of the Cleanup dialog; a Category without a row is kept.

    Raises: ValueError for an action that does not exist, such as a delete.
    """
    rows = dict.fromkeys(PLAN_CATEGORIES, _NOT_PLANNED)
    for block_id, inputs in values.items():
        start, _, rest = block_id.partition(":")
        if start == "plan":
            rows[Category(rest.partition(":")[0])] = _plan_row(inputs)
    return Plan(MappingProxyType(rows))


def block_id_of(values: Values, name: Field) -> str:
    """Find the block to hang an error of `name` on (response_action "errors")."""
    found = (block_id for block_id, inputs in values.items() if name.value in inputs)
    return next(found, name.value)


def _state(values: Values, name: Field) -> Mapping[str, Any]:
    return values.get(block_id_of(values, name), {}).get(name.value, {})


def _chosen(values: Values, name: Field) -> str | None:
    option = _state(values, name).get("selected_option")
    return option["value"] if option else None


def _choices(values: Values) -> tuple[Choice, ...]:
    options = (
        _state(values, Field.CHOICES).get("selected_options")
        or _state(values, Field.CHOICES_SEARCH).get("selected_options")
        or []
    )
    return tuple(Choice(int(o["value"]), o["text"]["text"]) for o in options)


def _plan_row(inputs: Mapping[str, Mapping[str, Any]]) -> PlanRow:
    enabled = inputs.get(Field.PLAN_ENABLED.value, {}).get("selected_options")
    action = inputs.get(Field.PLAN_ACTION.value, {}).get("selected_option")
    return PlanRow(enabled=bool(enabled), action=Action(action["value"]) if action else Action.KEEP)
