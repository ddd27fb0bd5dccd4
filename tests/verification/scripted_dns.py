"""A DNS server over UDP and TCP on a loopback port, whose answers the test writes."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from verification.resolver import DnsResolver

#: What to answer: lines of a zone file, a response code, what fills in the whole response, or None
#: for silence.
Answer = list[str] | dns.rcode.Rcode | Callable[[dns.message.Message], None] | None


class ScriptedDnsServer(asyncio.DatagramProtocol):
    """Answers each question as the test says, and remembers what it was asked."""

    def __init__(self, answer: Callable[[str, str], Answer], *, truncate: bool = False) -> None:
        """Ask ``answer`` with a name without its final dot and a record type."""
        self.asked: list[tuple[str, str]] = []
        self._answer = answer
        self._truncate = truncate

    async def __aenter__(self) -> Self:
        self._tcp = await asyncio.start_server(self._serve_tcp, "127.0.0.1", 0)
        self.address: tuple[str, int] = self._tcp.sockets[0].getsockname()
        loop = asyncio.get_running_loop()
        self._udp, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=self.address)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._udp.close()
        self._tcp.close()
        await self._tcp.wait_closed()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one question over UDP."""
        response = self._respond(data, truncate=self._truncate)
        if response is not None:
            self._udp.sendto(response, addr)

    async def _serve_tcp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        size = int.from_bytes(await reader.readexactly(2), "big")
        response = self._respond(await reader.readexactly(size), truncate=False)
        if response is not None:
            writer.write(len(response).to_bytes(2, "big") + response)
            await writer.drain()
        writer.close()

    def _respond(self, data: bytes, *, truncate: bool) -> bytes | None:
        question = dns.message.from_wire(data)
        name, kind = question.question[0].name, question.question[0].rdtype
        self.asked.append((name.to_text(omit_final_dot=True), kind.name))
        answer = self._answer(name.to_text(omit_final_dot=True), kind.name)
        if answer is None:
            return None
        response = dns.message.make_response(question)
        response.flags |= dns.flags.RA
        if callable(answer):
            answer(response)
        elif isinstance(answer, dns.rcode.Rcode):
            response.set_rcode(answer)
        elif truncate:
            response.flags |= dns.flags.TC
        elif answer:
            response.answer.append(dns.rrset.from_text(name, 60, "IN", kind.name, *answer))
        return response.to_wire()


def resolver_at(
    server: tuple[str, int], clock: Callable[[], float] = lambda: 0.0, lifetime: float = 3.0
) -> DnsResolver:
    """Make a resolver that asks the test's server."""
    return DnsResolver(server=server, lifetime=lifetime, clock=clock)


def mail_answers(answer: Answer) -> Callable[[str, str], Answer]:
    """Answer MX questions so, and every other question with nothing."""
    return lambda name, kind: answer if kind == "MX" else []
