"""How many conversations are held at a time, and whose turn is next."""

import asyncio
import math
from collections.abc import Sequence

import pytest

from tests.verification.scripted_mail import Script, ScriptedServer, only
from tests.verification.worlds import ScriptedDns, engine_for, readers, verdicts
from verification import Category
from verification.probing.lane import Experience, Lane
from verification.probing.organisation import Organisation
from verification.probing.places import Places
from verification.probing.questions import Knowledge, Question
from verification.probing.schedule import (
    Backlog,
    backlogs_of,
    first_in_line,
    useful_conversations,
)
from verification.providers import Manners
from verification.syntax import Address


def lane(name: str, count: int, *, rate: float = math.inf, domains: int = 1) -> Lane:
    """Make a lane of questions at an organisation."""
    organisation = Organisation(name, None, Manners(2, rate, rate))
    made = Lane(organisation, (name,), b"key", lambda _: Knowledge(), 50)
    for number in range(count):
        made.put(Question("", Address(f"reader{number}", f"d{number % domains}.example")))
    return made


@pytest.mark.parametrize(
    ("backlogs", "expected"),
    [
        pytest.param([], 1, id="nothing-known"),
        pytest.param([Backlog("big", 100.0, 2)], 2, id="the-only-one-at-its-cap"),
        pytest.param([Backlog("big", 100.0, 2), Backlog("small", 90.0, 2)], 4, id="both"),
        pytest.param(
            [Backlog("big", 100.0, 2), *(Backlog(f"s{n}", 2.0, 2) for n in range(50))],
            4,
            id="fifty-small-ones-in-the-time-of-the-large-one",
        ),
        pytest.param(
            [Backlog("paced", 1.0, 2, 500.0), *(Backlog(f"s{n}", 2.0, 2) for n in range(50))],
            1,
            id="a-slow-pace-leaves-time-for-all",
        ),
        pytest.param(
            [Backlog(f"s{n}", 0.001, 2) for n in range(50)], 1, id="little-is-done-one-by-one"
        ),
        pytest.param(
            [Backlog(f"dead{n}", 10.0, 1) for n in range(50)], 46, id="slow-hosts-side-by-side"
        ),
    ],
)
def test_as_many_conversations_as_finish_with_the_longest_backlog(
    backlogs: Sequence[Backlog], expected: int
) -> None:
    assert useful_conversations(backlogs) == expected


def test_the_longest_backlog_is_first_in_line() -> None:
    assert first_in_line(["small", "big", "new"], {"small": 1.0, "big": 9.0}) == "big"


def test_lanes_of_one_organisation_share_a_backlog() -> None:
    mine, other = lane("google", 100), lane("google", 100)
    (backlog,) = backlogs_of([mine, other], more_to_come=False)
    (half,) = backlogs_of([mine], more_to_come=False)
    assert backlog.talk == pytest.approx(2 * half.talk)


def test_a_pace_makes_a_backlog_long_without_making_it_more_talk() -> None:
    quick, slow = backlogs_of([lane("a", 100), lane("b", 100, rate=2.0)], more_to_come=False)
    assert quick.talk == pytest.approx(slow.talk)
    assert slow.remaining == pytest.approx(50.0)


def test_many_domains_are_more_work_than_one_once_the_list_is_read() -> None:
    one, many = lane("a", 100), lane("b", 100, domains=50)
    assert many.work_left(more_to_come=False) > one.work_left(more_to_come=False) + 40
    assert many.work_left(more_to_come=True) == one.work_left(more_to_come=True)
    assert lane("c", 0).work_left(more_to_come=False) == 0.0


def test_a_slow_server_is_expected_to_stay_slow() -> None:
    slow, quick = lane("slow", 100), lane("quick", 100)
    for one, seconds in ((slow, 10.0), (quick, 0.1)):
        one.note_opening(seconds)
        one.spend(seconds, [], 40)
    first, second = backlogs_of([slow, quick], more_to_come=False)
    assert first.talk > 2 * second.talk


def test_a_new_lane_expects_what_the_others_have_seen() -> None:
    experience = Experience()
    old, new = lane("old", 0), lane("new", 100)
    old.experience = new.experience = experience
    before = new.work_left(more_to_come=False)
    old.learn(1000, 20)
    assert new.work_left(more_to_come=False) < before


def test_groups_are_smaller_where_turns_are_short() -> None:
    patient, hasty = lane("patient", 200), lane("hasty", 200)
    patient.note_opening(0.2)
    hasty.note_opening(0.001)
    for one in (patient, hasty):
        one.learn(200, 20)
    sizes = [sum(len(batch.questions) for batch in one.take(0)) for one in (hasty, patient)]
    assert sizes[0] < sizes[1]


async def test_the_longest_backlog_gets_the_next_place_and_nobody_is_forgotten() -> None:
    backlogs = [Backlog("first", 1.0, 1), Backlog("small", 2.0, 1), Backlog("big", 9.0, 1)]
    places = Places(lambda: [Backlog("first", 0.0, 1)] if first.is_set() else backlogs, clock)
    first, order = asyncio.Event(), list[str]()
    first.set()

    async def talk(name: str) -> None:
        async with places.place(name):
            order.append(name)
            await asyncio.sleep(0.06)

    first_talk = asyncio.create_task(talk("first"))
    await asyncio.sleep(0)
    first.clear()
    later = [asyncio.create_task(talk(name)) for name in ("small", "big")]
    await asyncio.gather(first_talk, *later)
    assert order[0] == "first"
    assert sorted(order) == ["big", "first", "small"]
    assert order.index("big") < order.index("small")


async def test_the_longest_backlog_keeps_its_place_from_one_conversation_to_the_next() -> None:
    backlogs = [Backlog("small", 0.1, 1), Backlog("big", 0.5, 1)]
    places, order = Places(lambda: backlogs, clock), list[str]()

    async def talk(name: str, times: int) -> None:
        for _ in range(times):
            async with places.place(name):
                order.append(name)
                await asyncio.sleep(0)

    await asyncio.gather(talk("big", 3), talk("small", 2))
    assert order == ["big", "big", "big", "small", "small"]


async def test_a_cancelled_conversation_gives_its_place_back() -> None:
    places = Places(list, clock)
    async with places.place("a"):
        waiting = asyncio.create_task(places.place("b").__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(10), places.place("c"):
        pass


async def test_silence_loses_the_place_and_an_answer_finds_it_again() -> None:
    places = Places(list, clock)
    async with places.place("silent") as silent:
        silent.leave()
        silent.leave()
        async with asyncio.timeout(10), places.place("other"):
            silent.heard()
            waiting = asyncio.create_task(places.place("third").__aenter__())
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert not waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)


async def test_many_small_hosts_beside_a_large_one_need_few_connections() -> None:
    small = [f"s{number}.example" for number in range(40)]
    mail = {"big.example": ["mx.big.example"], **{name: [f"mx.{name}"] for name in small}}
    dns = ScriptedDns(mail, {host: ["127.0.0.1"] for hosts in mail.values() for host in hosts})
    addresses = [*readers(1500, "big.example"), *(f"reader0@{name}" for name in small)]
    async with ScriptedServer(Script(only(*addresses), delay=0.001)) as server:
        found = await verdicts(engine_for(dns, port=server.port), addresses)
    assert {verdict.category for verdict in found.values()} == {Category.SAFE}
    assert len(found) == len(addresses)
    assert server.most_open < 20


def clock() -> float:
    """Give monotonic seconds."""
    return asyncio.get_running_loop().time()
