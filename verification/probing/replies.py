"""Receives a mail server's replies on a connection, bounded in length and in time."""

import asyncio

from verification.errors import HangUpError, HostSilentError
from verification.judge import Reply, parse_reply
from verification.judge.reply import LONGEST_REPLY

#: A reply of more lines than this is cut off with the connection.
_MOST_LINES = 200
#: What a server says before it closes the connection (RFC 5321 section 3.8).
_CLOSING = b"421"
#: Bytes that may wait unread before the server has to.
_MOST_WAITING = 4 * LONGEST_REPLY


class ReplyReader(asyncio.Protocol):
    """Cuts what is received into replies of one or more lines.

    It takes the bytes from the transport itself, so that nothing can wait anywhere else unseen.
    """

    def __init__(self) -> None:
        """Wait for a connection."""
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._ended = False
        self._news = asyncio.Event()

    def use(self, transport: asyncio.Transport) -> None:
        """Receive from this transport; another one takes over when the connection is encrypted."""
        self._transport = transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to receive."""
        assert isinstance(transport, asyncio.Transport)
        self.use(transport)

    def data_received(self, data: bytes) -> None:
        """Keep what came, and let a server wait that says far too much."""
        self._received += data
        if len(self._received) > _MOST_WAITING and self._transport is not None:
            self._transport.pause_reading()
        self._news.set()

    def eof_received(self) -> None:
        """Note that no more will come; the transport closes itself."""
        self._ended = True
        self._news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that no more will come."""
        self.eof_received()

    @property
    def waiting(self) -> bool:
        """Tell whether something was received that nobody has read yet."""
        return bool(self._received)

    @property
    def left_over(self) -> bool:
        """Tell whether that is more than was asked for; a server may say that it is closing."""
        return self.waiting and not self._received.startswith(_CLOSING)

    async def read(self, deadline: float) -> Reply:
        """Read one reply of any number of lines within so many seconds.

        Raises:
            HostSilentError: It did not come in time.
            HangUpError: The connection ended, or what came is no reply.
        """
        try:
            if (end := self._end_of_reply()) is None:
                async with asyncio.timeout(deadline):
                    while (end := self._end_of_reply()) is None:
                        await self._receive()
        except TimeoutError as problem:
            raise HostSilentError("The mail server did not answer in time.") from problem
        except (ValueError, EOFError) as problem:
            raise HangUpError("The mail server closed the connection.") from problem
        received, self._received = self._received[:end], self._received[end:]
        return parse_reply(received)

    async def _receive(self) -> None:
        if self._ended or self._transport is None:
            raise EOFError
        self._news.clear()
        self._transport.resume_reading()
        await self._news.wait()

    def _end_of_reply(self) -> int | None:
        """Find where the first reply received ends; None while it is incomplete."""
        end = 0
        for _ in range(_MOST_LINES):
            begin, end = end, self._received.find(b"\n", end) + 1
            if not end:
                if len(self._received) - begin > 2 * LONGEST_REPLY:
                    raise ValueError("A line of the reply is too long.")
                return None
            if self._received[begin + 3 : begin + 4] != b"-" or end > LONGEST_REPLY:
                return end
        raise ValueError("The reply has too many lines.")
