"""Connections: a secret belongs to its row, and the account's calls share one pace."""

import asyncio

import pytest

from convertkit import ApiVersion
from storage.errors import SecretUnreadable
from storage.states import ConnectionStatus
from tests.storage.conftest import OpenStore
from tests.storage.stores import SECRET, TEAM, Store

OTHER_SECRET = "kit_ffeeddccbbaa99887766554433221100"


async def test_a_saved_secret_opens_and_shows_its_last_four_characters_only(store: Store) -> None:
    connection = await store.connect(name="Letters")
    assert connection.name == "Letters"
    assert connection.last_four == SECRET[-4:]
    assert SECRET not in repr(connection)
    assert await store.connections.secret(connection.id) == SECRET


async def test_the_secret_is_nowhere_in_the_file_in_the_clear(store: Store) -> None:
    await store.connect()
    rows = await store.sql("SELECT * FROM connection")
    assert rows
    assert SECRET not in repr(rows)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("Letters", "Letters", id="given"),
        pytest.param("", "Paper Boats", id="the-account's-own"),
    ],
)
async def test_a_connection_has_a_name(name: str, shown: str, store: Store) -> None:
    assert (await store.connect(name=name)).name == shown


async def test_connecting_an_account_again_replaces_its_secret(store: Store) -> None:
    first = await store.connect(name="Letters")
    await store.connections.mark_refused(first.id)
    again = await store.connect(
        secret=OTHER_SECRET, version=ApiVersion.V3, email="OWNER@example.com"
    )
    assert again.id == first.id
    assert again.name == "Letters"
    assert (again.status, again.api_version) == (ConnectionStatus.ACTIVE, ApiVersion.V3)
    assert await store.connections.secret(first.id) == OTHER_SECRET
    assert await store.connections.of_workspace(TEAM) == (again,)


async def test_each_workspace_sees_its_own_connections(store: Store) -> None:
    mine = [await store.connect(), await store.connect(email="second@example.com")]
    other = await store.connect(team="T0OTHERTEAM")
    assert await store.connections.of_workspace(TEAM) == tuple(mine)
    assert await store.connections.of_workspace("T0OTHERTEAM") == (other,)


async def test_a_refused_secret_is_noted(store: Store) -> None:
    connection = await store.connect()
    await store.connections.mark_refused(connection.id)
    found = await store.connections.find(connection.id)
    assert found
    assert found.status is ConnectionStatus.REFUSED


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param("secret", id="ciphertext-alone"),
        pytest.param("secret, seal_id", id="ciphertext-with-its-seal"),
    ],
)
async def test_a_ciphertext_moved_to_another_workspace_does_not_open(
    columns: str, store: Store
) -> None:
    mine, theirs = await store.connect(), await store.connect(team="T0OTHERTEAM")
    await store.sql(
        f"UPDATE connection SET ({columns}) ="
        f" (SELECT {columns} FROM connection WHERE id = {mine.id}) WHERE id = {theirs.id}"
    )
    with pytest.raises(SecretUnreadable):
        await store.connections.secret(theirs.id)


async def test_a_ciphertext_moved_to_another_row_does_not_open(store: Store) -> None:
    first, second = await store.connect(), await store.connect(email="second@example.com")
    await store.sql(
        "UPDATE connection SET secret ="
        f" (SELECT secret FROM connection WHERE id = {first.id}) WHERE id = {second.id}"
    )
    with pytest.raises(SecretUnreadable):
        await store.connections.secret(second.id)


async def test_a_secret_does_not_open_with_another_key(store: Store) -> None:
    connection = await store.connect()
    stranger = Store(store.database, key=b"k" * 32).connections
    with pytest.raises(SecretUnreadable):
        await stranger.secret(connection.id)
    assert await stranger.unreadable() == 1
    assert await store.connections.unreadable() == 0


async def test_the_first_call_of_an_account_is_made_at_once(store: Store) -> None:
    connection = await store.connect()
    assert await _take(store, connection.id, spacing=60.0) == 0.0


async def test_of_callers_in_several_processes_so_many_go_as_may_come_ahead(
    stores: list[Store],
) -> None:
    connection = await stores[0].connect()
    spacing = 100.0
    waits = await asyncio.gather(
        *(_take(each, connection.id, spacing=spacing, ahead=3.5 * spacing) for each in stores * 6)
    )
    assert waits.count(0.0) == 4
    # The clock moves on while they ask, by far less than half a slot.
    assert all(0.4 * spacing < wait <= 0.5 * spacing for wait in waits if wait)


async def test_a_slot_that_was_only_asked_for_is_left_to_others(store: Store) -> None:
    connection = await store.connect()
    await _take(store, connection.id)
    waits = [await _take(store, connection.id) for _ in range(3)]
    assert all(90 < wait <= 100 for wait in waits)
    assert await _take(store, connection.id, ahead=100.0) == 0.0


async def test_slots_that_nobody_took_are_not_saved_up(open_store: OpenStore) -> None:
    store = open_store()
    connection = await store.connect()
    await _take(store, connection.id, spacing=0.05)
    await asyncio.sleep(0.3)
    assert await _take(store, connection.id) == 0.0
    assert await _take(store, connection.id) > 90


async def test_a_hold_concerns_everybody(stores: list[Store]) -> None:
    connection = await stores[0].connect()
    await stores[0].connections.hold_calls(connection.id, seconds=30.0, ahead=100.0)
    assert 29 < await _take(stores[1], connection.id, ahead=100.0) <= 30
    assert 129 < await _take(stores[2], connection.id) <= 130


async def test_a_slot_that_a_wrong_clock_set_far_ahead_blocks_nobody(store: Store) -> None:
    connection = await store.connect()
    await store.sql("UPDATE call_pace SET next_at = next_at + 99999999999")
    assert await _take(store, connection.id) == 0.0
    assert 90 < await _take(store, connection.id) <= 100


async def test_accounts_do_not_wait_for_each_other(store: Store) -> None:
    first, second = await store.connect(), await store.connect(email="second@example.com")
    await _take(store, first.id)
    assert await _take(store, second.id) == 0.0


async def test_a_replaced_secret_keeps_the_pace_of_its_account(store: Store) -> None:
    connection = await store.connect()
    await _take(store, connection.id)
    await store.connect(secret=OTHER_SECRET)
    assert await _take(store, connection.id) > 90


async def _take(
    store: Store, connection_id: int, *, spacing: float = 100.0, ahead: float = 0.0
) -> float:
    return await store.connections.take_call(connection_id, spacing=spacing, ahead=ahead)
