"""Which hosts are talked to and how: failures, tarpits, and addresses that are not public."""

from dataclasses import replace

import pytest

from tests.verification.scripted_mail import (
    HANG_UP,
    Script,
    ScriptedServer,
    only,
)
from tests.verification.worlds import (
    DOMAIN,
    LOCAL,
    ScriptedDns,
    engine_for,
    one_domain,
    readers,
    two_hosts,
    verdicts,
)
from verification import Category, Deadlines, Reason


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param(Script(banner="554 5.7.1 Your IP is blocked"), Reason.BLOCKED, id="banner"),
        pytest.param(Script(ehlo=HANG_UP), Reason.CONNECTION_LOST, id="no-answer-to-ehlo"),
        pytest.param(Script(ehlo="421 4.3.2 Busy"), Reason.TEMPORARY, id="busy-at-ehlo"),
        pytest.param(
            Script(ehlo="550 What?", helo="550 Bad HELO"), Reason.SENDER_REJECTED, id="helo"
        ),
        pytest.param(
            Script(ehlo="550 Bad HELO", helo=HANG_UP), Reason.SENDER_REJECTED, id="no-helo"
        ),
        pytest.param(
            Script(mail=lambda _: "550 5.7.1 User unknown"), Reason.SENDER_REJECTED, id="mail"
        ),
        pytest.param(Script(banner="421 4.3.2 Too busy"), Reason.TEMPORARY, id="busy"),
        pytest.param(
            Script(mail=lambda _: "451 4.7.1 Greylisted"), Reason.GREYLISTED, id="sender-greylist"
        ),
        pytest.param(Script(banner=HANG_UP), Reason.CONNECTION_LOST, id="no-banner"),
        pytest.param(Script(banner="hello there"), Reason.PROTOCOL, id="no-smtp"),
    ],
)
async def test_what_comes_before_the_recipient_is_never_about_it(
    script: Script, reason: Reason
) -> None:
    async with ScriptedServer(script) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(3))
    assert {verdict.reason for verdict in found.values()} == {reason}


@pytest.mark.parametrize(
    "ehlo",
    [
        pytest.param("500 5.5.1 What?", id="500"),
        pytest.param("502 5.5.2 Error: command not recognized", id="502"),
        pytest.param("503 5.5.1 Bad sequence of commands", id="503"),
    ],
)
async def test_helo_is_said_to_a_server_that_does_not_take_ehlo(ehlo: str) -> None:
    async with ScriptedServer(Script(only("ann@reader.example"), ehlo=ehlo)) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), ["ann@reader.example"])
    assert server.heard[1] == "HELO verifier.example.com"
    assert found["ann@reader.example"].reason is Reason.ACCEPTED


@pytest.mark.parametrize(
    ("ehlo", "reason"),
    [
        pytest.param("554 5.7.1 Blocked using zen.spamhaus.org", Reason.BLOCKED, id="blocked"),
        pytest.param("550 5.7.1 No", Reason.SENDER_REJECTED, id="refused"),
    ],
)
async def test_who_refuses_us_at_ehlo_is_asked_nothing_more(ehlo: str, reason: Reason) -> None:
    async with ScriptedServer(Script(ehlo=ehlo)) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(3))
    assert {verdict.reason for verdict in found.values()} == {reason}
    assert server.heard == ["EHLO verifier.example.com", "QUIT"]


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(Script(banner="521 5.3.2 This host takes no mail"), id="521"),
        pytest.param(Script(lambda _: "554 5.7.1 Relay access denied"), id="relay-denied"),
        pytest.param(Script(banner=HANG_UP), id="hang-up"),
    ],
)
async def test_the_next_mail_host_is_asked_when_the_first_one_does_not_serve(first: Script) -> None:
    async with (
        ScriptedServer(first, host="127.0.0.1") as one,
        ScriptedServer(Script(only("ann@reader.example")), host="127.0.0.2", port=one.port),
    ):
        engine = engine_for(two_hosts("127.0.0.1", "127.0.0.2"), port=one.port)
        found = await verdicts(engine, ["ann@reader.example"])
    assert found["ann@reader.example"].reason is Reason.ACCEPTED
    assert found["ann@reader.example"].evidence.mail_host == "mx2.example.com"


async def test_a_mail_host_that_is_an_ip_address_is_asked_there() -> None:
    async with ScriptedServer(Script(only("ann@reader.example"))) as server:
        dns = ScriptedDns(mail={DOMAIN: ["127.0.0.1"]})
        found = await verdicts(engine_for(dns, port=server.port), ["ann@reader.example"])
    assert found["ann@reader.example"].reason is Reason.ACCEPTED
    assert found["ann@reader.example"].evidence.mail_host == "127.0.0.1"


async def test_a_mail_host_behind_many_dead_ones_is_asked() -> None:
    gone = [f"gone{number}.example.com" for number in range(6)]
    dns = ScriptedDns(mail={DOMAIN: [*gone, "mx"]}, hosts={"mx": ["127.0.0.1"]})
    async with ScriptedServer(Script(only("ann@reader.example"))) as server:
        found = await verdicts(engine_for(dns, port=server.port), ["ann@reader.example"])
    assert found["ann@reader.example"].reason is Reason.ACCEPTED


