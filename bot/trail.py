"""The audit on the command line: who decided what in a workspace, a plain line for each."""

from collections.abc import Callable

from bot.app import open_database
from bot.settings import Settings
from storage.audit import Audit
from storage.records import AuditEntry

#: Who decided where nobody pressed anything.
ITSELF = "the bot"


async def print_audit(settings: Settings, workspace_id: str, say: Callable[[str], None]) -> None:
    """Say a workspace's audit, newest last."""
    async with open_database(settings) as database:
        empty = True
        async for entry in Audit(database).of_workspace(workspace_id):
            say(line(entry))
            empty = False
    if empty:
        say(f"Nothing was decided in {workspace_id} yet.")


def line(entry: AuditEntry) -> str:
    """Write one entry, such as `2027-03-01 09:00:00Z  U0ANN  run started  run=7 subscribers=4`."""
    about = {"run": entry.run_id, "cleanup": entry.cleanup_id, **entry.details}
    words = " ".join(f"{name}={value}" for name, value in about.items() if value is not None)
    said = entry.deed.value.replace("_", " ")
    return f"{entry.at:%Y-%m-%d %H:%M:%SZ}  {entry.by or ITSELF}  {said}  {words}"
