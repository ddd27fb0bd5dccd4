"""Credits: the append-only ledger, whose sum is the balance."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import case, func
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from storage import audit
from storage.database import Database
from storage.errors import NotEnoughCredits, UnknownWorkspace
from storage.ledger import WHOLE_RUN, CreditEntryRow
from storage.records import CreditEntry
from storage.states import CreditKind, Deed
from storage.tables import WorkspaceRow

_SIGN = case(
    {CreditKind.GRANT: 1, CreditKind.HOLD: -1, CreditKind.CHARGE: 0, CreditKind.RELEASE: 1},
    value=col(CreditEntryRow.kind),
)


class Credits:
    """Read the ledger, and grant credits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def balance(self, workspace_id: str) -> int:
        """Sum up what the workspace can spend now."""
        async with self._database.reading() as session:
            return await balance_in(session, workspace_id)

    async def entries(self, workspace_id: str, limit: int) -> tuple[CreditEntry, ...]:
        """List the newest entries, newest first; a Run's entries of one kind are one line."""
        newest = func.max(col(CreditEntryRow.id))
        query = (
            sa.select(
                col(CreditEntryRow.kind),
                func.sum(CreditEntryRow.credits),
                col(CreditEntryRow.run_id),
                func.max(col(CreditEntryRow.made_by)),
                func.max(col(CreditEntryRow.note)),
                func.max(col(CreditEntryRow.made_at)),
            )
            .where(col(CreditEntryRow.workspace_id) == workspace_id)
            # An entry without a Run is a line of its own.
            .group_by(
                col(CreditEntryRow.kind),
                col(CreditEntryRow.run_id),
                case((col(CreditEntryRow.run_id).is_(None), col(CreditEntryRow.id))),
            )
            .order_by(newest.desc())
            .limit(limit)
        )
        async with self._database.reading() as session:
            connection = await session.connection()
            return tuple(
                CreditEntry(
                    kind=CreditKind(kind),
                    credits=credits,
                    run_id=run_id,
                    made_by=made_by,
                    note=note,
                    made_at=made_at,
                )
                for kind, credits, run_id, made_by, note, made_at in await connection.execute(query)
            )

    async def grant(
        self, workspace_id: str, credits: int, *, made_by: str, note: str | None, now: datetime
    ) -> int:
        """Add credits and return the new balance.

        Raises:
            UnknownWorkspace: No such workspace has used the bot.
        """
        async with self._database.writing() as session:
            if not await session.get(WorkspaceRow, workspace_id):
                raise UnknownWorkspace(
                    f"No workspace {workspace_id} has used this bot yet. Nothing was granted. "
                    "Type /verify help in that Slack workspace first."
                )
            enter(
                session,
                workspace_id=workspace_id,
                kind=CreditKind.GRANT,
                credits=credits,
                made_by=made_by,
                note=note,
                now=now,
            )
            await session.flush()
            return await balance_in(session, workspace_id)


async def balance_in(session: AsyncSession, workspace_id: str) -> int:
    """Sum up a workspace's ledger inside a transaction."""
    query = select(func.coalesce(func.sum(_SIGN * col(CreditEntryRow.credits)), 0)).where(
        col(CreditEntryRow.workspace_id) == workspace_id
    )
    return int((await session.exec(query)).one())


async def sums_in(session: AsyncSession, run_id: int) -> dict[CreditKind, int]:
    """Sum up what one Run held, was charged and gave back, inside a transaction."""
    query = (
        select(col(CreditEntryRow.kind), func.sum(CreditEntryRow.credits))
        .where(col(CreditEntryRow.run_id) == run_id)
        .group_by(col(CreditEntryRow.kind))
    )
    sums = {CreditKind(kind): int(total) for kind, total in await session.exec(query)}
    return {kind: sums.get(kind, 0) for kind in CreditKind}


def enter(
    session: AsyncSession,
    *,
    workspace_id: str,
    kind: CreditKind,
    credits: int,
    now: datetime,
    run_id: int | None = None,
    chunk: int = WHOLE_RUN,
    made_by: str | None = None,
    note: str | None = None,
) -> None:
    """Append an entry inside a transaction; no credits, no entry."""
    if credits == 0:
        return
    if kind is CreditKind.GRANT:
        granted = {"credits": credits}
        audit.note(
            session,
            Deed.CREDITS_GRANTED,
            workspace_id=workspace_id,
            by=made_by,
            details=granted,
        )
    session.add(
        CreditEntryRow(
            workspace_id=workspace_id,
            kind=kind,
            credits=credits,
            run_id=run_id,
            chunk=chunk,
            made_by=made_by,
            note=note,
            made_at=now,
        )
    )


async def hold(
    session: AsyncSession, workspace_id: str, run_id: int, cost: int, by: str, now: datetime
) -> None:
    """Hold what a Run costs, inside a transaction.

    Raises:
        NotEnoughCredits: The balance does not cover it.
    """
    # Two Runs of one workspace that start together must not both spend the same credits.
    await session.exec(
        select(WorkspaceRow).where(col(WorkspaceRow.id) == workspace_id).with_for_update()
    )
    balance = await balance_in(session, workspace_id)
    if balance < cost:
        raise NotEnoughCredits(cost, balance)
    enter(
        session,
        workspace_id=workspace_id,
        kind=CreditKind.HOLD,
        credits=cost,
        run_id=run_id,
        made_by=by,
        now=now,
    )


def settle(
    session: AsyncSession,
    workspace_id: str,
    run_id: int,
    chunk: int,
    charged: Sequence[bool],
    now: datetime,
) -> None:
    """Charge for a chunk's subscribers or give their credits back, inside a transaction.

    It is the transaction in which the rows of those who are charged are marked so.
    """
    paid = sum(charged)
    for kind, credits in (
        (CreditKind.CHARGE, paid),
        (CreditKind.RELEASE, len(charged) - paid),
    ):
        enter(
            session,
            workspace_id=workspace_id,
            kind=kind,
            credits=credits,
            run_id=run_id,
            chunk=chunk,
            now=now,
        )


async def release_rest(
    session: AsyncSession, workspace_id: str, run_id: int, now: datetime
) -> None:
    """Give back what a Run still holds, inside a transaction."""
    sums = await sums_in(session, run_id)
    enter(
        session,
        workspace_id=workspace_id,
        kind=CreditKind.RELEASE,
        credits=sums[CreditKind.HOLD] - sums[CreditKind.CHARGE] - sums[CreditKind.RELEASE],
        run_id=run_id,
        now=now,
    )