async def test_a_host_that_nobody_serves_is_unknown() -> None:
    async with ScriptedServer(Script(lambda _: "554 5.7.1 Relay access denied")) as server:
        engine = engine_for(two_hosts("127.0.0.1", "127.0.0.1"), port=server.port)
        found = await verdicts(engine, ["ann@reader.example"])
    assert found["ann@reader.example"].reason is Reason.NOT_SERVED
    assert engine.blocks == ()


async def test_the_other_address_family_is_tried_when_one_does_not_connect() -> None:
    dns = ScriptedDns(mail={DOMAIN: ["mx"]}, hosts={"mx": ["127.0.0.3", "127.0.0.1", "::1"]})
    async with ScriptedServer(Script(only("ann@reader.example")), host="127.0.0.1") as server:
        found = await verdicts(engine_for(dns, port=server.port), ["ann@reader.example"])
    assert found["ann@reader.example"].reason is Reason.ACCEPTED


async def test_unreachable_hosts_are_unknown_and_a_later_look_may_help() -> None:
    async with ScriptedServer() as server:
        port = server.port
    found = await verdicts(engine_for(one_domain(), port=port), readers(2))
    assert {verdict.reason for verdict in found.values()} == {Reason.NO_CONNECTION}
    assert all(verdict.retry_after is not None for verdict in found.values())


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(Script(delay=30), id="at-the-greeting"),
        pytest.param(Script(banner="220-" + "x" * 60 + "\r\n220-more\r\n220-more"), id="endless"),
    ],
)
async def test_a_tarpit_costs_one_connection_and_its_deadline(script: Script) -> None:
    options = replace(LOCAL, deadlines=Deadlines(connect=1, greeting=0.2, reply=0.2, group=0.5))
    async with ScriptedServer(script) as server:
        engine = engine_for(one_domain(), port=server.port, options=options)
        found = await verdicts(engine, readers(200))
    assert {verdict.reason for verdict in found.values()} == {Reason.TIMEOUT}
    assert len(server.connections) == 1


NOT_GLOBAL = [
    "127.0.0.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:db8::1",
    "::127.0.0.1",
    "fec0::1",
    "2001::1",
    "2606:4700::5efe:7f00:1",
    "2606:4700::200:5efe:7f00:1",
    "3ffe::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "8000::1",
    "192.31.196.1",
    "192.52.193.1",
    "192.175.48.1",
    "2620:4f:8000::1",
]


@pytest.mark.parametrize("address", [pytest.param(address, id=address) for address in NOT_GLOBAL])
async def test_an_address_that_is_not_global_is_never_connected_to(address: str) -> None:
    options = replace(LOCAL, helo_name="mx.ours.dev", mail_from="probe@ours.dev")
    strict = replace(options, allow_private_networks=False)
    dns = ScriptedDns(mail={DOMAIN: ["mx"]}, hosts={"mx": [address]})
    async with ScriptedServer(host="127.0.0.1") as server:
        found = await verdicts(engine_for(dns, port=server.port, options=strict), readers(1))
        assert server.connections == []
    assert [verdict.reason for verdict in found.values()] == [Reason.UNROUTABLE]


async def test_what_was_checked_is_what_is_connected_to() -> None:
    class Rebinding(ScriptedDns):
        """Answers with a public address first, then with loopback."""

        count = 0

        async def addresses(self, host: str):  # type: ignore[no-untyped-def]
            self.count += 1
            self.hosts = {host: ["192.88.98.1" if self.count == 1 else "127.0.0.1"]}
            return await super().addresses(host)

    options = replace(LOCAL, helo_name="mx.ours.dev", mail_from="probe@ours.dev")
    strict = replace(options, allow_private_networks=False)
    async with ScriptedServer() as server:
        dns = Rebinding(mail={DOMAIN: ["mx"]})
        found = await verdicts(engine_for(dns, port=server.port, options=strict), readers(1))
        assert server.connections == []
    assert [verdict.category for verdict in found.values()] == [Category.UNKNOWN]


async def test_a_block_at_the_first_host_is_not_tried_at_the_second() -> None:
    blocked = Script(banner="554 5.7.1 Your IP is blocked")
    async with ScriptedServer(blocked) as server:
        engine = engine_for(two_hosts("127.0.0.1", "127.0.0.1"), port=server.port)
        found = await verdicts(engine, readers(2))
    assert {verdict.reason for verdict in found.values()} == {Reason.BLOCKED}
    assert len(server.connections) == 1


@pytest.mark.parametrize("extensions", [("8BITMIME",), ("PIPELINING",)])
async def test_a_server_that_answers_drop_by_drop_costs_one_connection_and_its_deadline(
    extensions: tuple[str, ...],
) -> None:
    options = replace(LOCAL, deadlines=Deadlines(connect=1, greeting=1, reply=1, group=0.5))
    script = Script(only(), extensions=extensions, delay=0.1)
    async with ScriptedServer(script) as server:
        engine = engine_for(one_domain(), port=server.port, options=options)
        found = await verdicts(engine, readers(60))
        assert len(server.connections) == 1
    reasons = [verdict.reason for verdict in found.values()]
    assert 1 <= reasons.count(Reason.NO_SUCH_MAILBOX) <= 5, "what was answered counts"
    assert reasons.count(Reason.TIMEOUT) == 60 - reasons.count(Reason.NO_SUCH_MAILBOX)
    late = [verdict for verdict in found.values() if verdict.reason is Reason.TIMEOUT]
    assert all(verdict.retry_after is not None for verdict in late)
