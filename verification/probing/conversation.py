"""One SMTP conversation that only ever asks about recipients.

There is no method for DATA, BDAT, VRFY or EXPN: what cannot be said cannot be said by mistake.
"""

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

from verification.errors import (
    ConversationError,
    HangUpError,
    HostRefusedError,
    HostSilentError,
    HostUnreachableError,
)
from verification.judge import Reply, Stage
from verification.judge.reply import LONGEST_REPLY
from verification.networks import IpAddress
from verification.options import Deadlines
from verification.probing.replies import ReplyReader

#: RFC 5321 section 4.2.3: the answer to QUIT, and a server's word that it is closing.
_GOODBYE, _CLOSING = 221, 421
#: Seconds that the answer to QUIT is waited for: it changes nothing any more.
_PATIENCE_AT_QUIT = 5.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One address of one mail host, checked before it is connected to."""

    host: str
    address: IpAddress
    port: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """One MAIL FROM and the recipients to ask about, all of one domain."""

    recipients: tuple[str, ...]
    smtputf8: bool = False


@dataclass(frozen=True, slots=True)
class Answers:
    """The replies to one transaction; None where the server did not answer."""

    mail: Reply | None
    recipients: tuple[Reply | None, ...]


class Conversation:
    """An open connection to a mail server that has greeted us and heard our name."""

    def __init__(
        self,
        endpoint: Endpoint,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        deadlines: Deadlines,
    ) -> None:
        """Take over a fresh connection; ``open_conversation`` is the way to make one."""
        self.endpoint = endpoint
        #: Recipients refused so far; servers count them and lose patience.
        self.rejections = 0
        #: Whether the server can still be talked to.
        self.alive = True
        #: Whether it ended before all was answered.
        self.broken = False
        #: Whether it ended because a deadline came, and whether that was one reply's deadline.
        self.timed_out = False
        self.fell_silent = False
        #: Whether groups may go out in one write where the server says that it can take them.
        self.may_pipeline = True
        #: Whether the server said more than it was asked.
        self.talkative = False
        self._replies = ReplyReader(reader)
        self._writer = writer
        self._deadlines = deadlines
        self._extensions: frozenset[str] = frozenset()
        self._begun = False

    @property
    def takes_smtputf8(self) -> bool:
        """Tell whether non-ASCII mailboxes can be asked about (RFC 6531)."""
        return "smtputf8" in self._extensions

    @property
    def pipelines(self) -> bool:
        """Tell whether groups go out in one write (RFC 2920)."""
        return self.may_pipeline and "pipelining" in self._extensions

    async def introduce(self, helo_name: str, greeting: float) -> None:
        """Wait for the greeting, then say EHLO, or HELO to an old server.

        Raises:
            HostRefusedError: The server turned us away.
            HostSilentError: It did not answer in time.
            HangUpError: It closed the connection.
        """
        banner = await self._read(greeting)  # never talk before the greeting: RFC 5321 3.1
        if banner.code != 220:
            await self.quit()
            raise HostRefusedError(Stage.CONNECT, banner.readable)
        await self._say_hello(helo_name)

    async def _say_hello(self, helo_name: str) -> None:
        reply = await self._command(f"EHLO {helo_name}")
        if reply.code in (500, 501, 502, 504):  # RFC 5321 section 4.1.4: an old server
            self._extensions = frozenset()
            reply = await self._command(f"HELO {helo_name}")
        else:
            self._extensions = frozenset(line.lower().partition(" ")[0] for line in reply.lines[1:])
        if reply.code != 250:
            await self.quit()
            raise HostRefusedError(Stage.EHLO, reply.readable)

    async def start_tls(self, helo_name: str) -> None:
        """Encrypt the connection and introduce ourselves again (RFC 3207 section 4.2).

        Raises:
            HostRefusedError: The server does not want to, or cannot.
        """
        reply = await self._command("STARTTLS")
        if reply.code != 220:
            raise HostRefusedError(Stage.STARTTLS, reply.readable)
        self._replies.forget()  # RFC 3207 section 4.2: forget what was heard before
        try:
            async with asyncio.timeout(self._deadlines.reply):
                await self._writer.start_tls(_unverified_tls())
        except (OSError, TimeoutError) as problem:
            self.alive = False
            raise HostRefusedError(
                Stage.STARTTLS, f"The TLS handshake failed: {problem}"
            ) from problem
        self._begun = False
        await self._say_hello(helo_name)

    async def ask(
        self, mail_from: str, transactions: Sequence[Transaction], *, goodbye: bool = False
    ) -> list[Answers]:
        """Ask about all recipients; what stays unanswered is None, and nothing is raised.

        The whole group goes out at once where the server allows it: RSET, MAIL and RCPT may stand
        anywhere in a pipelined group, and QUIT at its end (RFC 2920 section 3.1). ``goodbye`` ends
        the conversation with this group.
        """
        commands = [self._commands(mail_from, transaction) for transaction in transactions]
        replies: list[list[Reply | None]] = [[] for _ in commands]
        try:
            async with asyncio.timeout(self._deadlines.group):
                await self._exchange(commands, replies, goodbye=goodbye)
        except HostSilentError:
            self.broken = self.timed_out = self.fell_silent = True
        except TimeoutError:
            self.broken = self.timed_out = True
        except HangUpError:
            self.broken = True
        self.alive = self.alive and not self.broken and not goodbye
        return [
            _answers(transaction, got)
            for transaction, got in zip(transactions, replies, strict=True)
        ]

    async def _exchange(
        self,
        commands: Sequence[list[bytes]],
        replies: list[list[Reply | None]],
        *,
        goodbye: bool,
    ) -> None:
        """Send commands and collect replies in order, in one write when pipelining."""
        pipelined = self.pipelines
        if pipelined:
            group = [line for lines in commands for line in lines]
            self._say(b"".join([*group, b"QUIT\r\n"] if goodbye else group))
        for lines, got in zip(commands, replies, strict=True):
            for line in lines:
                if not pipelined:
                    self._say(line)
                reply = await self._read(self._deadlines.reply)
                if not line.startswith(b"RSET"):
                    got.append(reply)
                if line.startswith(b"RCPT") and reply.code >= 400:
                    self.rejections += 1
                if reply.code == _CLOSING:
                    raise HangUpError
                if not pipelined and line.startswith(b"MAIL") and reply.code >= 300:
                    break
        farewell = await self.quit(said=pipelined) if goodbye else None
        if pipelined:
            unexpected = farewell is not None and farewell.code not in (_GOODBYE, _CLOSING)
            self.talkative = unexpected or self._replies.left_over

    def _say(self, lines: bytes) -> None:
        """Send commands, unless an answer waits that no command has asked for."""
        if self._replies.waiting:
            self.talkative = self._replies.left_over
            raise HangUpError("The mail server says more than it is asked.")
        self._writer.write(lines)

    def _commands(self, mail_from: str, transaction: Transaction) -> list[bytes]:
        parameters = " SMTPUTF8" if transaction.smtputf8 else ""
        lines = ["RSET"] if self._begun else []
        self._begun = True
        lines.append(f"MAIL FROM:<{mail_from}>{parameters}")
        lines.extend(f"RCPT TO:<{recipient}>" for recipient in transaction.recipients)
        return [f"{line}\r\n".encode() for line in lines]

    async def quit(self, *, said: bool = False) -> Reply | None:
        """Say goodbye, unless that was said already, and close; errors do not matter any more.

        Gives the answer, or None where there was none.
        """
        farewell = None
        if self.alive:
            self.alive = False
            with contextlib.suppress(HangUpError, HostSilentError, OSError):
                if not said:
                    self._writer.write(b"QUIT\r\n")
                farewell = await self._read(min(self._deadlines.reply, _PATIENCE_AT_QUIT))
        self.close()
        return farewell

    def close(self) -> None:
        """Close the connection without a word."""
        self.alive = False
        self._writer.close()

    async def _command(self, line: str) -> Reply:
        self._writer.write(f"{line}\r\n".encode())
        return await self._read(self._deadlines.reply)

    async def _read(self, deadline: float) -> Reply:
        try:
            return await self._replies.read(deadline)
        except ConversationError:
            self.alive = False
            raise


def _answers(transaction: Transaction, got: list[Reply | None]) -> Answers:
    """Line replies up with recipients; after a refused MAIL FROM there are no answers."""
    mail = got[0] if got else None
    replies = got[1:] if mail is not None and mail.code < 300 else []
    missing = len(transaction.recipients) - len(replies)
    return Answers(mail, (*replies, *([None] * missing)))


def _unverified_tls() -> ssl.SSLContext:
    """Make a context that takes any certificate, as mail servers do among themselves."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def open_conversation(
    endpoint: Endpoint, helo_name: str, deadlines: Deadlines, greeting: float
) -> Conversation:
    """Connect to an address that was checked, and introduce ourselves.

    Raises:
        HostUnreachableError: No connection could be made.
        HostRefusedError: The server turned us away.
        HostSilentError: It did not answer in time.
        HangUpError: It closed the connection.
    """
    try:
        async with asyncio.timeout(deadlines.connect):
            reader, writer = await asyncio.open_connection(
                str(endpoint.address), endpoint.port, limit=LONGEST_REPLY * 2
            )
    except OSError as problem:  # TimeoutError included: nobody took the connection
        raise HostUnreachableError(f"No connection to {endpoint.host}.") from problem
    conversation = Conversation(endpoint, reader, writer, deadlines)
    try:
        await conversation.introduce(helo_name, greeting)
    except BaseException:
        conversation.close()
        raise
    return conversation
