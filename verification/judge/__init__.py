"""Judges mail servers' replies: pure decisions on one ordered table, no I/O."""

from verification.judge.outcomes import AcceptsAll, Outcome, Stage, accepts_all, reason_for
from verification.judge.reply import Reply, parse_reply
from verification.judge.rule import Judgement
from verification.judge.table import TABLE, judge

__all__ = [
    "TABLE",
    "AcceptsAll",
    "Judgement",
    "Outcome",
    "Reply",
    "Stage",
    "accepts_all",
    "judge",
    "parse_reply",
    "reason_for",
]
