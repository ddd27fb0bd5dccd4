"""The audit on the command line: a plain line for each decision, newest last."""

from datetime import UTC, datetime
from pathlib import Path

from bot.trail import line
from sandbox.process import BotProcess
from storage.database import Database
from storage.migrations import migrate
from storage.records import AuditEntry
from storage.states import Deed, RunState
from tests.storage.stores import TEAM, Store, url

WHEN = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)


def test_a_line_says_when_who_what_and_how_many() -> None:
    entry = AuditEntry(7, WHEN, "U0ANN", Deed.CLEANUP_APPROVED, 3, 1, {"subscribers": 12})
    assert line(entry) == (
        "2027-03-01 09:00:00Z  U0ANN  cleanup approved  run=3 cleanup=1 subscribers=12"
    )


def test_a_line_names_the_bot_where_nobody_decided() -> None:
    entry = AuditEntry(7, WHEN, None, Deed.RUN_FINISHED, 3, None, {})
    assert line(entry) == "2027-03-01 09:00:00Z  the bot  run finished  run=3"


async def test_the_command_prints_a_workspace_newest_last(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    database = Database(url(data / "listkeeper.sqlite"))
    await migrate(database)
    await Store(database).run_in(RunState.STOPPED)
    await database.close()
    bot = BotProcess({"DATA_DIR": str(data)}, tmp_path / "bot.log")
    said = (await bot.ask("audit", TEAM)).splitlines()
    assert [each.split("  ")[2] for each in said] == [
        "credits granted",
        "connection saved",
        "run asked",
        "run started",
        "run stopped",
    ]
    assert said[-1].endswith("reason=by_person")
    assert await bot.ask("audit", "T0NOBODY") == "Nothing was decided in T0NOBODY yet."
