"""A mail server whose every answer is written by the test, strictly by RFC 5321 and RFC 2920."""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

#: Close the connection instead of answering.
HANG_UP = ""


def accept_everybody(recipient: str) -> str:
    """Answer every recipient with 250."""
    return "250 2.1.5 Ok"


def only(*mailboxes: str) -> Callable[[str], str]:
    """Accept these mailboxes and refuse all others, as Postfix does."""

    def answer(recipient: str) -> str:
        if recipient in mailboxes:
            return "250 2.1.5 Ok"
        return f"550 5.1.1 <{recipient}>: Recipient address rejected: User unknown in local table"

    return answer


@dataclass
class Script:
    """What a server says; ``HANG_UP`` closes the connection at that point."""

    recipient: Callable[[str], str] = accept_everybody
    banner: str = "220 mx.example.com ESMTP"
    extensions: Sequence[str] = ("PIPELINING", "SMTPUTF8", "STARTTLS")
    ehlo: str | None = None
    helo: str = "250 mx.example.com"
    mail: Callable[[str], str] = lambda _: "250 2.1.0 Ok"
    #: Seconds before each answer.
    delay: float = 0.0
    #: Encrypts the connection after STARTTLS; without it the command is refused.
    tls: ssl.SSLContext | None = None
    #: The answer to STARTTLS, where it is not the usual one.
    starttls: str | None = None
    #: Hang up with 421 at this many refused recipients in one connection.
    patience: int | None = None


@dataclass
class ScriptedServer:
    """Listens on a loopback port while used as a context manager, and remembers what it heard."""

    script: Script = field(default_factory=Script)
    host: str = "127.0.0.1"
    port: int = 0
    #: Further addresses of the same server, at the same port.
    also: Sequence[str] = ()
    #: Every command line of every connection, in order.
    heard: list[str] = field(default_factory=list)
    #: The recipients of each connection.
    connections: list[list[str]] = field(default_factory=list)
    open_now: int = 0
    most_open: int = 0
    #: Recipients that arrived before an earlier one was answered.
    pipelined: int = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        self._others = [
            await asyncio.start_server(self._serve, host, self.port) for host in self.also
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for server in (self._server, *self._others):
            server.close()
            await server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            await _Session(self, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open_now -= 1
            writer.close()


class _Session:
    def __init__(
        self, server: ScriptedServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._script = server.script
        self._reader = reader
        self._writer = writer
        self._sender_known = False
        self.encrypted = False
        self._refused = 0
        self._recipients: list[str] = []
        server.connections.append(self._recipients)

    async def run(self) -> None:
        if not await self._say(self._script.banner):
            return
        while line := await self._reader.readline():
            command = line.decode().rstrip("\r\n")
            self._server.heard.append(command)
            if not await self._say(self._answer(command)) or command == "QUIT":
                return
            if command == "STARTTLS" and self._script.tls is not None:
                await self._writer.start_tls(self._script.tls)
                self.encrypted = True

    async def _say(self, answer: str) -> bool:
        if self._script.delay:
            await asyncio.sleep(self._script.delay)
        if answer == HANG_UP:
            return False
        self._writer.write(f"{answer}\r\n".encode("utf-8", "surrogateescape"))
        await self._writer.drain()
        return not answer.startswith("421")

    def _answer(self, command: str) -> str:
        verb = command.upper().partition(" ")[0]
        if verb == "EHLO":
            if self._script.ehlo is not None:
                return self._script.ehlo
            lines = ["mx.example.com", *self._script.extensions]
            return "\r\n".join(f"250-{line}" for line in lines[:-1]) + f"\r\n250 {lines[-1]}"
        if verb == "STARTTLS":
            if self._script.starttls is not None:
                return self._script.starttls
            return "502 5.5.2 Error" if self._script.tls is None else "220 2.0.0 Ready"
        if verb == "MAIL":
            answer = self._script.mail(command)
            if self._script.tls is not None and not self.encrypted:
                answer = "530 5.7.0 Must issue a STARTTLS command first"
            self._sender_known = answer.startswith("2")
            return answer
        if verb == "RCPT":
            return self._recipient(command)
        if verb == "RSET":
            self._sender_known = False
        known = {"HELO": self._script.helo, "RSET": "250 Ok", "QUIT": "221 Bye"}
        return known.get(verb, "502 5.5.2 Error: command not recognized")

    def _recipient(self, command: str) -> str:
        if not self._sender_known:
            return "503 5.5.1 Error: need MAIL command"
        recipient = command.partition("<")[2].rpartition(">")[0]
        self._recipients.append(recipient)
        answer = self._script.recipient(recipient)
        self._refused += not answer.startswith("2")
        if self._script.patience is not None and self._refused > self._script.patience:
            return "421 4.7.0 mx.example.com Error: too many errors"
        return answer
