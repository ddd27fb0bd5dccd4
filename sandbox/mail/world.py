"""The make-believe mail world that tests, the story and the demo hold in their hands."""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from time import monotonic
from types import TracebackType
from typing import Self
from zlib import crc32

from sandbox.mail.behaviour import DNS_ONLY, Behaviour, Domain, Mailbox, Style, Timing
from sandbox.mail.certificate import server_context
from sandbox.mail.directory import Directory
from sandbox.mail.dnsserver import DnsServer
from sandbox.mail.host import Host, Setting, hosts_of
from sandbox.mail.journal import Journal
from sandbox.mail.smtpserver import SmtpServer
from sandbox.mail.zone import Zone

#: Loopback addresses to listen on: one for each server, for the ordinary ones as long as they last.
ADDRESSES = 240
#: Addresses that are kept for kinds of servers still to come.
KEPT_FREE = 40
#: Where a prober on this machine comes from.
PROBER = "127.0.0.1"
#: Nothing ever listens here.
NOBODY = "127.0.0.253"
#: A private address, which lies on loopback so that nothing ever leaves this machine.
PRIVATE = "127.255.0.1"


class MailWorld:
    """Be a whole mail world: a DNS resolver and mail servers on loopback.

    Use it as an async context manager. Domains and mailboxes can be added at any time after it
    has started. `addresses=1` makes it behave as on a system with 127.0.0.1 only. `clock` (seconds)
    dates the journal and the greylist; delays are real.
    """

    def __init__(
        self,
        timing: Timing | None = None,
        *,
        addresses: int = ADDRESSES,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.timing = timing or Timing()
        self.journal = Journal()
        self.zone = Zone()
        self._most = addresses
        self._directory = Directory()
        self._domains: set[str] = set()
        self._hosts: dict[str, Host] = {}
        self._names: dict[str, str] = {}
        self._addresses: dict[Host, list[str]] = defaultdict(list)
        self._serves: dict[str, set[str]] = defaultdict(set)
        self._context: ssl.SSLContext | None = None
        self._dns = DnsServer(self.zone, self.journal, clock)
        self._smtp = SmtpServer(self._setting, self._tls, self.journal, clock)

    async def __aenter__(self) -> Self:
        await self._dns.start()
        await self._smtp.start(self._most)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._smtp.stop()
        await self._dns.stop()
        # Transports tell their sockets to close in the next turn of the loop.
        await asyncio.sleep(0)

    @property
    def resolver(self) -> tuple[str, int]:
        """Return host and port of the DNS resolver, UDP and TCP."""
        return self._dns.address

    @property
    def smtp_port(self) -> int:
        """Return the port of every mail server."""
        return self._smtp.port

    def populate(self, domains: Iterable[Domain], mailboxes: Mapping[str, Mailbox]) -> None:
        """Add many domains and mailboxes."""
        for domain in domains:
            self.add(domain)
        for address, mailbox in mailboxes.items():
            self._directory.add_mailbox(address, mailbox)

    def add_domain(
        self,
        name: str,
        behaviour: Behaviour = Behaviour.HONEST,
        *,
        style: Style = Style.POSTFIX,
        exchangers: tuple[str, ...] = (),
        reply: str | None = None,
        mailboxes: Mapping[str, Mailbox] | Iterable[str] = (),
    ) -> Domain:
        """Add a domain; `mailboxes` are local parts, with a condition each or all of them fine."""
        domain = Domain(name.lower(), behaviour, style, exchangers, reply)
        self.add(domain)
        boxes = (
            mailboxes
            if isinstance(mailboxes, Mapping)
            else dict.fromkeys(mailboxes, Mailbox.EXISTS)
        )
        for local, mailbox in boxes.items():
            self.add_mailbox(f"{local}@{name}", mailbox)
        return domain

    def add_mailbox(self, address: str, mailbox: Mailbox = Mailbox.EXISTS) -> None:
        """Add a mailbox to a domain, or change its condition."""
        self._directory.add_mailbox(address, mailbox)

    def add(self, domain: Domain) -> None:
        """Add a domain as it is described; a domain that was there before is replaced."""
        if domain.name in self._domains:
            self.zone.remove(domain.name)
        self._domains.add(domain.name)
        if domain.behaviour is Behaviour.NO_SUCH_DOMAIN:
            return
        if domain.behaviour in DNS_ONLY:
            self._add_dns_only(domain)
            return
        self._directory.add_domain(domain)
        if domain.behaviour is Behaviour.IMPLICIT_MX:
            self._attach(domain.name, hosts_of(domain)[0], domain)
            return
        owner = domain.name
        if domain.behaviour is Behaviour.ALIASED:
            owner = f"{domain.name.replace('.', '-')}.customers.harborhost.net"
            self.zone.add(domain.name, "CNAME", f"{owner}.")
        for rank, (name, host) in enumerate(zip(domain.mx_names, hosts_of(domain), strict=True)):
            self.zone.add(owner, "MX", f"{10 * (rank + 1)} {name}.")
            if domain.behaviour is Behaviour.REFUSES:
                self._point(name, NOBODY)
            else:
                self._attach(name, host, domain)
        self.zone.add(owner, "TXT", '"v=spf1 mx -all"')

    def set_reverse(self, address: str, name: str) -> None:
        """Give an IP address (such as the prober's own, 127.0.0.1) a name, both ways."""
        self.zone.add_reverse(address, name)
        self.zone.add(name, "A", address)

    def _add_dns_only(self, domain: Domain) -> None:
        name = domain.name
        if domain.behaviour is Behaviour.NULL_MX:
            self.zone.add(name, "MX", "0 .")
        elif domain.behaviour is Behaviour.NO_MAIL:
            self.zone.add(name, "TXT", '"v=spf1 -all"')
        elif domain.behaviour is Behaviour.DANGLING_MX:
            self.zone.add(name, "MX", f"10 {domain.mx_names[0]}-gone.net.")
        elif domain.behaviour is Behaviour.PRIVATE_MX:
            self.zone.add(name, "MX", f"10 {domain.mx_names[0]}.")
            self._point(domain.mx_names[0], PRIVATE)
        elif domain.behaviour is Behaviour.DNS_FAILS:
            self.zone.fail(name)
        elif domain.behaviour is Behaviour.DNS_SILENT:
            self.zone.silence(name)

    def _attach(self, name: str, host: Host, domain: Domain) -> None:
        """Let a server name stand for a kind of server, and let that server take the mail."""
        address = self._address_of(host, name)
        self._point(name, address)
        if not host.stranger:
            self._serves[address].add(domain.name)

    def _address_of(self, host: Host, name: str) -> str:
        """Give a server name its address: what it had, one of its own, or one that is shared."""
        of_kind = self._addresses[host]
        known = [address for address in self.zone.addresses(name) if address in of_kind]
        if known:
            return known[0]
        # The prober itself comes from 127.0.0.1, so no server has it unless there is no other.
        servers = self._smtp.addresses[1:] or self._smtp.addresses
        free = [address for address in servers if address not in self._hosts]
        if of_kind and not (host.ordinary and len(free) > KEPT_FREE):
            return of_kind[crc32(name.encode()) % len(of_kind)]
        address = free[0] if free else servers[0]
        if free and address != PROBER:
            self._hosts[address], self._names[address] = host, name
            self.zone.add_reverse(address, name)
        of_kind.append(address)
        return address

    def _point(self, name: str, address: str) -> None:
        known = self.zone.addresses(name)
        if not known:
            self.zone.add(name, "A", address)
        elif known != [address]:
            raise ValueError(f"{name} already stands for another kind of server.")

    def _setting(self, address: str, client: str) -> Setting:
        return Setting(
            host=self._hosts.get(address, Host()),
            address=address,
            server=self._names.get(address, "mail.world.example"),
            client=client,
            directory=self._directory,
            timing=self.timing,
            serves=self._serves[address],
            has_rdns=self.zone.reverse(client) is not None,
        )

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = server_context(datetime.now(UTC))
        return self._context
