"""Computes the best that any way of asking can do in the benchmark's world, by its rules.

Run as ``python -m benchmarks.verification.bound``. The rules: a fresh connection after nine
rejections, one made-up address for each domain, and nobody knows who will be refused before it is
asked. What is computed is a lower bound of the seconds of conversation, so an upper bound of the
addresses a second for each open connection; three things are taken to be better than they can be:
QUIT costs nothing, a domain's made-up address may be asked in any group, and no connection idles.
"""

from functools import cache
from math import comb

from benchmarks.verification.comparison import TURN
from benchmarks.verification.people import (
    BIG_SHARE,
    SECOND_SHARE,
    SMALL_DOMAINS,
    UNKNOWN_SHARE,
)
from benchmarks.verification.world import ERROR_SLEEP, SOFT_ERRORS
from verification.probing.lane import MOST_REJECTIONS

ADDRESSES = 20_000
#: Greeting and EHLO, which must be answered before anything is asked (RFC 5321, RFC 2920).
OPENING = 2 * TURN
#: Recipients in one group at most: more is never better, as the results show.
MOST_AT_ONCE = 80
#: Seconds by which the value of a conversation may still grow when it counts as settled.
_SETTLED = 1e-6
#: Halvings of the range in which a price lies: to less than a thousandth of it.
_HALVINGS = 12


@cache
def refusals(asked: int) -> tuple[float, ...]:
    """Give the probability of 0, 1, 2 ... refusals among so many real addresses."""
    share = UNKNOWN_SHARE
    return tuple(comb(asked, n) * share**n * (1 - share) ** (asked - n) for n in range(asked + 1))


def gain(real: float, made_up: float) -> float:
    """Say what the best conversation gains, in seconds, over what it takes.

    Args:
        real: Seconds that a real address's answer is worth.
        made_up: Seconds that a made-up address's answer is worth; 0 where none is asked.
    """
    values = [0.0] * MOST_REJECTIONS
    # Refusals only add up, so what follows a number of them is known before it is.
    for so_far in reversed(range(MOST_REJECTIONS)):
        before = -1.0
        while values[so_far] - before > _SETTLED:
            before = values[so_far]
            values[so_far] = max(
                _group(values, so_far, asked, made_ups, asked * real + made_ups * made_up)
                for made_ups in (range(MOST_REJECTIONS + 1) if made_up else (0,))
                for asked in range(0 if made_ups else 1, MOST_AT_ONCE + 1)
            )
    return values[0] - OPENING


def _group(values: list[float], so_far: int, asked: int, made_ups: int, worth: float) -> float:
    """Say what a conversation is worth that goes on with this group."""
    worth -= TURN
    for refused, chance in enumerate(refusals(asked)):
        errors = so_far + made_ups + refused
        if errors < MOST_REJECTIONS:
            worth += chance * max(values[errors], 0.0)
        worth -= chance * ERROR_SLEEP * max(0, errors - SOFT_ERRORS)
    return worth


def seconds_for(real: int, made_ups: int, *, steps: int = 8) -> float:
    """Give the seconds of conversation that so many questions take at the least.

    By duality: when no conversation gains anything at these prices, what all the questions are
    worth together is no more than what any way of asking them takes.
    """
    best = 0.0
    for step in range(steps + 1) if made_ups else (0,):
        # A made-up address costs between nothing and what a ninth of a connection costs.
        made_up = step / steps * (OPENING + TURN) / MOST_REJECTIONS
        low, high = 0.0, OPENING + TURN
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if gain(middle, made_up) > 0 else (middle, high)
        best = max(best, real * low + made_ups * made_up)
    return best


def main() -> None:
    """Print the bound, part by part."""
    large = round(ADDRESSES * (BIG_SHARE + SECOND_SHARE))
    small = ADDRESSES - large
    parts = (("two large providers", large, 0), ("small hosts", small, SMALL_DOMAINS))
    total = 0.0
    for name, real, made_ups in parts:
        seconds = seconds_for(real, made_ups)
        total += seconds
        print(f"{name}: {real:,} addresses, {made_ups:,} made-up: {seconds:.1f} s of conversation")
    print(f"together at least {total:.1f} s, at most {ADDRESSES / total:.0f} addresses a second")
    print(f"one address in a conversation of its own, without a made-up one: {1 / (4 * TURN):.2f}")


if __name__ == "__main__":
    main()
