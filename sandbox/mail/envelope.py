"""Reads the arguments of MAIL and RCPT, strictly as RFC 5321 section 4.1 writes them; pure."""

import re
from dataclasses import dataclass

#: RFC 5321 section 4.5.3.1: a path with its brackets, and a local part.
PATH_MOST = 256
LOCAL_PART_MOST = 64

_PATH = re.compile(
    r"(?P<keyword>[A-Za-z]+):<(?P<address>(?:\"(?:[^\"\\]|\\.)*\"|[^<>\"\s])*)>"
    r"(?: (?P<options>\S.*))?"
)


class UnreadableError(Exception):
    """Say in a reply why an argument cannot be read."""


@dataclass(frozen=True, slots=True)
class Path:
    """Hold an address as it was written, and the options behind it."""

    address: str
    options: tuple[str, ...] = ()

    @property
    def local(self) -> str:
        """Return what stands before the last @."""
        return self.address.rpartition("@")[0] or self.address

    @property
    def domain(self) -> str:
        """Return what stands behind the last @, or nothing."""
        _, at, domain = self.address.rpartition("@")
        return domain if at else ""


def parse_path(keyword: str, argument: str) -> Path:
    """Read "FROM:<address> OPTION..." or "TO:<address>".

    Raises:
        UnreadableError: with the reply to give.
    """
    match = _PATH.fullmatch(argument.rstrip())
    if match is None or match["keyword"].upper() != keyword:
        verb = "MAIL" if keyword == "FROM" else "RCPT"
        raise UnreadableError(f"501 5.5.4 Syntax: {verb} {keyword}:<address>")
    path = Path(match["address"], tuple((match["options"] or "").upper().split()))
    if len(path.address) + 2 > PATH_MOST or len(path.local) > LOCAL_PART_MOST:
        raise UnreadableError("501 5.1.3 Path too long")
    # The empty path is a sender only; "postmaster" alone is a recipient only.
    bare = "" if keyword == "FROM" else "postmaster"
    if not path.domain and path.address.lower() != bare:
        raise UnreadableError(f"504 5.5.2 <{path.address}>: need fully-qualified address")
    return path


def unsupported_option(options: tuple[str, ...], offers: tuple[str, ...]) -> str | None:
    """Return the first option of MAIL that the server did not offer, or None."""
    offered = {offer.split()[0] for offer in offers}
    needs = {"SIZE": "SIZE", "BODY": "8BITMIME", "SMTPUTF8": "SMTPUTF8", "RET": "DSN"}
    for option in options:
        name = option.partition("=")[0].upper()
        if needs.get(name) not in offered:
            return option
    return None
