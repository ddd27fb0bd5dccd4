"""Workspaces: one Slack team each, with its welcome credits."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from storage.credits import enter
from storage.database import Database
from storage.records import Workspace
from storage.states import CreditKind
from storage.tables import WorkspaceRow


class Workspaces:
    """Remember which Slack teams use the bot."""

    def __init__(self, database: Database, *, welcome_credits: int) -> None:
        self._database = database
        self._welcome_credits = welcome_credits

    async def find(self, workspace_id: str) -> Workspace | None:
        """Look a workspace up."""
        async with self._database.reading() as session:
            row = await session.get(WorkspaceRow, workspace_id)
            return Workspace(row.id, row.created_at) if row else None

    async def welcome(self, workspace_id: str, now: datetime) -> None:
        """Make the workspace known; the first time it is granted its welcome credits."""
        if await self.find(workspace_id):
            return
        try:
            async with self._database.writing() as session:
                session.add(WorkspaceRow(id=workspace_id, created_at=now))
                await session.flush()
                if self._welcome_credits:
                    enter(
                        session,
                        workspace_id=workspace_id,
                        kind=CreditKind.GRANT,
                        credits=self._welcome_credits,
                        note="welcome",
                        now=now,
                    )
        except IntegrityError:
            # Two first messages at the same moment: the other one made it.
            return
