"""Carries DNS questions to the zone over UDP and TCP on loopback; it decides nothing."""

import asyncio
import struct
from collections.abc import Callable
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype

from sandbox.mail.journal import Journal, Question
from sandbox.mail.zone import Zone

_PORT_TRIES = 20
_TCP_MOST = 65_535
#: Without EDNS (RFC 1035 section 4.2.1).
_UDP_MOST = 512


class DnsServer:
    """Listen on one loopback port, UDP and TCP."""

    def __init__(self, zone: Zone, journal: Journal, clock: Callable[[], float]) -> None:
        self._zone = zone
        self._journal = journal
        self._clock = clock
        self._udp: asyncio.DatagramTransport | None = None
        self._tcp: asyncio.Server | None = None
        self._connections: set[asyncio.StreamWriter] = set()
        self.address = ("127.0.0.1", 0)

    async def start(self) -> None:
        """Open a port that is free for both."""
        loop = asyncio.get_running_loop()
        for _ in range(_PORT_TRIES):
            tcp = await asyncio.start_server(self._serve_tcp, "127.0.0.1", 0)
            port = tcp.sockets[0].getsockname()[1]
            try:
                self._udp, _ = await loop.create_datagram_endpoint(
                    lambda: _Udp(self), local_addr=("127.0.0.1", port)
                )
            except OSError:
                tcp.close()
                await tcp.wait_closed()
                continue
            self._tcp, self.address = tcp, ("127.0.0.1", port)
            return
        raise OSError("No loopback port was free for both UDP and TCP.")

    async def stop(self) -> None:
        """Close the port and what is connected to it."""
        if self._udp is not None:
            self._udp.close()
        if self._tcp is not None:
            self._tcp.close()
            for writer in list(self._connections):
                writer.transport.abort()
            await self._tcp.wait_closed()

    def respond(self, wire: bytes, transport: str) -> bytes | None:
        """Return the answer to one message, or None for none."""
        try:
            query = dns.message.from_wire(wire)
        except dns.exception.DNSException:
            return None
        if query.flags & dns.flags.QR or len(query.question) != 1:
            return None
        response = self._zone.answer(query)
        outcome = "silence" if response is None else dns.rcode.to_text(response.rcode())
        question = query.question[0]
        self._journal.questions.append(
            Question(
                at=self._clock(),
                name=question.name.to_text(omit_final_dot=True),
                kind=dns.rdatatype.to_text(question.rdtype),
                transport=transport,
                outcome=outcome,
            )
        )
        if response is None:
            return None
        if transport == "tcp":
            return response.to_wire(max_size=_TCP_MOST)
        # Too big for the asker's buffer: cut, and ask to come again by TCP.
        room = query.payload if query.edns >= 0 else _UDP_MOST
        return response.to_wire(max_size=room, prefer_truncation=True)

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections.add(writer)
        try:
            while True:
                (length,) = struct.unpack("!H", await reader.readexactly(2))
                answer = self.respond(await reader.readexactly(length), "tcp")
                if answer is not None:
                    writer.write(struct.pack("!H", len(answer)) + answer)
                    await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._connections.discard(writer)
            writer.close()


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, server: DnsServer) -> None:
        self._server = server
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self._server.respond(data, "udp")
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, addr)
