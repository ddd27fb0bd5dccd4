"""The engine as its callers use it: streams, several verifications at a time, early ends."""

import asyncio
import hashlib
import math
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from subprocess import run

import pytest

from tests.verification.scripted_dns import Answer, ScriptedDnsServer
from tests.verification.scripted_mail import Script, ScriptedServer, only
from tests.verification.worlds import (
    DOMAIN,
    LOCAL,
    NOW,
    ScriptedDns,
    engine_for,
    one_domain,
    readers,
    verdicts,
)
from verification import (
    RETRY_WAITS,
    Category,
    ConfigurationError,
    ProbeOptions,
    Reason,
    Verifier,
    build_engine,
)
from verification.probing.questions import made_up_address
from verification.probing.reading import wait_for
from verification.resolver import Exchangers

ROOT = Path(__file__).parents[2]


async def test_each_distinct_string_gets_one_verdict_unchanged() -> None:
    texts = ["Ann@Nowhere.Example", "ann@nowhere.example", " ann@nowhere.example ", "nobody"]
    found = await verdicts(engine_for(ScriptedDns()), [*texts, *texts])
    assert set(found) == set(texts)
    assert {verdict.decided_at for verdict in found.values()} == {NOW}


async def test_nothing_to_verify_is_no_verdict() -> None:
    assert await verdicts(engine_for(ScriptedDns()), []) == {}


async def test_addresses_are_read_as_they_are_needed() -> None:
    read = 0

    def endless() -> Iterator[str]:
        nonlocal read
        while True:
            read += 1
            yield f"reader{read}@nowhere.example"

    engine = engine_for(ScriptedDns(), options=replace(LOCAL, window=50))
    stream = engine.verify(endless())
    for _ in range(100):
        await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    assert read <= 100 + 2 * 50


async def test_a_verification_that_is_given_up_leaves_nothing_behind() -> None:
    async with ScriptedServer(Script(only(), delay=0.01)) as server:
        engine = engine_for(one_domain(), port=server.port)
        stream = engine.verify(readers(200))
        await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]
        await asyncio.sleep(0.05)
        assert server.open_now == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_verifications_at_the_same_time_share_one_organisations_connections() -> None:
    async with ScriptedServer(Script(only(*readers(90)), delay=0.001)) as server:
        engine = engine_for(one_domain(), port=server.port)
        parts = [readers(90)[start::3] for start in range(3)]
        found = await asyncio.gather(*(verdicts(engine, part) for part in parts))
        assert server.most_open == 1
    assert {v.reason for part in found for v in part.values()} == {Reason.ACCEPTED}


async def test_a_fault_of_our_own_reaches_the_caller() -> None:
    class Broken(ScriptedDns):
        async def exchangers(self, domain: str) -> Exchangers:
            raise ZeroDivisionError

    with pytest.raises(ExceptionGroup):
        await verdicts(engine_for(Broken()), ["ann@reader.example"])


async def test_an_address_literal_is_never_connected_to() -> None:
    async with ScriptedServer() as server:
        found = await verdicts(engine_for(ScriptedDns(), port=server.port), ["ann@[127.0.0.1]"])
        assert server.connections == []
    assert found["ann@[127.0.0.1]"].category is Category.UNKNOWN


def test_only_what_may_change_is_looked_at_again() -> None:
    again = {reason for reason in Reason if wait_for(reason) is not None}
    assert {reason.category for reason in again} == {Category.UNKNOWN}
    assert Reason.GREYLISTED in again
    assert Reason.BLOCKED not in again
    assert tuple(timedelta(minutes=minutes) for minutes in (6, 15, 35)) == RETRY_WAITS


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(ProbeOptions(window=0), id="no-window"),
        pytest.param(ProbeOptions(rate=0), id="no-rate"),
        pytest.param(ProbeOptions(rate=math.nan), id="rate-is-no-number"),
        pytest.param(ProbeOptions(smtp_port=65_536), id="port-too-high"),
        pytest.param(ProbeOptions(resolver=("dns.example.com", 53)), id="resolver-by-name"),
    ],
)
def test_options_that_cannot_be_used_are_refused(options: ProbeOptions) -> None:
    with pytest.raises(ConfigurationError):
        build_engine(options)


def test_the_engine_is_a_verifier() -> None:
    engine: Verifier = build_engine(replace(LOCAL, resolver=("127.0.0.1", 9)))
    assert engine.verify is not None


async def made_up_addresses(*keys: bytes) -> list[str]:
    """Ask about somebody with a new engine for each key; give the made-up addresses asked along."""
    dns: dict[str, Answer] = {"MX": ["10 mx.example.com."], "A": ["127.0.0.1"]}
    async with (
        ScriptedServer(Script(only())) as server,
        ScriptedDnsServer(lambda _, kind: dns.get(kind, [])) as names,
    ):
        options = replace(LOCAL, resolver=names.address, smtp_port=server.port)
        for key in keys:
            await verdicts(build_engine(replace(options, made_up_key=key)), readers(1))
        return [recipients[-1] for recipients in server.connections]


async def test_without_a_key_a_process_always_makes_up_the_same_address() -> None:
    first, second, other = await made_up_addresses(b"", b"", b"a key")
    assert first == second != other


async def test_what_servers_are_told_does_not_tell_which_address_is_made_up() -> None:
    told = f"{LOCAL.helo_name} {LOCAL.mail_from}".encode()
    derivable = made_up_address(DOMAIN, hashlib.sha256(told).digest())
    assert derivable not in await made_up_addresses(b"")


def test_another_process_has_another_key() -> None:
    script = "from verification.engine import _with_key as w; from verification import ProbeOptions"
    command = [sys.executable, "-c", f"{script}; print(w(ProbeOptions()).made_up_key.hex())"]
    keys = {run(command, capture_output=True, check=True, cwd=ROOT).stdout for _ in range(2)}
    assert len(keys) == 2


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_category_and_a_sentence(reason: Reason) -> None:
    assert Reason(reason.value) is reason
    assert isinstance(reason.category, Category)
    assert reason.sentence.endswith(".")


def test_categories_have_labels() -> None:
    assert [category.label for category in Category] == [
        "Safe",
        "Invalid",
        "Disposable",
        "Catch-all",
        "Unknown",
        "Risky",
    ]
