"""The addresses of the benchmark's world, and the truth about each of them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

#: One unknown user in ten.
UNKNOWN_SHARE = 0.1
BIG_SHARE, SECOND_SHARE = 0.45, 0.20
SMALL_DOMAINS, SMALL_HOSTS = 2_000, 50
#: A local part that begins so is nobody's mailbox.
UNKNOWN_PREFIX = "gone"


@dataclass(frozen=True, slots=True)
class Person:
    """One address, and whether its mailbox exists."""

    address: str
    exists: bool


def host_of(domain: str) -> str:
    """Give the mail host of a domain: one for each large provider, fifty for the small ones."""
    name = domain.partition(".")[0]
    if name in ("big", "second"):
        return f"mx.{domain}"
    return f"mx{int(name.removeprefix('small')) % SMALL_HOSTS}.hosts.example.com"


def host_address(host: str) -> str:
    """Give each mail host a loopback address of its own."""
    name = host.partition(".")[0]
    if name == "mx":
        return "127.8.0.1" if "big" in host else "127.8.0.2"
    return f"127.8.1.{int(name.removeprefix('mx')) + 1}"


def mailbox_exists(address: str) -> bool:
    """Tell the truth about an address, made-up ones included."""
    return address.startswith("reader")


def people(count: int, seed: int = 1) -> Iterator[Person]:
    """Give addresses in the shares of the world, shuffled evenly."""
    dice = random.Random(seed)
    for number in range(count):
        where = dice.random()
        if where < BIG_SHARE:
            domain = "big.example.com"
        elif where < BIG_SHARE + SECOND_SHARE:
            domain = "second.example.com"
        else:
            domain = f"small{dice.randrange(SMALL_DOMAINS)}.example.com"
        exists = dice.random() >= UNKNOWN_SHARE
        prefix = "reader" if exists else UNKNOWN_PREFIX
        yield Person(f"{prefix}{number}@{domain}", exists)
