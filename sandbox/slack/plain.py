"""Message text as a person reads it in a transcript: marks resolved, entities decoded."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from sandbox.slack.mrkdwn import unescaped

_MARK = re.compile(r"<([^<>]+)>")
_STYLES = re.compile(r"(?<![\w*_~])([*_~])(?=\S)([^*_~\n]+?)(?<=\S)\1(?![\w*_~])")
_DATE_WORDS = {
    "{date_num}": "%Y-%m-%d",
    "{date}": "%-d %B %Y",
    "{date_short}": "%-d %b %Y",
    "{date_long}": "%A, %-d %B %Y",
    "{date_pretty}": "%-d %B %Y",
    "{date_short_pretty}": "%-d %b %Y",
    "{date_long_pretty}": "%A, %-d %B %Y",
    "{time}": "%H:%M",
    "{time_secs}": "%H:%M:%S",
}


def plain(text: str, names: Mapping[str, str]) -> str:
    """Return mrkdwn as plain text; `names` gives the handle of a user or channel id."""
    shown = _MARK.sub(lambda mark: _resolved(mark.group(1), names), text)
    shown = _STYLES.sub(r"\2", shown)
    return unescaped(shown)


def _resolved(mark: str, names: Mapping[str, str]) -> str:
    target, _, words = mark.partition("|")
    if target.startswith("@"):
        return f"@{words or names.get(target[1:], target[1:])}"
    if target.startswith("#"):
        return f"#{words or names.get(target[1:], target[1:])}"
    if target.startswith("!date^"):
        return date_words(target, words)
    if target.startswith("!"):
        return f"@{target[1:].partition('^')[0]}"
    return f"{words} ({target})" if words and words != target else target


def date_words(mark: str, fallback: str) -> str:
    """Return `!date^unix^format` in UTC, or the fallback when it cannot be read."""
    _, unix, pattern, *_ = [*mark.split("^"), "", ""]
    if not unix.isdigit():
        return fallback
    moment = datetime.fromtimestamp(int(unix), UTC)
    for word, code in _DATE_WORDS.items():
        pattern = pattern.replace(word, moment.strftime(code))
    return pattern
