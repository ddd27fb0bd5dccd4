"""The reply table in the order in which it is read, and the one function that reads it."""

from functools import lru_cache

from verification.judge.code_rows import CODE_ROWS, TEMPORARY_ROWS
from verification.judge.languages import (
    FOREIGN_ACCOUNT_ROWS,
    FOREIGN_LIMIT_ROWS,
    FOREIGN_RECIPIENT_ROWS,
    FOREIGN_SENDER_ROWS,
)
from verification.judge.limit_rows import LIMIT_ROWS
from verification.judge.outcomes import Stage
from verification.judge.provider_rows import PROVIDER_ROWS
from verification.judge.recipient_rows import ACCOUNT_ROWS, RECIPIENT_ROWS
from verification.judge.reply import Reply
from verification.judge.rule import Judgement, first_match
from verification.judge.sender_rows import SENDER_ROWS
from verification.judge.stage_rows import ACCEPT_ROWS, STAGE_ROWS

#: Servers repeat themselves: so many different replies are judged from memory.
_REMEMBERED = 512

#: Text beats enhanced code beats code; words about the sender come before words about the
#: recipient; a 4xx is settled before any word about a missing mailbox is read.
TABLE = (
    *PROVIDER_ROWS,
    *ACCEPT_ROWS,
    *STAGE_ROWS,
    *LIMIT_ROWS,
    *FOREIGN_LIMIT_ROWS,
    *ACCOUNT_ROWS,
    *SENDER_ROWS,
    *FOREIGN_ACCOUNT_ROWS,
    *FOREIGN_SENDER_ROWS,
    *TEMPORARY_ROWS,
    *RECIPIENT_ROWS,
    *FOREIGN_RECIPIENT_ROWS,
    *CODE_ROWS,
)


@lru_cache(maxsize=_REMEMBERED)
def judge(stage: Stage, reply: Reply, provider: str | None = None) -> Judgement:
    """Decide what a reply means; the provider's name, if known, enables the rows about it."""
    if reply.quoted is not None and reply.code >= 500 and stage is Stage.RCPT:
        # Who was asked about the recipient knows better than who passes it on.
        return first_match(TABLE, stage, reply.quoted, None)
    return first_match(TABLE, stage, reply, provider)
