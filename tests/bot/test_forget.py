"""`python -m bot forget`: what it prints and how it ends, on both databases."""

import asyncio
import base64
import os
import sys
from pathlib import Path

import pytest

from sandbox.process import ROOT
from storage.states import RunState
from storage.vault import KEY_BYTES
from tests.storage.conftest import database_url, file, migrated, open_store, server, store
from tests.storage.stores import Store

#: The fixtures of storage's tests serve here as well.
__all__ = ["database_url", "file", "migrated", "open_store", "server", "store"]

ADDRESS = "reader1@letters0.example.com"


@pytest.fixture
def environment(tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "DATA_DIR": str(tmp_path / "data"),
        "DATABASE_URL": request.getfixturevalue("database_url"),
        "ENCRYPTION_KEY": base64.b64encode(bytes(KEY_BYTES)).decode(),
    }


async def forget(environment: dict[str, str], address: str, folder: Path) -> tuple[int | None, str]:
    """Run the command; give its exit code and what it prints."""
    asked = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "forget", address),
        cwd=folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asked.communicate()
    return asked.returncode, " ".join(output.decode().split())


async def test_a_person_is_removed_and_the_counts_are_said(
    store: Store, environment: dict[str, str], tmp_path: Path
) -> None:
    await store.run_in(RunState.FINISHED)
    code, said = await forget(environment, ADDRESS.upper(), tmp_path)
    assert code == 0, said
    assert said.startswith("Removed 1 result in 1 run, 0 places on the lists of 0 cleanups, and")
    assert "Counts, credits and who decided what stay." in said
    assert "Not removed, because this bot cannot: files that it posted in Slack" in said
    assert "@" not in said
    assert await store.sql(f"SELECT * FROM run_subscriber WHERE address = '{ADDRESS}'") == []
    code, said = await forget(environment, ADDRESS, tmp_path)
    assert (code, said.startswith("This address is not kept here.")) == (0, True)


async def test_who_is_on_an_open_list_is_refused(
    store: Store, environment: dict[str, str], tmp_path: Path
) -> None:
    await store.run_in(RunState.QUOTED)
    code, said = await forget(environment, ADDRESS, tmp_path)
    assert code == 1
    assert said.startswith("Somebody on an open list cannot be forgotten. Nothing was removed.")
    assert "@" not in said


async def test_what_is_no_address_is_refused(
    store: Store, environment: dict[str, str], tmp_path: Path
) -> None:
    code, said = await forget(environment, "nobody", tmp_path)
    assert code == 2
    assert "Nothing was removed." in said
