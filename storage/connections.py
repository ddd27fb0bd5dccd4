"""Connections: ConvertKit accounts, their sealed secrets, and the pace of their calls."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, update
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from convertkit import Account, ApiVersion
from storage.database import Database
from storage.errors import SecretUnreadable
from storage.records import Connection
from storage.states import ConnectionStatus
from storage.tables import CallPaceRow, ConnectionRow
from storage.vault import Vault

#: Seconds that a call slot may lie ahead: far more than all who wait at once ever take. What lies
#: further ahead was reserved by a clock that was wrong.
_FARTHEST_SLOT = 600.0


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

    async def reserve_call(self, connection_id: int, spacing: float) -> float:
        """Reserve the account's next call slot and return the seconds to wait for it.

        Slots are `spacing` seconds apart on the database's clock, whoever asks: background jobs,
        dialogs and other processes share the account's allowance. Where the clock was once far
        ahead, the slots start again from now.
        """
        clock = self._database.clock()
        free_at = col(CallPaceRow.next_at)
        slot = case((free_at.between(clock, clock + _FARTHEST_SLOT), free_at), else_=clock)
        statement = (
            update(CallPaceRow)
            .where(col(CallPaceRow.connection_id) == connection_id)
            .values(next_at=slot + spacing)
            .returning(free_at - spacing - clock)
        )
        async with self._database.writing() as session:
            wait = (await session.exec(statement)).scalar_one()
        return max(0.0, float(wait))

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


async def _find_account(
    session: AsyncSession, workspace_id: str, account_key: str
) -> ConnectionRow | None:
    query = select(ConnectionRow).where(
        col(ConnectionRow.workspace_id) == workspace_id,
        col(ConnectionRow.account_key) == account_key,
    )
    return (await session.exec(query)).one_or_none()
