"""As whom we ask: an honest name and a sender that exists, or nobody is asked at all."""

from verification.lists import FREE_PROVIDERS, names
from verification.options import ProbeOptions
from verification.syntax import Malformed, parse_address

#: Names that belong to nobody (RFC 2606, RFC 6761, RFC 6762, RFC 8375).
_RESERVED = names(
    """
    arpa example invalid internal lan local localdomain localhost onion test
    """
)
_RESERVED_DOMAINS = frozenset({"example.com", "example.net", "example.org"})


def identity_problem(options: ProbeOptions) -> str | None:
    """Say why these options are not fit for asking mail servers, or None when they are.

    A sandbox, which allows private networks, may use reserved names.
    """
    if not options.probe:
        return "Asking mail servers is switched off."
    if not options.helo_name:
        return "There is no host name to introduce ourselves with: set the HELO name."
    if not options.mail_from:
        return "There is no sender address to ask with: set MAIL FROM."
    sender = parse_address(options.mail_from)
    if any(letter.isspace() for letter in options.helo_name + options.mail_from):
        return "There is white space in the HELO name or in MAIL FROM."
    if isinstance(sender, Malformed) or sender.is_literal or sender.needs_smtputf8:
        return "The MAIL FROM address is not a plain email address."
    if "." not in options.helo_name.strip("."):
        return "The HELO name is not a full host name."
    if options.allow_private_networks:
        return None
    if _is_made_up(options.helo_name):
        return "The HELO name is a default or belongs to somebody else."
    if _is_made_up(sender.domain):
        return "The MAIL FROM address is a default or belongs to a public mail provider."
    return None


def _is_made_up(name: str) -> bool:
    """Tell whether a host name is reserved, or a mail provider's that no operator owns."""
    labels = name.lower().strip(".").split(".")
    parent = ".".join(labels[-2:])
    return (
        labels[-1] in _RESERVED
        or labels[-1].isdigit()
        or parent in _RESERVED_DOMAINS
        or parent in FREE_PROVIDERS
        or labels[0] == "localhost"
    )
