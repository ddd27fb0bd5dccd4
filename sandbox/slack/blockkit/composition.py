"""Block Kit's composition objects: text, option, option group, confirmation, filter.

https://docs.slack.dev/reference/block-kit/composition-objects
"""

from typing import Any

from sandbox.slack.blockkit import limits
from sandbox.slack.blockkit.rules import (
    Check,
    Json,
    Report,
    Rule,
    array,
    boolean,
    by_type,
    exactly_one,
    one_of,
    shape,
    string,
)


def plain_text(longest: int = limits.TEXT_MAX_LENGTH) -> Rule:
    """Return the rule for a plain_text object."""
    text = string(longest, limits.TEXT_MIN_LENGTH)
    return by_type({"plain_text": shape({"text": text}, {"emoji": boolean})})


def any_text(longest: int = limits.TEXT_MAX_LENGTH) -> Rule:
    """Return the rule for a plain_text or mrkdwn object."""
    text = string(longest, limits.TEXT_MIN_LENGTH)
    return by_type(
        {
            "plain_text": shape({"text": text}, {"emoji": boolean}),
            "mrkdwn": shape({"text": text}, {"verbatim": boolean}),
        }
    )


CONFIRM = shape(
    {
        "title": plain_text(limits.CONFIRMATION_TITLE_MAX_LENGTH),
        "text": any_text(limits.CONFIRMATION_TEXT_MAX_LENGTH),
        "confirm": plain_text(limits.CONFIRMATION_CONFIRM_MAX_LENGTH),
        "deny": plain_text(limits.CONFIRMATION_DENY_MAX_LENGTH),
    },
    {"style": one_of("primary", "danger")},
    is_typed=False,
)
_VALUE = string(limits.OPTION_VALUE_MAX_LENGTH)
#: An option of a menu: plain text only.
MENU_OPTION = shape(
    {"text": plain_text(limits.OPTION_TEXT_MAX_LENGTH), "value": _VALUE},
    {"description": plain_text(limits.OPTION_DESCRIPTION_MAX_LENGTH)},
    is_typed=False,
)
#: An option of an overflow menu may open an address.
OVERFLOW_OPTION = shape(
    {"text": plain_text(limits.OPTION_TEXT_MAX_LENGTH), "value": _VALUE},
    {
        "description": plain_text(limits.OPTION_DESCRIPTION_MAX_LENGTH),
        "url": string(limits.OPTION_URL_MAX_LENGTH),
    },
    is_typed=False,
)
#: An option of checkboxes and radio buttons may be formatted.
BOX_OPTION = shape(
    {"text": any_text(limits.OPTION_TEXT_MAX_LENGTH), "value": _VALUE},
    {"description": any_text(limits.OPTION_DESCRIPTION_MAX_LENGTH)},
    is_typed=False,
)
OPTIONS = array(MENU_OPTION, limits.SELECT_OPTIONS_MAX_ITEMS, limits.SELECT_OPTIONS_MIN_ITEMS)
OPTION_GROUP = shape(
    {
        "label": plain_text(limits.OPTION_GROUP_LABEL_MAX_LENGTH),
        "options": array(
            MENU_OPTION,
            limits.OPTION_GROUP_OPTIONS_MAX_ITEMS,
            limits.OPTION_GROUP_OPTIONS_MIN_ITEMS,
        ),
    },
    is_typed=False,
)
OPTION_GROUPS = array(
    OPTION_GROUP, limits.SELECT_OPTION_GROUPS_MAX_ITEMS, limits.SELECT_OPTION_GROUPS_MIN_ITEMS
)
#: What an app answers to block_suggestion; an empty list shows "no results".
SUGGESTIONS = shape(
    {},
    {
        "options": array(MENU_OPTION, limits.SELECT_OPTIONS_MAX_ITEMS, 0),
        "option_groups": array(OPTION_GROUP, limits.SELECT_OPTION_GROUPS_MAX_ITEMS, 0),
    },
    checks=(exactly_one("options", "option_groups"),),
    is_typed=False,
)
CONVERSATION_FILTER = shape(
    {},
    {
        "include": array(
            one_of("im", "mpim", "private", "public"),
            least=limits.CONVERSATION_FILTER_INCLUDE_MIN_ITEMS,
        ),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    is_typed=False,
)
DISPATCH_CONFIG = shape(
    {},
    {
        "trigger_actions_on": array(
            one_of("on_enter_pressed", "on_character_entered"),
            limits.DISPATCH_ACTION_CONFIGURATION_TRIGGER_ACTIONS_ON_MAX_ITEMS,
            limits.DISPATCH_ACTION_CONFIGURATION_TRIGGER_ACTIONS_ON_MIN_ITEMS,
        )
    },
    is_typed=False,
)
SLACK_FILE = shape(
    {},
    {"id": string(), "url": string()},
    checks=(exactly_one("id", "url"),),
    is_typed=False,
)


def initial_among_options(name: str) -> Check:
    """Return the check that what is chosen at first is exactly one of the options."""

    def check(element: Json, report: Report) -> None:
        if name not in element:
            return
        offered = [_canonical(option) for option in _offered(element)]
        many = name == "initial_options"
        chosen = element[name] if many else [element[name]]
        for position, option in enumerate(chosen):
            if _canonical(option) not in offered:
                place = report.at(name).at(position) if many else report.at(name)
                place.say(f"{name} must exactly match one of the provided options")

    return check


def _offered(element: Json) -> list[Json]:
    grouped = [o for group in element.get("option_groups", ()) for o in group["options"]]
    return [*element.get("options", ()), *grouped]


def _canonical(option: Json) -> Any:
    """Return an option with the defaults filled in that Slack fills in before it compares."""
    return {name: _with_defaults(value) for name, value in option.items()}


def _with_defaults(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    default = {"emoji": True} if value.get("type") == "plain_text" else {"verbatim": False}
    return default | value
