"""Schedules are made once by a request, and removed for good."""

import asyncio
from dataclasses import replace

import pytest

from storage.records import Audience
from storage.schedules import NewSchedule
from storage.states import AudienceKind, Cadence
from tests.storage.stores import ANN, BEN, LATER, NOW, TEAM, Store

AUDIENCE = Audience(AudienceKind.TAGS, (7, 9), ("Newsletter", "Customers"))


@pytest.fixture
async def new(store: Store) -> NewSchedule:
    connection = await store.connect()
    return NewSchedule(
        TEAM, connection.id, AUDIENCE, Cadence.MONTHLY, 31, 8, 30, "Europe/Paris", "C1", ANN, "V1"
    )


async def test_a_schedule_comes_back_as_it_was_asked_for(store: Store, new: NewSchedule) -> None:
    made, is_new = await store.schedules.create(new, NOW)
    assert is_new
    assert await store.schedules.find(made.id) == made
    assert (made.cadence, made.day, made.hour, made.minute) == (Cadence.MONTHLY, 31, 8, 30)
    assert (made.timezone, made.audience, made.created_at) == ("Europe/Paris", AUDIENCE, NOW)


async def test_the_same_request_makes_one_schedule(stores: list[Store], new: NewSchedule) -> None:
    made = await asyncio.gather(*(each.schedules.create(new, NOW) for each in stores))
    assert len({schedule.id for schedule, _ in made}) == 1
    assert sum(is_new for _, is_new in made) == 1


async def test_a_removed_schedule_is_gone_for_everybody(store: Store, new: NewSchedule) -> None:
    kept, _ = await store.schedules.create(replace(new, request_key="V2"), NOW)
    removed, _ = await store.schedules.create(new, NOW)
    assert await store.schedules.remove(removed.id, TEAM, BEN, LATER)
    assert not await store.schedules.remove(removed.id, TEAM, BEN, LATER), "it was removed before"
    assert await store.schedules.find(removed.id) is None
    assert await store.schedules.all() == await store.schedules.all(TEAM) == (kept,)


async def test_another_workspace_cannot_remove_a_schedule(store: Store, new: NewSchedule) -> None:
    made, _ = await store.schedules.create(new, NOW)
    assert not await store.schedules.remove(made.id, "T0OTHERTEAM", BEN, LATER)
    assert await store.schedules.all("T0OTHERTEAM") == ()
    assert await store.schedules.find(made.id) == made
