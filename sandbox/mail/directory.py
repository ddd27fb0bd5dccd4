"""Knows which domains there are, which mailboxes they hold and who was greylisted; no I/O."""

from dataclasses import dataclass, field

import idna

from sandbox.mail.behaviour import Domain, Mailbox

#: Every domain that takes mail takes it for postmaster (RFC 5321 section 4.5.1).
POSTMASTER = "postmaster"


@dataclass(slots=True)
class Directory:
    """Hold the domains and mailboxes of the world."""

    _domains: dict[str, Domain] = field(default_factory=dict)
    _mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    _seen: dict[tuple[str, str, str], float] = field(default_factory=dict)

    def add_domain(self, domain: Domain) -> None:
        """Add or replace a domain."""
        self._domains[domain.name] = domain

    def add_mailbox(self, address: str, mailbox: Mailbox) -> None:
        """Add or replace a mailbox; an address that is none is left out."""
        local, at, domain = address.rpartition("@")
        if at:
            self._mailboxes[_key(local, domain)] = mailbox

    def domain(self, name: str) -> Domain | None:
        """Return the domain that an address names, whatever its case."""
        return self._domains.get(_ascii(name))

    def mailbox(self, local: str, domain: str) -> Mailbox | None:
        """Return the condition of a mailbox, or None when there is no such."""
        if local.casefold() == POSTMASTER:
            return Mailbox.EXISTS
        found = self._mailboxes.get(_key(local, domain))
        if found is None and "+" in local:
            # What follows the plus is the reader's own business.
            found = self._mailboxes.get(_key(local.partition("+")[0], domain))
        return found

    def greylisted(self, triple: tuple[str, str, str], now: float, wait: float) -> bool:
        """Return whether a (client, sender, recipient) came too soon; remember its first time."""
        first = self._seen.setdefault(triple, now)
        return now < first + wait


def _key(local: str, domain: str) -> str:
    return f"{local.casefold()}@{_ascii(domain)}"


def _ascii(domain: str) -> str:
    """Return a domain as it stands in the DNS: A-labels, lower case."""
    if domain.isascii():
        return domain.lower()
    try:
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return domain
