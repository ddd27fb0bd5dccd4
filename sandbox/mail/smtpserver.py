"""Listens for SMTP on one port of several loopback addresses and runs the sessions."""

import asyncio
import errno
import ssl
from collections.abc import Callable
from itertools import count

from sandbox.mail.connection import LineProtocol
from sandbox.mail.host import Setting
from sandbox.mail.journal import Alarm, Command, Journal
from sandbox.mail.replies import reply
from sandbox.mail.session import Session, Step

_PORT_TRIES = 20
#: Connections that one client may have to one server (Postfix smtpd_client_connection_count_limit).
CONNECTIONS_MOST = 50


class SmtpServer:
    """Serve every mail server of the world; the address that was dialled says which one it is."""

    def __init__(
        self,
        setting: Callable[[str, str], Setting],
        context: Callable[[], ssl.SSLContext],
        journal: Journal,
        clock: Callable[[], float],
    ) -> None:
        self._setting = setting
        self._context = context
        self._journal = journal
        self._clock = clock
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._open: dict[str, int] = {}
        self._numbers = count(1)
        self.port = 0
        self.addresses: tuple[str, ...] = ()

    async def start(self, most: int) -> None:
        """Open one port on up to `most` loopback addresses, as many as the system has."""
        wanted = [f"127.0.0.{number}" for number in range(1, most + 1)]
        for _ in range(_PORT_TRIES):
            if await self._open_port(wanted):
                return
        raise OSError("No port was free on all loopback addresses.")

    async def stop(self) -> None:
        """Close the port and every connection."""
        for server in self._servers:
            server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()

    async def _open_port(self, wanted: list[str]) -> bool:
        loop = asyncio.get_running_loop()
        port, found = 0, []
        for address in wanted:
            try:
                server = await loop.create_server(self._connected, address, port, backlog=512)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    await self.stop()
                    return False
                # Not Linux: 127.0.0.1 is the only loopback address.
                break
            port = server.sockets[0].getsockname()[1]
            self._servers.append(server)
            found.append(address)
        self.port, self.addresses = port, tuple(found)
        return bool(found)

    def _connected(self) -> LineProtocol:
        return _Connection(self._begin)

    def _begin(self, protocol: LineProtocol) -> None:
        task = asyncio.get_running_loop().create_task(self._serve(protocol))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, protocol: LineProtocol) -> None:
        transport = protocol.transport
        assert transport is not None
        address: str = transport.get_extra_info("sockname")[0]
        client: str = transport.get_extra_info("peername")[0]
        number = next(self._numbers)
        self._journal.connections += 1
        self._open[address] = self._open.get(address, 0) + 1
        most = self._journal.most_open
        most[address] = max(most.get(address, 0), self._open[address])
        session = Session(self._setting(address, client))
        try:
            await self._converse(protocol, session, number)
            protocol.close()
        except asyncio.CancelledError:
            protocol.abort()
            raise
        finally:
            self._open[address] -= 1

    async def _converse(self, protocol: LineProtocol, session: Session, number: int) -> None:
        await asyncio.sleep(session.pause)
        if self._open[session.setting.address] > CONNECTIONS_MOST:
            protocol.send(reply("421 4.7.0 Error: too many connections").wire())
            return
        step = session.greet(spoke_first=protocol.waiting)
        self._sound(session, number)
        if not step.replies:
            await protocol.gone()
            return
        while await self._perform(protocol, session, step):
            line = await protocol.line()
            if line is None:
                return
            await asyncio.sleep(session.pause)
            step = session.take(line, more=protocol.waiting, now=self._clock())
            self._record(session, number, line, step)

    async def _perform(self, protocol: LineProtocol, session: Session, step: Step) -> bool:
        """Do what a step says; return whether the conversation goes on."""
        await asyncio.sleep(step.delay)
        for answer in step.replies:
            protocol.send(answer.wire())
        if step.start_tls:
            try:
                await protocol.secure(self._context())
            except OSError:
                return False
            session.secured()
        return not step.close

    def _record(self, session: Session, number: int, line: bytes, step: Step) -> None:
        server = session.setting.address
        verb, _, argument = line.decode("utf-8", "replace").rstrip("\r").partition(" ")
        self._journal.write(
            Command(self._clock(), number, server, verb.upper(), argument, step.code)
        )
        self._sound(session, number)

    def _sound(self, session: Session, number: int) -> None:
        server = session.setting.address
        alarms = (Alarm(number, server, what) for what in session.alarms)
        self._journal.alarms.extend(alarms)
        session.alarms.clear()


class _Connection(LineProtocol):
    """Begin a conversation once there is somebody to talk to."""

    def __init__(self, begin: Callable[[LineProtocol], None]) -> None:
        super().__init__()
        self._begin = begin

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._begin(self)
