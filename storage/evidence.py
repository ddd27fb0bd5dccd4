"""Evidence: the newest verdict on one address, for a person who asks why."""

from dataclasses import dataclass

from sqlmodel import col, select

from storage import verdict_columns
from storage.address_keys import AddressKeys
from storage.database import Database
from storage.known_verdicts import known, suggestion
from storage.tables import KnownVerdictRow, RunSubscriberRow
from verification import Evidence, Verdict


@dataclass(frozen=True, slots=True)
class KnownVerdict:
    """A verdict and the Run that reached it; None where its addresses were deleted."""

    run_id: int | None
    subscriber_id: int | None
    verdict: Verdict
    #: Whether the evidence is still there; it goes with the Run's addresses.
    is_kept: bool = True


class EvidenceBook:
    """Look verdicts up by address, within one workspace."""

    def __init__(self, database: Database, keys: AddressKeys) -> None:
        self._database = database
        self._keys = keys

    async def newest(self, workspace_id: str, address: str) -> KnownVerdict | None:
        """Find the newest verdict that an ended Run reached on an address as ConvertKit has it."""
        key = self._keys.of(address)
        async with self._database.reading() as session:
            row = (await known(session, workspace_id, [key])).get(key)
            if row is None:
                return None
            query = select(RunSubscriberRow).where(
                col(RunSubscriberRow.run_id) == row.run_id,
                col(RunSubscriberRow.subscriber_id) == row.subscriber_id,
            )
            there = (await session.exec(query)).one_or_none()
        found = verdict_columns.read(there) if there else None
        kept = found if found and found.address == address else None
        return KnownVerdict(
            row.run_id, row.subscriber_id, kept or _without_evidence(address, row), bool(kept)
        )


def _without_evidence(address: str, row: KnownVerdictRow) -> Verdict:
    return Verdict(
        address=address,
        reason=verdict_columns.reason(row.reason),
        evidence=Evidence(),
        role=row.role,
        free_provider=row.free_provider,
        suggestion=suggestion(address, row),
        decided_at=row.decided_at,
    )
