"""The mail world of the benchmark: DNS and SMTP on loopback, in a process of its own.

Every turn of a server costs a fixed time. As was measured on Postfix at its default limits, each
error after the tenth costs a second, and after the twentieth the server hangs up.
"""

import asyncio
import socket
import sys
from dataclasses import dataclass, field
from typing import cast

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from benchmarks.verification.people import (
    SMALL_HOSTS,
    host_address,
    host_of,
    mailbox_exists,
)

SMTP_PORT = 2525
RESOLVER = ("127.8.2.1", 5353)
SOFT_ERRORS, HARD_ERRORS = 10, 20
ERROR_SLEEP = 1.0


@dataclass
class Counts:
    """What the servers saw."""

    connections: int = 0
    open_now: int = 0
    most_open: int = 0
    recipients: int = 0
    hang_ups: int = 0
    forbidden: list[str] = field(default_factory=list)


class MailServer(asyncio.Protocol):
    """One connection to one mail host; answers a whole group of commands after one turn."""

    def __init__(self, turn: float, counts: Counts) -> None:
        self._turn = turn
        self._counts = counts
        self._buffer = b""
        self._errors = 0
        self._due = 0.0
        self._closing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet after one turn."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._counts.connections += 1
        self._counts.open_now += 1
        self._counts.most_open = max(self._counts.most_open, self._counts.open_now)
        self._send(b"220 mx.example.com ESMTP\r\n", 0.0)

    def connection_lost(self, exc: Exception | None) -> None:
        """Count the end."""
        self._counts.open_now -= 1

    def data_received(self, data: bytes) -> None:
        """Answer every complete command of the group."""
        self._buffer += data
        *lines, self._buffer = self._buffer.split(b"\r\n")
        pending, sleep = b"", 0.0
        for line in lines:
            if self._closing:
                break
            errors = self._errors
            pending += self._answer(line.decode("utf-8", "replace"))
            sleep += ERROR_SLEEP * (self._errors > max(errors, SOFT_ERRORS))
        if pending:
            self._send(pending, sleep)

    def _answer(self, line: str) -> bytes:
        verb = line[:4].upper()
        if verb == "RCPT":
            return self._recipient(line.partition("<")[2].rpartition(">")[0])
        if verb in ("MAIL", "RSET", "HELO"):
            return b"250 2.1.0 Ok\r\n"
        if verb == "EHLO":
            return b"250-mx.example.com\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n"
        if verb == "QUIT":
            self._closing = True
            return b"221 2.0.0 Bye\r\n"
        self._counts.forbidden.append(verb)
        return b"502 5.5.2 Error: command not recognized\r\n"

    def _recipient(self, address: str) -> bytes:
        self._counts.recipients += 1
        if mailbox_exists(address):
            return b"250 2.1.5 Ok\r\n"
        self._errors += 1
        if self._errors > HARD_ERRORS:
            self._closing = True
            self._counts.hang_ups += 1
            return b"421 4.7.0 mx.example.com Error: too many errors\r\n"
        return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown\r\n".encode()

    def _send(self, answer: bytes, sleep: float) -> None:
        now = self._loop.time()
        self._due = max(now + self._turn, self._due + sleep)
        self._loop.call_at(self._due, self._write, answer)

    def _write(self, answer: bytes) -> None:
        self._transport.write(answer)
        if self._closing and self._loop.time() >= self._due:
            self._transport.close()


class NameServer(asyncio.DatagramProtocol):
    """Answers MX and A questions about the world."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket to answer on."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question."""
        question = dns.message.from_wire(data)
        name, kind = question.question[0].name, question.question[0].rdtype
        text = name.to_text(omit_final_dot=True)
        response = dns.message.make_response(question)
        response.flags |= dns.flags.RA
        if kind == dns.rdatatype.MX:
            record = f"10 {host_of(text)}."
            response.answer.append(dns.rrset.from_text(name, 300, "IN", "MX", record))
        elif kind == dns.rdatatype.A:
            record = host_address(text)
            response.answer.append(dns.rrset.from_text(name, 300, "IN", "A", record))
        self._transport.sendto(response.to_wire(), addr)


async def serve(turn: float, smtp_port: int, dns_port: int) -> None:
    """Serve until standard input ends, then print what was seen."""
    counts = Counts()
    loop = asyncio.get_running_loop()
    small = (f"mx{number}.hosts.example.com" for number in range(SMALL_HOSTS))
    hosts = ["mx.big.example.com", "mx.second.example.com", *small]
    for host in hosts:
        listener = socket.create_server((host_address(host), smtp_port), backlog=512)
        await loop.create_server(lambda: MailServer(turn, counts), sock=listener)
    await loop.create_datagram_endpoint(NameServer, local_addr=(RESOLVER[0], dns_port))
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    print(
        f"{counts.connections} {counts.most_open} {counts.recipients} {counts.hang_ups} "
        f"{len(counts.forbidden)}",
        flush=True,
    )


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
