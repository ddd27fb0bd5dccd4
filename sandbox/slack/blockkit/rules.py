"""Small rules that Block Kit's tables are written in: strings, numbers, arrays, shapes.

A rule looks at one value and writes what is wrong into a report, in Slack's words and with a
JSON pointer, e.g. `must be less than 76 characters [json-pointer:/blocks/0/text/text]`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Json = dict[str, Any]


class Report:
    """Collect problems below one place of the payload."""

    def __init__(self, pointer: str, problems: list[str] | None = None) -> None:
        self.pointer = pointer
        self.problems: list[str] = [] if problems is None else problems

    def at(self, name: str | int) -> "Report":
        """Return the report for a child of this place."""
        return Report(f"{self.pointer}/{name}", self.problems)

    def say(self, problem: str) -> None:
        """Write down what is wrong here."""
        self.problems.append(f"{problem} [json-pointer:{self.pointer}]")


Rule = Callable[[Any, Report], None]
Check = Callable[[Json, Report], None]


def string(longest: int | None = None, shortest: int = 1) -> Rule:
    """Return the rule for a string of so many characters."""

    def rule(value: Any, report: Report) -> None:
        if not isinstance(value, str):
            report.say("must be a string")
        elif len(value) < shortest:
            report.say(f"must be more than {shortest - 1} characters")
        elif longest is not None and len(value) > longest:
            report.say(f"must be less than {longest + 1} characters")

    return rule


def matching(pattern: Callable[[str], object], words: str) -> Rule:
    """Return the rule for a string that the pattern accepts."""

    def rule(value: Any, report: Report) -> None:
        if not isinstance(value, str) or not pattern(value):
            report.say(f"must be {words}")

    return rule


def boolean(value: Any, report: Report) -> None:
    """Accept true and false."""
    if not isinstance(value, bool):
        report.say("must be a boolean")


def integer(low: int | None = None, high: int | None = None) -> Rule:
    """Return the rule for a whole number within bounds."""

    def rule(value: Any, report: Report) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            report.say("must be an integer")
        elif low is not None and value < low:
            report.say(f"must be greater than or equal to {low}")
        elif high is not None and value > high:
            report.say(f"must be less than or equal to {high}")

    return rule


def number(above: float | None = None) -> Rule:
    """Return the rule for a number, greater than `above` if given."""

    def rule(value: Any, report: Report) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            report.say("must be a number")
        elif above is not None and value <= above:
            report.say(f"must be greater than {above}")

    return rule


def one_of(*allowed: str) -> Rule:
    """Return the rule for one of these words."""

    def rule(value: Any, report: Report) -> None:
        if value not in allowed:
            report.say(f"must be a valid enum value: {', '.join(allowed)}")

    return rule


def anything(value: Any, report: Report) -> None:
    """Accept any JSON object; what is inside is not the sandbox's business."""
    if not isinstance(value, dict):
        report.say("must provide an object")


def array(item: Rule, most: int | None = None, least: int = 1) -> Rule:
    """Return the rule for an array of so many items."""

    def rule(value: Any, report: Report) -> None:
        if not isinstance(value, list):
            report.say("must be an array")
            return
        if most is not None and len(value) > most:
            report.say(f"no more than {most} items allowed")
        if len(value) < least:
            report.say(f"no fewer than {least} items allowed")
        for position, child in enumerate(value):
            item(child, report.at(position))

    return rule


def shape(
    required: Mapping[str, Rule] | None = None,
    optional: Mapping[str, Rule] | None = None,
    *,
    checks: Iterable[Check] = (),
    is_typed: bool = True,
) -> Rule:
    """Return the rule for an object with exactly these fields (and `type`, if it is typed).

    The checks look at the whole object, and only when every field is well formed.
    """
    needed = dict(required or {})
    fields = needed | dict(optional or {})
    known = {*fields, "type"} if is_typed else set(fields)
    all_checks = tuple(checks)

    def rule(value: Any, report: Report) -> None:
        if not isinstance(value, dict):
            report.say("must provide an object")
            return
        before = len(report.problems)
        for name in needed:
            if name not in value:
                report.say(f"missing required field: {name}")
        for name, child in value.items():
            if name in fields:
                fields[name](child, report.at(name))
            elif name not in known:
                report.say(f"invalid additional property: {name}")
        if len(report.problems) == before:
            for check in all_checks:
                check(value, report)

    return rule


def by_type(table: Mapping[str, Rule]) -> Rule:
    """Return the rule that picks the rule for an object by its `type`."""

    def rule(value: Any, report: Report) -> None:
        if not isinstance(value, dict):
            report.say("must provide an object")
        elif "type" not in value:
            report.say("missing required field: type")
        elif not isinstance(value["type"], str) or value["type"] not in table:
            report.at("type").say(f"unsupported type: {value['type']}")
        else:
            table[value["type"]](value, report)

    return rule


def exactly_one(*names: str) -> Check:
    """Return the check that exactly one of these fields is given."""

    def check(value: Json, report: Report) -> None:
        given = [name for name in names if name in value]
        if len(given) != 1:
            words = " or ".join(f"`{name}`" for name in names)
            report.say(f"must define exactly one of {words}")

    return check


def at_least_one(*names: str) -> Check:
    """Return the check that one or more of these fields are given."""

    def check(value: Json, report: Report) -> None:
        if not any(name in value for name in names):
            words = " or ".join(f"`{name}`" for name in names)
            report.say(f"must define either {words}")

    return check


def ordered(low: str, high: str) -> Check:
    """Return the check that one number does not exceed another."""

    def check(value: Json, report: Report) -> None:
        if low in value and high in value and float(value[low]) > float(value[high]):
            report.at(low).say(f"must be less than or equal to {high}")

    return check


def unique(name: str, words: str) -> Check:
    """Return the check that a field differs between the items of an array: "tasks.task_id"."""
    array_name, _, field_name = name.partition(".")

    def check(value: Json, report: Report) -> None:
        seen: set[Any] = set()
        for position, item in enumerate(value[array_name]):
            key = item[field_name] if field_name else item
            if key in seen:
                report.at(array_name).at(position).say(f"{words} must be unique")
            seen.add(key)

    return check
