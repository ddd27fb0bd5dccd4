"""TLS in the middle of a conversation: used where demanded, and never in the way of the caps."""

import asyncio
import socket
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.verification.scripted_mail import HANG_UP, Script, ScriptedServer, only
from tests.verification.worlds import NOW, engine_for, one_domain, readers, two_hosts, verdicts
from verification import Reason

#: The first state of a connection in Linux's ``tcp_states.h``.
TCP_ESTABLISHED = 1


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


async def test_a_server_that_offers_no_tls_is_asked_in_the_clear() -> None:
    demanding = Script(mail=lambda _: "530 5.7.0 Must issue a STARTTLS command first")
    plain = Script(only("ann@reader.example"), extensions=("PIPELINING",))
    async with (
        ScriptedServer(demanding) as first,
        ScriptedServer(plain, host="127.0.0.2", port=first.port) as second,
    ):
        engine = engine_for(two_hosts("127.0.0.1", "127.0.0.2"), port=first.port)
        found = await verdicts(engine, ["ann@reader.example"])
    assert found["ann@reader.example"].reason is Reason.ACCEPTED
    assert "STARTTLS" not in second.heard


async def test_a_server_that_hangs_up_at_starttls_is_unknown() -> None:
    script = Script(mail=lambda _: "530 5.7.0 TLS required", starttls=HANG_UP)
    async with ScriptedServer(script) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(2))
    assert {verdict.reason for verdict in found.values()} == {Reason.TLS_FAILED}


@pytest.mark.parametrize("lines", [1, 5000], ids=["one-line", "more-than-is-read-at-once"])
async def test_what_was_said_before_the_handshake_is_never_taken_for_an_encrypted_answer(
    tmp_path: Path, lines: int
) -> None:
    script = Script(tls=certified(tmp_path))
    async with ScriptedServer(script) as server:
        script.starttls = "220 2.0.0 Ready" + "\r\n250 Injected" * lines
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(2))
    assert {verdict.reason for verdict in found.values()} == {Reason.TLS_FAILED}
    assert server.heard[-1] == "STARTTLS"


async def test_an_encrypted_connection_is_gone_when_the_next_one_begins(tmp_path: Path) -> None:
    """The server never answers our close_notify, as many do not."""
    context, still_open = certified(tmp_path), list[int]()
    connections: list[asyncio.StreamWriter] = []
    usual = {"EHLO": "250-mx\r\n250 STARTTLS", "STARTTLS": "220 Go"}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        still_open.append(sum(map(is_open, connections)))
        connections.append(writer)
        answers = {**usual, "MAIL": "530 5.7.0 TLS first", "RCPT": "550 5.1.1 User unknown"}
        writer.write(b"220 mx\r\n")
        while (line := (await reader.readline()).decode().rstrip()) not in ("", "QUIT"):
            writer.write(f"{answers.get(line.partition(' ')[0], '250 Ok')}\r\n".encode())
            if line == "STARTTLS":
                await writer.start_tls(context)
                del answers["MAIL"]
        writer.write(b"221 Bye\r\n")
        assert isinstance(writer.transport, asyncio.Transport)
        writer.transport.pause_reading()

    def is_open(writer: asyncio.StreamWriter) -> bool:
        connection = writer.get_extra_info("socket")
        state: int = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        return state == TCP_ESTABLISHED

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        found = await verdicts(engine_for(one_domain(), port=port), readers(30))
        for writer in connections:
            writer.transport.abort()
    assert {verdict.reason for verdict in found.values()} == {Reason.NO_SUCH_MAILBOX}
    assert still_open == [0] * len(still_open)
