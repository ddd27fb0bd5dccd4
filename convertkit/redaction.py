"""Keeps secrets, addresses and URLs out of what people and logs get to read."""

import logging
import re
from typing import Final

_LONGEST_QUOTE: Final = 200
# Kit's V3 API Keys have 22 characters and its secrets more; English words stay below 20.
_TELLING_WORD: Final = re.compile(r"\S*(?:@|://)\S*|\S{20,}")
_QUERY: Final = re.compile(r"\?[^\s'\"]+")
# httpx logs each request's URL, httpcore (at DEBUG) each answer's headers: a redirect's Location
# repeats the query it was asked with.
_LOGGERS_WITH_URLS: Final = ("httpx", "httpcore.http11", "httpcore.http2")


def quotable(words: str) -> str:
    """Return a server's words fit to show: a short line without addresses, URLs or keys."""
    visible = "".join(letter if letter.isprintable() else " " for letter in words)
    line = " ".join(_TELLING_WORD.sub("…", visible).split())
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1].rstrip() + "…"


def hide_queries_in_http_logs() -> None:
    """Make httpx and httpcore log URLs without their query, at any level; again changes nothing."""
    for name in _LOGGERS_WITH_URLS:
        logger = logging.getLogger(name)
        if not any(isinstance(present, _WithoutQueries) for present in logger.filters):
            logger.addFilter(_WithoutQueries())


class _WithoutQueries(logging.Filter):
    """Let every line pass, with `?…` in the place of queries."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _QUERY.sub("?…", record.getMessage()), None
        return True
