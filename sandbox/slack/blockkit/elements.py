"""Block Kit's elements: buttons, menus, pickers and fields, and where each may stand.

https://docs.slack.dev/reference/block-kit/block-elements
"""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.slack.blockkit import limits
from sandbox.slack.blockkit.composition import (
    BOX_OPTION,
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH_CONFIG,
    MENU_OPTION,
    OPTION_GROUPS,
    OPTIONS,
    OVERFLOW_OPTION,
    SLACK_FILE,
    initial_among_options,
    plain_text,
)
from sandbox.slack.blockkit.rich_text import RICH_TEXT
from sandbox.slack.blockkit.rules import (
    Check,
    Json,
    Report,
    Rule,
    anything,
    array,
    boolean,
    exactly_one,
    integer,
    matching,
    one_of,
    ordered,
    shape,
    string,
)

ACTION_ID = string(limits.ACTION_ID_MAX_LENGTH)
STYLE = one_of("primary", "danger")
_ID = string()
_DATE = matching(re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])").fullmatch, "YYYY-MM-DD")
_TIME = matching(re.compile(r"([01]\d|2[0-3]):[0-5]\d").fullmatch, "HH:mm")
_NUMBER = matching(re.compile(r"-?\d+(\.\d+)?").fullmatch, "a number inside a string")
_MANY = integer(limits.MULTI_SELECT_MAX_SELECTED_ITEMS_MIN)
_QUERY = integer(limits.SELECT_MIN_QUERY_LENGTH_MIN)
# Ten digits: seconds since 1970, between 2001 and 2286.
_UNIX = integer(1_000_000_000, 9_999_999_999)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


_ZONE = matching(_is_zone, "an IANA time zone")


def _placeholder(longest: int = limits.SELECT_PLACEHOLDER_MAX_LENGTH) -> dict[str, Rule]:
    return {"placeholder": plain_text(longest)}


_BASE: dict[str, Rule] = {"action_id": ACTION_ID}
_FOCUS: dict[str, Rule] = _BASE | {"focus_on_load": boolean}
_MENU: dict[str, Rule] = _FOCUS | _placeholder() | {"confirm": CONFIRM}
_OPTIONS: dict[str, Rule] = {"options": OPTIONS, "option_groups": OPTION_GROUPS}
_ONE_LIST = exactly_one("options", "option_groups")
_FIELD: dict[str, Rule] = _FOCUS | {"dispatch_action_config": DISPATCH_CONFIG}
_CONVERSATIONS: dict[str, Rule] = {
    "default_to_current_conversation": boolean,
    "filter": CONVERSATION_FILTER,
}


def _no_decimals(element: Json, report: Report) -> None:
    names = ("initial_value", "min_value", "max_value")
    for name in () if element["is_decimal_allowed"] else names:
        if "." in element.get(name, ""):
            report.at(name).say("must be a whole number")


def _within(element: Json, report: Report) -> None:
    """Check that what stands in a text field at first fits its own bounds."""
    if "initial_value" in element:
        shortest = element.get("min_length", 0)
        longest = element.get("max_length", limits.PLAIN_TEXT_INPUT_MAX_LENGTH_MAX)
        string(longest, shortest)(element["initial_value"], report.at("initial_value"))


def _at_most_selected(name: str) -> Check:
    def check(element: Json, report: Report) -> None:
        most = element.get("max_selected_items")
        if most is not None and len(element.get(name, ())) > most:
            report.at(name).say(f"no more than {most} items allowed")

    return check


def _multi(name: str, item: Rule, more: dict[str, Rule], *checks: Check) -> Rule:
    fields = _MENU | {name: array(item), "max_selected_items": _MANY} | more
    return shape({}, fields, checks=(*checks, _at_most_selected(name)))


def _text_field(longest_placeholder: int) -> Rule:
    return shape({}, _FIELD | _placeholder(longest_placeholder) | {"initial_value": string()})


