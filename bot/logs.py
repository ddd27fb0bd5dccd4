"""Logs: one line for each event, with its action; never an address, a secret or a URL's query."""

import logging
import re

#: What a secret or an address looks like, for lines that other people's code writes.
_SECRETS = re.compile(r"\b(?:xox[a-z]-|xapp-|kit_)[\w-]+")
#: A named secret in a query, a repr or JSON; a value in quotes goes as a whole.
_NAMED_SECRETS = re.compile(
    r"""(api_(?:secret|key)\\*["']?\s*[:=]\s*)(?:b?\\*"[^"\n]*"|b?\\*'[^'\n]*'|[^&\s"',}]+)""",
    re.IGNORECASE,
)
#: Anything at anything, with or without a dot (RFC 5321 4.1.2): better a word too many than one
#: too few.
_ADDRESSES = re.compile(
    # A long line without a space is gone through once: a word begins only behind what ends one.
    r"""(?:"[^"\n]*"|(?<![^\s<>@",'])[^\s<>@",'][^\s<>@",]*)@[^\s<>@"',:;()]+"""
)

#: Libraries that tell at INFO or DEBUG what must not be told: a dialog's values, a URL's query.
_QUIET = {
    "slack_bolt": logging.INFO,
    "slack_sdk": logging.INFO,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "apscheduler": logging.WARNING,
    "alembic": logging.WARNING,
    "dbos": logging.WARNING,
}


class Redacting(logging.Formatter):
    """Write a line with its `action`, and take secrets and addresses out of it whole."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record, its traceback included."""
        line = super().format(record)
        action = getattr(record, "action", None)
        if action:
            line = f"{line} action={action}"
        subject = getattr(record, "subject", None)
        if subject is not None:
            line = f"{line} subject={subject}"
        line = _NAMED_SECRETS.sub(r"\1<secret>", _SECRETS.sub("<secret>", line))
        return _ADDRESSES.sub("<address>", line)


def set_up(level: str) -> None:
    """Log to standard error, and keep talkative libraries from telling too much."""
    handler = logging.StreamHandler()
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name, floor in _QUIET.items():
        logger = logging.getLogger(name)
        logger.setLevel(max(floor, logging.getLogger().level))
    # DBOS, finding no handler, would bring one of its own, which takes nothing out.
    engine = logging.getLogger("dbos")
    engine.handlers, engine.propagate = [handler], False
