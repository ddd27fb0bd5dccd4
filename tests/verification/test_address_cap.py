"""An IP address is never connected to more often than it bears, whatever names lead there."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address

import pytest

from tests.verification.scripted_mail import HANG_UP, Script, ScriptedServer, only
from tests.verification.worlds import LOCAL, ScriptedDns, engine_for, readers, verdicts
from verification import Deadlines, Reason
from verification.probing.address_cap import AddressCap

SHARED = "127.0.0.1"
APART = "127.0.0.2"
HERE = ip_address(SHARED)


def names_at(addresses: Sequence[Sequence[str]]) -> tuple[ScriptedDns, list[str]]:
    """Make DNS with a mail host of its own name for each domain, and a reader at each domain."""
    domains = [f"d{number}.example" for number in range(len(addresses))]
    dns = ScriptedDns(
        mail={domain: [f"mx.{domain}"] for domain in domains},
        hosts={f"mx.{domain}": at for domain, at in zip(domains, addresses, strict=True)},
    )
    return dns, [f"ann@{domain}" for domain in domains]


async def test_many_names_of_one_small_host_share_one_connection() -> None:
    dns, people = names_at([[SHARED]] * 40)
    async with ScriptedServer(Script(only(*people))) as server, asyncio.timeout(20):
        found = await verdicts(engine_for(dns, port=server.port), people)
    assert {verdict.reason for verdict in found.values()} == {Reason.ACCEPTED}
    assert len(found) == 40
    assert server.most_open == 1


async def test_the_operators_figure_holds_for_an_address_too() -> None:
    dns, people = names_at([[SHARED]] * 40)
    options = replace(LOCAL, connections_per_host=2)
    async with ScriptedServer(Script(only(*people), delay=0.002)) as server, asyncio.timeout(20):
        found = await verdicts(engine_for(dns, port=server.port, options=options), people)
    assert len(found) == 40
    assert server.most_open == 2


async def test_a_large_provider_and_a_small_name_at_one_address_are_not_added_up() -> None:
    dns = ScriptedDns(
        mail={"big.example": ["mx.google.com"], **{f"d{n}.example": [f"mx{n}"] for n in range(9)}},
        hosts={"mx.google.com": [SHARED], **{f"mx{n}": [SHARED] for n in range(9)}},
    )
    people = [*readers(300, "big.example"), *(f"ann@d{n}.example" for n in range(9))]
    async with ScriptedServer(Script(only(*people), delay=0.001)) as server, asyncio.timeout(30):
        found = await verdicts(engine_for(dns, port=server.port), people)
    assert {verdict.reason for verdict in found.values()} == {Reason.ACCEPTED}
    assert len(found) == len(people)
    assert server.most_open <= 2


async def test_second_addresses_that_cross_each_other_do_not_lock_up() -> None:
    """Half of the hosts are at one address and then at the other, half the other way round."""
    dns, people = names_at([[SHARED, APART], [APART, SHARED]] * 15)
    async with (
        ScriptedServer(Script(banner=HANG_UP), host=SHARED) as deaf,
        ScriptedServer(Script(only(*people)), host=APART, port=deaf.port) as server,
        asyncio.timeout(20),
    ):
        found = await verdicts(engine_for(dns, port=server.port), people)
    assert {verdict.reason for verdict in found.values()} == {Reason.ACCEPTED}
    assert len(found) == 30
    assert (deaf.most_open, server.most_open) == (1, 1)


async def test_a_v4_mapped_address_is_the_address_that_it_leads_to() -> None:
    dns, people = names_at([[SHARED], [f"::ffff:{SHARED}"]] * 10)
    async with ScriptedServer(Script(only(*people), delay=0.002)) as server, asyncio.timeout(20):
        found = await verdicts(engine_for(dns, port=server.port), people)
    assert {verdict.reason for verdict in found.values()} == {Reason.ACCEPTED}
    assert server.most_open == 1


async def test_two_runs_at_a_time_share_an_address() -> None:
    dns, people = names_at([[SHARED]] * 20)
    async with ScriptedServer(Script(only(*people), delay=0.002)) as server, asyncio.timeout(20):
        engine = engine_for(dns, port=server.port)
        await asyncio.gather(verdicts(engine, people[:10]), verdicts(engine, people[10:]))
    assert server.most_open == 1


async def test_a_crowded_address_holds_up_nobody_else() -> None:
    """A hundred names wait for one slow address; there is room for ten conversations in all."""
    dns, people = names_at([[SHARED]] * 100 + [[APART]])
    options = replace(LOCAL, conversations=10)
    async with (
        ScriptedServer(Script(only(*people), delay=0.05), host=SHARED) as slow,
        ScriptedServer(Script(only(*people)), host=APART, port=slow.port),
    ):
        stream = engine_for(dns, port=slow.port, options=options).verify(people)
        began, place = time.monotonic(), 0
        async for verdict in stream:
            if verdict.address == people[-1]:
                break
            place += 1
        took = time.monotonic() - began
        await stream.aclose()  # type: ignore[attr-defined]
    assert took < 3
    assert place < 20


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param(Script(delay=30), Reason.TIMEOUT, id="tarpit"),
        pytest.param(None, Reason.NO_CONNECTION, id="nobody-listens"),
    ],
)
async def test_a_dead_address_is_waited_for_once_whatever_names_lead_there(
    script: Script | None, reason: Reason
) -> None:
    dns, people = names_at([[SHARED]] * 30)
    options = replace(LOCAL, deadlines=Deadlines(connect=1, greeting=0.3, reply=0.3, group=0.5))
    async with ScriptedServer(script or Script()) as server:
        engine = engine_for(dns, port=server.port, options=options)
        if script is None:
            await server.__aexit__(None, None, None)
        found = await verdicts(engine, people)
    assert {verdict.reason for verdict in found.values()} == {reason}
    assert len(found) == 30
    assert len(server.connections) == (script is not None)


async def test_a_silent_address_costs_its_deadline_once_and_then_the_next_host_is_asked() -> None:
    dns, people = names_at([[SHARED, APART]] * 10)
    options = replace(LOCAL, deadlines=Deadlines(connect=1, greeting=0.3, reply=0.3, group=0.5))
    async with (
        ScriptedServer(Script(delay=30), host=SHARED) as silent,
        ScriptedServer(Script(only(*people)), host=APART, port=silent.port),
    ):
        found = await verdicts(engine_for(dns, port=silent.port, options=options), people)
    reasons = sorted(verdict.reason for verdict in found.values())
    assert reasons == sorted([Reason.TIMEOUT] + [Reason.ACCEPTED] * 9)
    assert len(silent.connections) == 1


async def test_one_silent_conversation_does_not_shut_out_a_providers_other_domains() -> None:
    dns = ScriptedDns(
        mail={"a.example": ["aspmx.l.google.com"], "b.example": ["alt1.aspmx.l.google.com"]},
        hosts={"aspmx.l.google.com": [SHARED], "alt1.aspmx.l.google.com": [SHARED]},
    )
    options = replace(LOCAL, deadlines=Deadlines(connect=1, greeting=1, reply=0.3, group=0.5))
    script = Script(only("ann@b.example"))

    def fall_silent(_: str) -> str:
        script.delay = 30
        return "250 Ok"

    script.mail = fall_silent
    async with ScriptedServer(script) as server:
        engine = engine_for(dns, port=server.port, options=options)
        first = await verdicts(engine, ["ann@a.example"])
        script.delay, script.mail = 0, lambda _: "250 Ok"
        found = await verdicts(engine, ["ann@b.example"])
    assert first["ann@a.example"].reason is Reason.TIMEOUT
    assert found["ann@b.example"].reason is Reason.ACCEPTED


async def test_who_wants_to_be_alone_at_an_address_keeps_its_turn() -> None:
    cap, order = AddressCap(), list[str]()

    async def talk(name: str, most: int) -> None:
        async with cap.place(HERE, most):
            order.append(name)
            await asyncio.sleep(0.01)

    wishes = (("first", 2), ("second", 2), ("alone", 1), ("third", 2))
    await asyncio.gather(*(talk(name, most) for name, most in wishes))
    assert order == ["first", "second", "alone", "third"]


async def test_who_gives_up_waiting_leaves_its_turn_to_the_next() -> None:
    cap = AddressCap()
    async with cap.place(HERE, 2):
        alone = asyncio.create_task(cap.place(HERE, 1).__aenter__())
        await asyncio.sleep(0)
        behind = asyncio.create_task(cap.place(HERE, 2).__aenter__())
        await asyncio.sleep(0)
        assert not behind.done()
        alone.cancel()
        async with asyncio.timeout(10):
            await behind


async def test_a_place_that_was_given_and_not_taken_is_given_to_the_next() -> None:
    cap = AddressCap()
    first = cap.place(HERE, 1)
    await first.__aenter__()
    cancelled = asyncio.create_task(cap.place(HERE, 1).__aenter__())
    await asyncio.sleep(0)
    await first.__aexit__(None, None, None)
    cancelled.cancel()  # in the same turn in which the place was given to it
    await asyncio.gather(cancelled, return_exceptions=True)
    async with asyncio.timeout(10), cap.place(HERE, 1):
        pass
