"""The tally: how many subscribers of a Run have which Category and which flag.

It is kept in the Run's own row, in the same transaction as the Verdicts, so that nobody has to
count a million rows to draw a progress message.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from verification import Category, Reason

#: Counts by Category's value and by the names below; what is not there is 0.
Tally: TypeAlias = Mapping[str, int]

ROLES = "roles"
TYPOS = "typos"
#: Unknowns whose mail servers were not asked, because the bot may not or cannot ask.
NOT_ASKED = "not_asked"
#: Unknowns whose mail servers refuse the bot itself.
BLOCKED = "blocked"
#: Unknowns that were never judged, because the Run was dropped before; they have no Verdict.
UNREACHED = "unreached"

#: Reasons that speak of us, not of the address.
_BLOCKED = frozenset((Reason.BLOCKED, Reason.SENDER_REJECTED, Reason.NEEDS_REVERSE_DNS))


def count(rows: Iterable[Mapping[Any, Any]]) -> Counter[str]:
    """Count rows that have category, reason, role and suggestion."""
    counted: Counter[str] = Counter()
    for row in rows:
        counted[str(row["category"])] += 1
        counted[ROLES] += bool(row["role"])
        counted[TYPOS] += row["suggestion"] is not None
        counted[NOT_ASKED] += row["reason"] == Reason.NOT_PROBED
        counted[BLOCKED] += row["reason"] in _BLOCKED
    return counted


def plus(tally: Tally, more: Mapping[str, int]) -> dict[str, int]:
    """Add counts to a tally."""
    return _without_zeros({key: tally.get(key, 0) + more.get(key, 0) for key in {*tally, *more}})


def minus(tally: Tally, less: Mapping[str, int]) -> dict[str, int]:
    """Take counts off a tally."""
    return plus(tally, {key: -number for key, number in less.items()})


def by_category(tally: Tally) -> dict[Category, int]:
    """Give the counts of the Categories that there are."""
    return {each: tally[each] for each in Category if tally.get(each)}


def unreached(subscribers: int, tally: Tally) -> dict[str, int]:
    """Count those of a dropped Run without a Verdict: they are Unknown, and were not asked."""
    left = subscribers - sum(by_category(tally).values())
    return {Category.UNKNOWN.value: left, NOT_ASKED: left, UNREACHED: left}


def _without_zeros(counts: Mapping[str, int]) -> dict[str, int]:
    return {key: counts[key] for key in sorted(counts) if counts[key]}
