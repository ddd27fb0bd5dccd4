"""Carries one SMTP connection: lines in, replies out, delays and TLS in between."""

import asyncio
import ssl
from collections import deque

#: Without a line end after so many bytes the client is not speaking SMTP.
_BUFFER_MOST = 65_536


class LineProtocol(asyncio.Protocol):
    """Cut what arrives into lines and keep what has not been asked for yet."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._rest = b""
        self._lines: deque[bytes] = deque()
        self._closed = False
        self._arrived = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._lines.extend(lines)
        if len(self._rest) > _BUFFER_MOST:
            self.abort()
        self._arrived.set()

    def eof_received(self) -> bool:
        self._closed = True
        self._arrived.set()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed = True
        self._arrived.set()

    @property
    def waiting(self) -> bool:
        """Return whether the client has sent more than was read."""
        return bool(self._lines or self._rest)

    async def line(self) -> bytes | None:
        """Return the next line up to its LF, or None when the client has gone."""
        while not self._lines:
            if self._closed:
                return None
            self._arrived.clear()
            await self._arrived.wait()
        return self._lines.popleft()

    async def gone(self) -> None:
        """Wait until the client hangs up."""
        while not self._closed:
            self._arrived.clear()
            await self._arrived.wait()

    def send(self, data: bytes) -> None:
        """Send, unless the client has gone."""
        if self.transport is not None and not self._closed:
            self.transport.write(data)

    def close(self) -> None:
        """Send what is left and hang up."""
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        """Hang up at once."""
        if self.transport is not None:
            self.transport.abort()

    async def secure(self, context: ssl.SSLContext) -> None:
        """Begin TLS.

        Raises:
            OSError: the handshake failed (ssl.SSLError is one).
        """
        assert self.transport is not None
        loop = asyncio.get_running_loop()
        self.transport = await loop.start_tls(
            self.transport, self, context, server_side=True, ssl_handshake_timeout=10
        )
