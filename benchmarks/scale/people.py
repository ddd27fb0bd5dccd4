"""The subscribers of the benchmark, made up from their numbers: a million take no memory."""

from zlib import crc32

#: Kit's ids have ten digits today (recorded: 4280000001).
FIRST_ID = 4_280_000_001
#: The rest of the list lives at so many small domains.
DOMAINS = 20_011
_NAMES = ("ann", "ben", "chloe", "dmitri", "elena", "farid", "greta", "hugo", "ines", "jonas")


def address(number: int) -> str:
    """Give the address of a subscriber, from 0: 45 in 100 at one large provider, 20 at another."""
    mixed = crc32(number.to_bytes(4, "big"))
    name = f"{_NAMES[number % 10]}.{mixed:x}{number}"
    share = mixed % 100
    if share < 45:
        return f"{name}@gmail.com"
    if share < 65:
        return f"{name}@outlook.com"
    return f"{name}@letters{mixed // 100 % DOMAINS}.example.com"


def subscriber(number: int) -> dict[str, object]:
    """Give a subscriber as Kit's V4 lists them with `slim=true`."""
    return {
        "id": FIRST_ID + number,
        "first_name": _NAMES[number % 10].capitalize(),
        "email_address": address(number),
        "state": "active",
        "created_at": "2026-09-09T03:47:42Z",
    }
