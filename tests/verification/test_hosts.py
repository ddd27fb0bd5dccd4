"""Which hosts are talked to and how: failures, TLS, tarpits, and addresses that are not public."""

import ssl
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.verification.scripted_mail import (
    HANG_UP,
    Script,
    ScriptedServer,
    only,
)
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
from verification import Category, Deadlines, Reason


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        pytest.param(Script(banner="554 5.7.1 Your IP is blocked"), Reason.BLOCKED, id="banner"),
        pytest.param(Script(ehlo="550 Bad HELO"), Reason.SENDER_REJECTED, id="ehlo"),
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


async def test_helo_is_said_to_a_server_that_does_not_know_ehlo() -> None:
    script = Script(only("ann@reader.example"), ehlo="502 5.5.2 Error: command not recognized")
    async with ScriptedServer(script) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), ["ann@reader.example"])
    assert server.heard[1] == "HELO verifier.example.com"
    assert found["ann@reader.example"].reason is Reason.ACCEPTED


def certified(folder: Path) -> ssl.SSLContext:
    """Make a server's TLS context with a certificate that nobody has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mx.example.com")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1)
    lasting = builder.not_valid_before(NOW).not_valid_after(NOW + timedelta(days=9999))
    file = folder / "certificate.pem"
    file.write_bytes(
        lasting.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
        + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_tls_is_used_where_the_server_demands_it(tmp_path: Path) -> None:
    script = Script(only("ann@reader.example"), tls=certified(tmp_path))
    async with ScriptedServer(script) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), ["ann@reader.example"])
    assert found["ann@reader.example"].reason is Reason.ACCEPTED
    assert server.heard.count("EHLO verifier.example.com") == 3


async def test_a_server_that_wants_tls_even_then_is_given_up(tmp_path: Path) -> None:
    wants_more = Script(lambda _: "530 5.7.0 STARTTLS required", tls=certified(tmp_path))
    async with ScriptedServer(wants_more) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(3))
    assert {verdict.reason for verdict in found.values()} == {Reason.TLS_FAILED}


async def test_a_server_whose_starttls_fails_leaves_its_addresses_unknown() -> None:
    script = Script(mail=lambda _: "530 5.7.0 Must issue a STARTTLS command first")
    async with ScriptedServer(script) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(2))
    assert {verdict.reason for verdict in found.values()} == {Reason.TLS_FAILED}
    assert "STARTTLS" in server.heard


def two_hosts(*addresses: str) -> ScriptedDns:
    """Make DNS in which a domain has two mail hosts."""
    return ScriptedDns(
        mail={DOMAIN: ["mx1.example.com", "mx2.example.com"]},
        hosts={f"mx{n}.example.com": [address] for n, address in enumerate(addresses, start=1)},
    )


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


async def test_a_server_that_hangs_up_at_starttls_is_unknown() -> None:
    script = Script(mail=lambda _: "530 5.7.0 TLS required", starttls=HANG_UP)
    async with ScriptedServer(script) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(2))
    assert {verdict.reason for verdict in found.values()} == {Reason.TLS_FAILED}
