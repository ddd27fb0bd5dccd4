"""Evidence: the newest verdict on one address, for a person who asks why."""

from dataclasses import dataclass

from sqlmodel import col, select

from storage.database import Database
from storage.run_subscribers import verdict
from storage.tables import RunRow, RunSubscriberRow
from verification import Verdict


@dataclass(frozen=True, slots=True)
class KnownVerdict:
    """A verdict and the Run that it stands in."""

    run_id: int
    subscriber_id: int
    verdict: Verdict


class EvidenceBook:
    """Look verdicts up by address, within one workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, workspace_id: str, address: str) -> KnownVerdict | None:
        """Find the newest verdict on an address as it is written in ConvertKit."""
        query = (
            select(RunSubscriberRow)
            .join(RunRow, col(RunRow.id) == col(RunSubscriberRow.run_id))
            .where(
                col(RunSubscriberRow.address) == address,
                col(RunRow.workspace_id) == workspace_id,
                col(RunSubscriberRow.reason).is_not(None),
            )
            .order_by(col(RunSubscriberRow.run_id).desc())
            .limit(1)
        )
        async with self._database.reading() as session:
            row = (await session.exec(query)).one_or_none()
            found = verdict(row) if row else None
            return KnownVerdict(row.run_id, row.subscriber_id, found) if row and found else None
