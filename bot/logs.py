"""Logs: one line for each event, with its action; never an address, a secret or a URL's query."""

import logging
import re

#: What a secret or an address looks like, for lines that other people's code writes.
_SECRETS = re.compile(
    r"\b(?:xox[a-z]-|xapp-|kit_)[\w-]+|(?<=api_secret=)[^&\s\"']+|(?<=api_key=)[^&\s\"']+"
)
_ADDRESSES = re.compile(r"[^\s<>@\"'=]+@[^\s<>@\"',]+\.[^\s<>@\"',]+")

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
        return _ADDRESSES.sub("<address>", _SECRETS.sub("<secret>", line))


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
