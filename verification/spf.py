"""Whether a domain lets an address send mail for it: SPF's check_host (RFC 7208 section 4).

The parts that depend on a message (exists, ptr, macros) are not evaluated; where they decide, the
result is UNKNOWN.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from verification.errors import SpfLookupError, SpfRecordError
from verification.networks import IpAddress, unmapped
from verification.resolver import Addresses, Exchangers, Found, Resolver
from verification.spf_record import Mechanism, SpfRecord, SpfResult, is_spf, parse_spf

#: Terms that need DNS, and empty answers to them, in one evaluation (RFC 7208 section 4.6.4).
MOST_LOOKUPS, MOST_VOID_LOOKUPS = 10, 2
#: Mail hosts of one "mx" (RFC 7208 section 4.6.4).
MOST_EXCHANGERS = 10

_ASKING = frozenset({"include", "a", "mx", "ptr", "exists"})


@dataclass(frozen=True, slots=True)
class Spf:
    """What a domain says about one address."""

    result: SpfResult
    #: What makes the record unusable, for TEMPERROR and PERMERROR.
    problem: str = ""


async def check_spf(address: IpAddress, domain: str, resolver: Resolver) -> Spf:
    """Evaluate the SPF record of a domain for an address that says MAIL FROM it."""
    try:
        return Spf(await _Evaluation(unmapped(address), resolver).check(domain))
    except SpfLookupError as problem:
        return Spf(SpfResult.TEMPERROR, str(problem))
    except SpfRecordError as problem:
        return Spf(SpfResult.PERMERROR, str(problem))


class _Evaluation:
    """One evaluation with its limits, over all records that it includes."""

    def __init__(self, address: IpAddress, resolver: Resolver) -> None:
        self._address = address
        self._resolver = resolver
        self._lookups = 0
        self._void_lookups = 0

    async def check(self, domain: str) -> SpfResult:
        record = await self._record(domain)
        if record is None:
            return SpfResult.NONE
        doubts: set[SpfResult] = set()
        for mechanism in record.mechanisms:
            matches = await self._matches(mechanism, mechanism.target or domain)
            if matches is None:
                doubts.add(mechanism.result)
            elif matches:
                return _in_doubt(mechanism.result, doubts)
        result = SpfResult.NEUTRAL
        if record.redirect is not None:
            result = await self._redirected(record.redirect)
        return _in_doubt(result, doubts)

    async def _record(self, domain: str) -> SpfRecord | None:
        answer = await self._resolver.texts(domain)
        if answer.found is Found.FAILED:
            raise SpfLookupError(f"the records of {domain} could not be looked up")
        records = [text for text in answer.records if is_spf(text)]
        if len(records) > 1:
            raise SpfRecordError(f"{domain} has more than one SPF record")
        return parse_spf(records[0]) if records else None

    async def _redirected(self, target: str) -> SpfResult:
        """Use another domain's record instead (RFC 7208 section 6.1)."""
        self._count_lookup()
        if "%" in target:
            return SpfResult.UNKNOWN
        result = await self.check(target)
        if result is SpfResult.NONE:
            raise SpfRecordError(f"{target} has no SPF record to redirect to")
        return result

    async def _matches(self, mechanism: Mechanism, target: str) -> bool | None:
        """Tell whether the address matches; None where that cannot be told here."""
        if mechanism.name in _ASKING:
            self._count_lookup()
        if mechanism.has_macro or mechanism.name in ("ptr", "exists"):
            return None
        if mechanism.name == "include":
            return await self._is_included(target)
        if mechanism.name == "a":
            return self._is_among(await self._addresses(target), mechanism)
        if mechanism.name == "mx":
            return await self._is_mail_host(target, mechanism)
        # What is left is "all", and a network of its own.
        return mechanism.network is None or self._address in mechanism.network

    async def _is_included(self, target: str) -> bool | None:
        """Tell whether another domain's record gives a pass (RFC 7208 section 5.2)."""
        result = await self.check(target)
        if result is SpfResult.NONE:
            raise SpfRecordError(f"{target} has no SPF record to include")
        return None if result is SpfResult.UNKNOWN else result is SpfResult.PASS

    async def _is_mail_host(self, target: str, mechanism: Mechanism) -> bool:
        answer = await self._resolver.exchangers(target)
        self._note_answer(answer, target, is_void=not answer.records)
        hosts = [mx.host for mx in answer.records if mx.host != "."]
        if len(hosts) > MOST_EXCHANGERS:
            raise SpfRecordError(f"{target} has more than {MOST_EXCHANGERS} mail hosts")
        for host in hosts:
            if self._is_among(await self._addresses(host), mechanism):
                return True
        return False

    async def _addresses(self, host: str) -> list[IpAddress]:
        """Look up the addresses of a host in the family that matters."""
        answer = await self._resolver.addresses(host)
        mine = [one for one in answer.records if one.version == self._address.version]
        self._note_answer(answer, host, is_void=not mine)
        return mine

    def _is_among(self, addresses: Iterable[IpAddress], mechanism: Mechanism) -> bool:
        bits = mechanism.bits[self._address.version == 6]
        return any(
            self._address in ip_network((address, bits), strict=False) for address in addresses
        )

    def _count_lookup(self) -> None:
        self._lookups += 1
        if self._lookups > MOST_LOOKUPS:
            raise SpfRecordError(f"it takes more than {MOST_LOOKUPS} DNS lookups")

    def _note_answer(self, answer: Exchangers | Addresses, name: str, *, is_void: bool) -> None:
        """Give up where DNS failed, or where too many questions had no answer."""
        if answer.found is Found.FAILED:
            raise SpfLookupError(f"{name} could not be looked up")
        self._void_lookups += is_void
        if self._void_lookups > MOST_VOID_LOOKUPS:
            raise SpfRecordError(f"more than {MOST_VOID_LOOKUPS} of its DNS lookups find nothing")


def _in_doubt(result: SpfResult, doubts: set[SpfResult]) -> SpfResult:
    """Give a result that holds whether or not the doubtful mechanisms before it matched."""
    return result if doubts <= {result} else SpfResult.UNKNOWN