IMAGE = shape(
    {"alt_text": string(limits.IMAGE_ELEMENT_ALT_TEXT_MAX_LENGTH)},
    {"image_url": string(limits.IMAGE_ELEMENT_IMAGE_URL_MAX_LENGTH), "slack_file": SLACK_FILE},
    checks=(exactly_one("image_url", "slack_file"),),
)
BUTTON = shape(
    {"text": plain_text(limits.BUTTON_TEXT_MAX_LENGTH)},
    _BASE
    | {
        "url": string(limits.BUTTON_URL_MAX_LENGTH),
        "value": string(limits.BUTTON_VALUE_MAX_LENGTH),
        "style": STYLE,
        "confirm": CONFIRM,
        "accessibility_label": string(limits.BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH),
        "agent_prompt": string(limits.BUTTON_AGENT_PROMPT_MAX_LENGTH),
    },
)
_BOXES_MAX = limits.CHECKBOXES_OPTIONS_MAX_ITEMS
ELEMENTS: dict[str, Rule] = {
    "image": IMAGE,
    "button": BUTTON,
    "workflow_button": shape(
        {"text": plain_text(limits.WORKFLOW_BUTTON_TEXT_MAX_LENGTH), "workflow": anything},
        _BASE
        | {
            "style": STYLE,
            "accessibility_label": string(limits.WORKFLOW_BUTTON_ACCESSIBILITY_LABEL_MAX_LENGTH),
        },
    ),
    "overflow": shape(
        {
            "options": array(
                OVERFLOW_OPTION,
                limits.OVERFLOW_OPTIONS_MAX_ITEMS,
                limits.OVERFLOW_OPTIONS_MIN_ITEMS,
            )
        },
        _BASE | {"confirm": CONFIRM},
    ),
    "checkboxes": shape(
        {"options": array(BOX_OPTION, _BOXES_MAX, limits.CHECKBOXES_OPTIONS_MIN_ITEMS)},
        _FOCUS | {"initial_options": array(BOX_OPTION, _BOXES_MAX), "confirm": CONFIRM},
        checks=(initial_among_options("initial_options"),),
    ),
    "radio_buttons": shape(
        {
            "options": array(
                BOX_OPTION,
                limits.RADIO_BUTTONS_OPTIONS_MAX_ITEMS,
                limits.RADIO_BUTTONS_OPTIONS_MIN_ITEMS,
            )
        },
        _FOCUS | {"initial_option": BOX_OPTION, "confirm": CONFIRM},
        checks=(initial_among_options("initial_option"),),
    ),
    "datepicker": shape(
        {},
        _FOCUS
        | _placeholder(limits.DATE_PICKER_PLACEHOLDER_MAX_LENGTH)
        | {"initial_date": _DATE, "confirm": CONFIRM},
    ),
    "timepicker": shape(
        {},
        _FOCUS
        | _placeholder(limits.TIME_PICKER_PLACEHOLDER_MAX_LENGTH)
        | {"initial_time": _TIME, "timezone": _ZONE, "confirm": CONFIRM},
    ),
    "datetimepicker": shape({}, _FOCUS | {"initial_date_time": _UNIX, "confirm": CONFIRM}),
    "static_select": shape(
        {},
        _MENU | _OPTIONS | {"initial_option": MENU_OPTION},
        checks=(_ONE_LIST, initial_among_options("initial_option")),
    ),
    "external_select": shape(
        {}, _MENU | {"initial_option": MENU_OPTION, "min_query_length": _QUERY}
    ),
    "users_select": shape({}, _MENU | {"initial_user": _ID}),
    "conversations_select": shape(
        {},
        _MENU | _CONVERSATIONS | {"initial_conversation": _ID, "response_url_enabled": boolean},
    ),
    "channels_select": shape({}, _MENU | {"initial_channel": _ID, "response_url_enabled": boolean}),
    "multi_static_select": _multi(
        "initial_options",
        MENU_OPTION,
        _OPTIONS,
        _ONE_LIST,
        initial_among_options("initial_options"),
    ),
    "multi_external_select": _multi("initial_options", MENU_OPTION, {"min_query_length": _QUERY}),
    "multi_users_select": _multi("initial_users", _ID, {}),
    "multi_conversations_select": _multi("initial_conversations", _ID, _CONVERSATIONS),
    "multi_channels_select": _multi("initial_channels", _ID, {}),
    "plain_text_input": shape(
        {},
        _FIELD
        | _placeholder(limits.PLAIN_TEXT_INPUT_PLACEHOLDER_MAX_LENGTH)
        | {
            "initial_value": string(shortest=0),
            "multiline": boolean,
            "min_length": integer(
                limits.PLAIN_TEXT_INPUT_MIN_LENGTH_MIN, limits.PLAIN_TEXT_INPUT_MIN_LENGTH_MAX
            ),
            "max_length": integer(
                limits.PLAIN_TEXT_INPUT_MAX_LENGTH_MIN, limits.PLAIN_TEXT_INPUT_MAX_LENGTH_MAX
            ),
        },
        checks=(ordered("min_length", "max_length"), _within),
    ),
    "email_text_input": _text_field(limits.EMAIL_INPUT_PLACEHOLDER_MAX_LENGTH),
    "url_text_input": _text_field(limits.URL_INPUT_PLACEHOLDER_MAX_LENGTH),
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        _FIELD
        | _placeholder(limits.NUMBER_INPUT_PLACEHOLDER_MAX_LENGTH)
        | {"initial_value": _NUMBER, "min_value": _NUMBER, "max_value": _NUMBER},
        checks=(ordered("min_value", "max_value"), _no_decimals),
    ),
    "rich_text_input": shape(
        {},
        _FIELD
        | _placeholder(limits.RICH_TEXT_INPUT_PLACEHOLDER_MAX_LENGTH)
        | {
            "initial_value": RICH_TEXT,
            "min_lines": integer(
                limits.RICH_TEXT_INPUT_MIN_LINES_MIN, limits.RICH_TEXT_INPUT_MIN_LINES_MAX
            ),
            "max_lines": integer(
                limits.RICH_TEXT_INPUT_MAX_LINES_MIN, limits.RICH_TEXT_INPUT_MAX_LINES_MAX
            ),
        },
        checks=(ordered("min_lines", "max_lines"),),
    ),
    "file_input": shape(
        {},
        _BASE
        | {
            "filetypes": array(string()),
            "max_files": integer(limits.FILE_INPUT_MAX_FILES_MIN, limits.FILE_INPUT_MAX_FILES_MAX),
        },
    ),
}
_SELECTS = frozenset(name for name in ELEMENTS if name.endswith("_select"))
_PICKERS = frozenset({"datepicker", "timepicker", "checkboxes", "radio_buttons"})
_FIELDS = frozenset(name for name in ELEMENTS if name.endswith("_input"))
#: Elements that may stand in an actions block.
IN_ACTIONS = (
    _SELECTS | _PICKERS | frozenset({"button", "workflow_button", "overflow", "datetimepicker"})
)
#: Elements that may be a section's accessory.
IN_SECTION = (IN_ACTIONS - {"datetimepicker"}) | {"image"}
#: Elements that an input block may hold; text fields stand nowhere else.
IN_INPUT = _SELECTS | _PICKERS | _FIELDS | {"datetimepicker"}
