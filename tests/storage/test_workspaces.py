"""A workspace is welcomed with its credits once."""

import asyncio

from storage.states import CreditKind
from storage.workspaces import Workspaces
from tests.storage.stores import LATER, NOW, TEAM, WELCOME, Store


async def test_a_new_workspace_is_granted_its_welcome_credits(store: Store) -> None:
    assert await store.workspaces.find(TEAM) is None
    await store.workspaces.welcome(TEAM, NOW)
    found = await store.workspaces.find(TEAM)
    assert found
    assert found.created_at == NOW
    [entry] = await store.credits.entries(TEAM, 10)
    assert (entry.kind, entry.credits, entry.note) == (CreditKind.GRANT, WELCOME, "welcome")


async def test_a_known_workspace_is_not_granted_them_again(store: Store) -> None:
    await store.workspaces.welcome(TEAM, NOW)
    await store.workspaces.welcome(TEAM, LATER)
    assert await store.credits.balance(TEAM) == WELCOME


async def test_first_messages_at_the_same_moment_grant_once(stores: list[Store]) -> None:
    await asyncio.gather(*(each.workspaces.welcome(TEAM, NOW) for each in stores * 3))
    assert await stores[0].credits.balance(TEAM) == WELCOME


async def test_each_workspace_has_credits_of_its_own(store: Store) -> None:
    await store.workspaces.welcome(TEAM, NOW)
    await store.workspaces.welcome("T0OTHERTEAM", NOW)
    assert await store.credits.balance("T0OTHERTEAM") == WELCOME


async def test_there_may_be_no_welcome_credits(store: Store) -> None:
    await Workspaces(store.database, welcome_credits=0).welcome(TEAM, NOW)
    assert await store.credits.balance(TEAM) == 0
    assert await store.credits.entries(TEAM, 10) == ()
