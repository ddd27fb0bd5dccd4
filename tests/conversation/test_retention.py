"""Buttons of old messages say that the addresses are gone, and what to do; none of them fails."""

import sqlite3
from contextlib import closing

import pytest
import pytest_asyncio

from sandbox.slack import Message
from tests.conversation.scene import Scene

pytestmark = pytest.mark.asyncio(loop_scope="module")

GONE = "The addresses of this run were deleted after 15 days"


def purge(scene: Scene) -> None:
    """Delete all addresses and verdicts, as the tidying does with what is old."""
    with closing(sqlite3.connect(scene.data / "listkeeper.sqlite", timeout=30)) as database:
        for table in ("run", "cleanup"):
            database.execute(f"UPDATE {table} SET purged_at = '2027-03-01 03:30:00.000000'")
        database.execute("DELETE FROM run_subscriber")
        database.execute("DELETE FROM unsubscribe")
        database.commit()


@pytest_asyncio.fixture(loop_scope="module")
async def old(scene: Scene) -> Message:
    """Finish a Run and delete what is private in it."""
    message = await scene.finished_run()
    purge(scene)
    return message


@pytest.mark.parametrize("button", ["run_clean_up", "run_csv"])
async def test_a_button_of_an_old_summary_says_that_the_addresses_are_gone(
    button: str, scene: Scene, old: Message
) -> None:
    await scene.slack.person("owner").click(old, action_id=button)
    told = await scene.hears("owner", GONE)
    assert "Nothing was changed." in told
    assert "[Verify a list]" in told


async def test_cleaning_up_the_last_run_says_that_its_addresses_are_gone(
    scene: Scene, old: Message
) -> None:
    await scene.slack.person("owner").slash("/cleanup")
    await scene.hears("owner", GONE)
    assert scene.slack.open_view("owner") is None


async def test_asking_for_approval_of_a_list_that_was_deleted_meanwhile_changes_nothing(
    scene: Scene,
) -> None:
    run = await scene.finished_run()
    view = await scene.cleanup_dialog(run)
    purge(scene)
    await scene.slack.person("owner").submit(view)
    await scene.dialog_shows("owner", GONE)
    assert scene.said() == [run]


async def test_the_file_of_an_old_cleanup_is_said_to_be_gone(scene: Scene) -> None:
    message = await scene.approved()
    await scene.shows(message, "# Cleanup finished")
    await scene.delivered(message)
    purge(scene)
    await scene.slack.person("owner").click(message, action_id="cleanup_csv")
    assert "Nothing was sent." in await scene.hears("owner", "The list of this cleanup was deleted")
