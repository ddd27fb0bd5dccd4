"""Connections: ConvertKit accounts, their sealed secrets, and the pace of their calls."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from convertkit import Account, ApiVersion
from storage import audit, slots
from storage.database import Database
from storage.errors import SecretUnreadable
from storage.records import Connection
from storage.states import ConnectionStatus, Deed
from storage.tables import CallPaceRow, ConnectionRow
from storage.vault import Vault


class Connections:
    """Remember the ConvertKit accounts of each workspace."""

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def save(
        self,
        *,
        workspace_id: str,
        name: str,
        secret: str,
        version: ApiVersion,
        account: Account,
        connected_by: str,
        now: datetime,
    ) -> Connection:
        """Keep an account's secret, sealed for its row.

        An account that the workspace has connected already gets the new secret, so that what was
        stopped for a refused secret can go on.
        """
        key = _account_key(account)
        async with self._database.writing() as session:
            row = await _find_account(session, workspace_id, key)
            deed = Deed.SECRET_REPLACED if row else Deed.CONNECTION_SAVED
            if row is None:
                row = ConnectionRow(
                    workspace_id=workspace_id,
                    account_key=key,
                    seal_id=secrets.token_hex(8),
                    name=name or account.name or "ConvertKit",
                    account_name=account.name,
                    api_version=version,
                    secret=b"",
                    last_four="",
                    status=ConnectionStatus.ACTIVE,
                    connected_by=connected_by,
                    connected_at=now,
                )
                session.add(row)
            row.name = name or row.name
            row.account_name = account.name
            row.api_version = version
            row.secret = self._vault.seal(secret, _owner(row))
            row.last_four = secret[-4:]
            row.status = ConnectionStatus.ACTIVE
            row.connected_by = connected_by
            row.connected_at = now
            await session.flush()
            assert row.id is not None
            if not await session.get(CallPaceRow, row.id):
                session.add(CallPaceRow(connection_id=row.id, next_at=0.0))
            audit.note(
                session,
                deed,
                workspace_id=workspace_id,
                by=connected_by,
                details={"connection": row.id},
            )
            return record(row)

    async def find(self, connection_id: int) -> Connection | None:
        """Look one Connection up."""
        async with self._database.reading() as session:
            row = await session.get(ConnectionRow, connection_id)
            return record(row) if row else None

    async def of_workspace(self, workspace_id: str) -> Sequence[Connection]:
        """List the workspace's Connections, oldest first."""
        query = (
            select(ConnectionRow)
            .where(col(ConnectionRow.workspace_id) == workspace_id)
            .order_by(col(ConnectionRow.id))
        )
        async with self._database.reading() as session:
            return tuple(record(row) for row in await session.exec(query))

    async def secret(self, connection_id: int) -> str:
        """Open the stored secret.

        Raises:
            SecretUnreadable: The encryption key changed, or the ciphertext is another row's.
        """
        async with self._database.reading() as session:
            row = (
                await session.exec(
                    select(ConnectionRow).where(col(ConnectionRow.id) == connection_id)
                )
            ).one()
            return self._vault.open(row.secret, _owner(row))

    async def unreadable(self) -> int:
        """Count the stored secrets that do not open with this key."""
        async with self._database.reading() as session:
            rows = list(await session.exec(select(ConnectionRow)))
        return sum(not self._opens(row) for row in rows)

    async def mark_refused(self, connection_id: int) -> None:
        """Note that ConvertKit refused the secret."""
        async with self._database.writing() as session:
            await session.exec(
                update(ConnectionRow)
                .where(col(ConnectionRow.id) == connection_id)
                .values(status=ConnectionStatus.REFUSED)
            )

    async def take_call(self, connection_id: int, *, spacing: float, ahead: float) -> float:
        """Take the account's call slot if it is free now; else return the seconds to ask again.

        Everybody who calls shares the account's slots, on the database's clock: background jobs,
        dialogs and other processes. `spacing` and `ahead` are in seconds, as `slots.take` has them.
        """
        async with self._database.writing() as session:
            due, now = await self._due(session, connection_id)
            slot = slots.take(due, now, spacing=spacing, ahead=ahead)
            if slot.wait == 0:
                await _set_due(session, connection_id, slot.due)
        return slot.wait

    async def hold_calls(self, connection_id: int, *, seconds: float, ahead: float) -> None:
        """Let nobody call the account for so long, not even who comes up to `ahead` seconds early.

        It is for what ConvertKit says with a 429, which concerns every process.
        """
        async with self._database.writing() as session:
            due, now = await self._due(session, connection_id)
            due = slots.hold(due, now, seconds=seconds, ahead=ahead)
            await _set_due(session, connection_id, due)

    async def _due(self, session: AsyncSession, connection_id: int) -> tuple[float, float]:
        """Lock the account's pace; return when its next call is due, and the database's time."""
        # On SQLite a writer is alone anyway.
        query = (
            select(col(CallPaceRow.next_at), self._database.clock())
            .where(col(CallPaceRow.connection_id) == connection_id)
            .with_for_update()
        )
        due, now = (await session.exec(query)).one()
        return due, now

    def _opens(self, row: ConnectionRow) -> bool:
        try:
            self._vault.open(row.secret, _owner(row))
        except SecretUnreadable:
            return False
        return True


def record(row: ConnectionRow) -> Connection:
    """Turn a row into what the other packages see."""
    assert row.id is not None
    return Connection(
        id=row.id,
        workspace_id=row.workspace_id,
        name=row.name,
        account_name=row.account_name,
        api_version=ApiVersion(row.api_version),
        last_four=row.last_four,
        status=ConnectionStatus(row.status),
        connected_by=row.connected_by,
    )


def _owner(row: ConnectionRow) -> str:
    return f"connection:{row.workspace_id}:{row.seal_id}"


def _account_key(account: Account) -> str:
    # V3 gives no account id. Every account has one primary address, and a hash of it is enough to
    # know the account again.
    who = account.primary_email or account.name
    return hashlib.sha256(who.casefold().encode()).hexdigest()


async def _set_due(session: AsyncSession, connection_id: int, due: float) -> None:
    await session.exec(
        update(CallPaceRow)
        .where(col(CallPaceRow.connection_id) == connection_id)
        .values(next_at=due)
    )


async def _find_account(
    session: AsyncSession, workspace_id: str, account_key: str
) -> ConnectionRow | None:
    query = select(ConnectionRow).where(
        col(ConnectionRow.workspace_id) == workspace_id,
        col(ConnectionRow.account_key) == account_key,
    )
    return (await session.exec(query)).one_or_none()
