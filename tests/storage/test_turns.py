"""Turns: of all processes on a PostgreSQL database one at a time, and never none for ever."""

import asyncio

import pytest
from sqlalchemy import text

from storage.errors import TurnMissed
from storage.turns import Turns
from tests.storage.stores import ON_SQLITE, Store

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@ON_POSTGRESQL
async def test_one_process_at_a_time_has_its_turn(stores: list[Store]) -> None:
    inside, most = 0, 0

    async def take(turns: Turns) -> None:
        nonlocal inside, most
        async with turns.alone("run:1"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.05)
            inside -= 1

    await asyncio.gather(*(take(Turns(each.database)) for each in stores))
    assert most == 1


@ON_POSTGRESQL
async def test_turns_of_other_names_are_not_waited_for(store: Store) -> None:
    turns = Turns(store.database, patience=0.0)
    async with turns.alone("run:1"), turns.alone("run:2"):
        pass


@ON_POSTGRESQL
async def test_a_turn_that_does_not_come_is_given_up(store: Store) -> None:
    async with Turns(store.database).alone("run:1"):
        with pytest.raises(TurnMissed):
            async with Turns(store.database, patience=0.2).alone("run:1"):
                pytest.fail("two were in at once")


@ON_POSTGRESQL
@pytest.mark.parametrize("end", [RuntimeError, asyncio.CancelledError])
async def test_a_turn_is_given_back_whatever_happened_in_it(
    store: Store, end: type[BaseException]
) -> None:
    # The server notices the end of a connection a moment later.
    turns = Turns(store.database, patience=10.0)
    with pytest.raises(end):
        async with turns.alone("run:1"):
            raise end
    async with turns.alone("run:1"):
        pass


@ON_POSTGRESQL
async def test_no_transaction_is_open_during_a_turn(store: Store) -> None:
    async with Turns(store.database).alone("run:1"), store.database.engine.connect() as other:
        states = await other.execute(
            text("SELECT state FROM pg_stat_activity WHERE query LIKE '%pg_try_advisory_lock%'")
        )
        assert "idle in transaction" not in states.scalars().all()


@ON_SQLITE
async def test_the_one_process_on_a_file_has_every_turn_at_once(store: Store) -> None:
    turns = Turns(store.database, patience=0.0)
    async with turns.alone("run:1"), turns.alone("run:1"):
        pass
