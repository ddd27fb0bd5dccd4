"""DNS questions with typed answers: only NXDOMAIN and an empty answer are evidence."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

import dns.asyncresolver
import dns.exception
import dns.message
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from verification.canary import Canary
from verification.errors import ConfigurationError
from verification.memory import Memory
from verification.networks import IpAddress, parse_ip, unmapped

#: Questions in flight at a time.
CONCURRENT_QUESTIONS = 150
#: Answers held in memory at a time.
_REMEMBERED = 20_000
#: Bounds on how long an answer is kept, in seconds, whatever its TTL.
_SHORTEST, _LONGEST = 5.0, 3600.0
#: The same for "there is none": whoever mends a domain's DNS must not stay Invalid for long.
_LONGEST_NEGATIVE = 300.0
_ADDRESSES = frozenset({"A", "AAAA"})


class Found(StrEnum):
    """How a DNS question ended."""

    #: There are records.
    RECORDS = "records"
    #: The name exists without records of this type.
    NOTHING = "nothing"
    #: The same without the zone's SOA, which belongs beside it (RFC 2308 section 2.2). Nobody
    #: outside of the resolver hears of it.
    BARELY_NOTHING = "barely_nothing"
    #: The name does not exist (NXDOMAIN, from a resolver that does not say so of everything).
    NO_SUCH_NAME = "no_such_name"
    #: SERVFAIL, REFUSED, a malformed or incredible answer, or a time-out: nothing is known.
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Exchanger:
    """One MX record; the host is "." in a null MX (RFC 7505)."""

    preference: int
    host: str


@dataclass(frozen=True, slots=True)
class Exchangers:
    """The MX records of a domain."""

    found: Found
    records: tuple[Exchanger, ...] = ()


@dataclass(frozen=True, slots=True)
class Addresses:
    """The IP addresses of a host, IPv4 first."""

    found: Found
    records: tuple[IpAddress, ...] = ()


@dataclass(frozen=True, slots=True)
class Texts:
    """The TXT records of a name, each with its strings joined."""

    found: Found
    records: tuple[str, ...] = ()


class Resolver(Protocol):
    """Answers the DNS questions that verification has; never raises because of an answer."""

    async def exchangers(self, domain: str) -> Exchangers:
        """Look up the MX records of a domain in A-labels."""
        ...

    async def addresses(self, host: str) -> Addresses:
        """Look up the A and AAAA records of a host; an IP address is its own."""
        ...

    async def texts(self, name: str) -> Texts:
        """Look up the TXT records of a name."""
        ...

    async def names(self, address: IpAddress) -> tuple[str, ...]:
        """Look up the names that an address points back to."""
        ...


T = TypeVar("T")


class DnsResolver:
    """A ``Resolver`` on dnspython that keeps answers for their TTL and asks each question once."""

    def __init__(
        self,
        *,
        server: tuple[str, int] | None,
        lifetime: float,
        clock: Callable[[], float],
    ) -> None:
        """Ask one server, or the system's own; ``lifetime`` is seconds for one question.

        Raises:
            ConfigurationError: The system has no resolver, or the server is not an IP address.
        """
        self._dns = _asker(server)
        self._dns.lifetime = lifetime
        self._dns.timeout = lifetime / 2
        self._clock = clock
        self._turn = asyncio.Semaphore(CONCURRENT_QUESTIONS)
        self._exchangers: Memory[str, Exchangers] = Memory(_REMEMBERED)
        self._addresses: Memory[str, Addresses] = Memory(_REMEMBERED)
        self._asking: dict[tuple[str, str], asyncio.Task[Any]] = {}
        self._canary = Canary(self._name_servers, clock)

    async def exchangers(self, domain: str) -> Exchangers:
        """Look up the MX records of a domain, by preference and in random order within one."""
        known = self._exchangers.recall(domain, self._clock())
        if known is not None:
            return known
        return await self._once(("MX", domain), lambda: self._ask_exchangers(domain))

    async def addresses(self, host: str) -> Addresses:
        """Look up the addresses of a host, IPv4 first.

        Some MX records name an IP address. RFC 1035 wants a name, but mail servers deliver there.
        """
        literal = parse_ip(host)
        if literal is not None:
            return Addresses(Found.RECORDS, (unmapped(literal),))
        known = self._addresses.recall(host, self._clock())
        if known is not None:
            return known
        return await self._once(("A", host), lambda: self._ask_addresses(host))

    async def texts(self, name: str) -> Texts:
        """Look up TXT records, each with its strings joined (RFC 7208 section 3.3)."""
        found, _, records = await self._ask(name, "TXT")
        joined = (b"".join(record.strings).decode("ascii", "replace") for record in records)
        return Texts(found, tuple(joined))

    async def names(self, address: IpAddress) -> tuple[str, ...]:
        """Look up PTR records."""
        _, _, records = await self._ask(address.reverse_pointer, "PTR")
        return tuple(record.target.to_text(omit_final_dot=True).lower() for record in records)

    async def _once(
        self, question: tuple[str, str], ask: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """Let everybody who has the same question wait for the same answer."""
        task: asyncio.Task[T] | None = self._asking.get(question)
        if task is None:
            task = asyncio.create_task(ask())
            self._asking[question] = task
            task.add_done_callback(lambda _: self._asking.pop(question, None))
        return await asyncio.shield(task)

    async def _ask_exchangers(self, domain: str) -> Exchangers:
        found, ttl, records = await self._ask(domain, "MX")
        exchangers = [Exchanger(record.preference, _host(record.exchange)) for record in records]
        random.shuffle(exchangers)  # RFC 5321 section 5.1: spread load within one preference
        exchangers.sort(key=lambda exchanger: exchanger.preference)
        answer = Exchangers(found, tuple(exchangers))
        if found is not Found.FAILED:
            self._exchangers.keep(domain, answer, self._clock() + ttl)
        return answer

    async def _ask_addresses(self, host: str) -> Addresses:
        both = await asyncio.gather(self._ask(host, "A"), self._ask(host, "AAAA"))
        records = _read_addresses(record.address for _, _, answers in both for record in answers)
        answer = Addresses(_either(both[0][0], both[1][0]), records)
        if answer.found is not Found.FAILED:
            self._addresses.keep(host, answer, self._clock() + min(ttl for _, ttl, _ in both))
        return answer

    async def _name_servers(self, name: str) -> Found:
        """Say how a question for the name servers of a domain ends."""
        found, _, _ = await self._once(("NS", name), lambda: self._resolve(name, "NS"))
        return found

    async def _ask(self, name: str, kind: str) -> tuple[Found, float, list[Any]]:
        """Ask one question; give how it ended, its lifetime in seconds and the records."""
        found, ttl, records = await self._resolve(name, kind)
        # That a domain has no MX is no evidence yet (RFC 5321 section 5.1).
        bare = found is Found.BARELY_NOTHING and kind in _ADDRESSES
        if (bare or found is Found.NO_SUCH_NAME) and await self._canary.contradicts(name, found):
            return Found.FAILED, 0.0, []
        return Found.NOTHING if found is Found.BARELY_NOTHING else found, ttl, records

    async def _resolve(self, name: str, kind: str) -> tuple[Found, float, list[Any]]:
        try:
            qname = dns.name.from_text(name)
            async with self._turn:
                answer = await self._dns.resolve(
                    qname, kind, search=False, raise_on_no_answer=False
                )
        except dns.resolver.NXDOMAIN as denial:
            chain = denial.kwargs["responses"][qname].resolve_chaining()
            return Found.NO_SUCH_NAME, _kept(chain, _LONGEST_NEGATIVE), []
        except (dns.exception.DNSException, OSError, UnicodeError, ValueError):
            # A time-out, SERVFAIL, REFUSED, or bytes that are no DNS message: no evidence.
            return Found.FAILED, 0.0, []
        if answer.rrset is not None:
            return Found.RECORDS, _kept(answer.chaining_result, _LONGEST), list(answer)
        if _says_nothing(answer):
            return Found.FAILED, 0.0, []
        found = Found.NOTHING if _has_soa(answer) else Found.BARELY_NOTHING
        return found, _kept(answer.chaining_result, _LONGEST_NEGATIVE), []


def _kept(chain: dns.message.ChainingResult, longest: float) -> float:
    """Say how many seconds an answer is kept: the least TTL of its aliases and records.

    Where there is no record, the SOA's TTL and minimum take its place (RFC 2308 section 5).
    """
    return min(max(float(chain.minimum_ttl), _SHORTEST), longest)


def _says_nothing(answer: dns.resolver.Answer) -> bool:
    """Tell whether an answer without the records that were asked for is no denial either.

    It may be about another name, or send us on to other servers (RFC 2308 section 2.2).
    """
    kinds = {records.rdtype for records in answer.response.authority}
    refers = dns.rdatatype.NS in kinds and not _has_soa(answer)
    astray = bool(answer.response.answer) and not answer.chaining_result.cnames
    return refers or astray


def _has_soa(answer: dns.resolver.Answer) -> bool:
    return any(records.rdtype == dns.rdatatype.SOA for records in answer.response.authority)


def _asker(server: tuple[str, int] | None) -> dns.asyncresolver.Resolver:
    try:
        asker = dns.asyncresolver.Resolver(configure=server is None)
    except dns.resolver.NoResolverConfiguration as problem:
        raise ConfigurationError("This machine has no DNS resolver: name one.") from problem
    if server is not None:
        host, port = server
        if parse_ip(host) is None:
            raise ConfigurationError(f"The resolver must be an IP address, not {host!r}.")
        asker.nameservers = [dns.nameserver.Do53Nameserver(host, port)]
    return asker


def _host(name: dns.name.Name) -> str:
    """Write a host name in lower case without its final dot; the root stays "."."""
    return name.to_text(omit_final_dot=True).lower()


def _read_addresses(texts: Iterable[str]) -> tuple[IpAddress, ...]:
    """Read addresses, each once and IPv4 first, with IPv4 in an AAAA record among them."""
    addresses = [unmapped(address) for text in texts if (address := parse_ip(text)) is not None]
    return tuple(sorted(dict.fromkeys(addresses), key=lambda address: address.version))


def _either(left: Found, right: Found) -> Found:
    """Combine the answers about A and AAAA: records win, then doubt.

    A name that does not exist has neither (RFC 8020), so who says so of one only is in doubt.
    """
    if Found.RECORDS in (left, right):
        return Found.RECORDS
    return left if left is right else Found.FAILED
