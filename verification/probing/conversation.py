"""One SMTP conversation that only ever asks about recipients.

There is no method for DATA, BDAT, VRFY or EXPN: what cannot be said cannot be said by mistake.
"""

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from verification.errors import (
    ConversationError,
    HangUpError,
    HostRefusedError,
    HostSilentError,
    HostUnreachableError,
    OutOfStepError,
)
from verification.judge import Reply, Stage
from verification.networks import IpAddress, parse_ip
from verification.options import Deadlines
from verification.probing.encryption import encrypt
from verification.probing.replies import ReplyReader

#: RFC 5321 section 4.2.3: the answer to QUIT, and a server's word that it is closing.
_GOODBYE, _CLOSING = 221, 421
#: RFC 5321 section 3.2: who does not know EHLO may still take HELO. Any other refusal is about us.
_NO_EHLO = frozenset({500, 502, 503})
#: Seconds that the answer to QUIT is waited for.
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
        replies: ReplyReader,
        transport: asyncio.Transport,
        deadlines: Deadlines,
    ) -> None:
        """Take over a fresh connection; ``open_conversation`` is the way to make one."""
        self.endpoint = endpoint
        #: Our own end of the connection.
        self.local_address = parse_ip(transport.get_extra_info("sockname")[0])
        #: Recipients refused so far; servers count them and lose patience.
        self.rejections = 0
        #: Whether the server can still be talked to.
        self.alive = True
        #: Whether it ended before all was answered.
        self.broken = False
        #: Whether it ended because one reply, or the rest of a whole group, took too long.
        self.fell_silent = False
        self.overran = False
        #: Whether groups may go out in one write where the server says that it can take them.
        self.may_pipeline = True
        #: Whether the server said what it was not asked: then any of its answers may be another's.
        self.out_of_step = False
        #: Whether QUIT had its own answer, so that no earlier one can be on its way.
        self.parted = False
        self._replies = replies
        self._transport = transport
        self._deadlines = deadlines
        self._extensions: frozenset[str] = frozenset()
        self._begun = False

    @property
    def takes_smtputf8(self) -> bool:
        """Tell whether non-ASCII mailboxes can be asked about (RFC 6531)."""
        return "smtputf8" in self._extensions

    @property
    def offers_tls(self) -> bool:
        """Tell whether the connection can be encrypted (RFC 3207)."""
        return "starttls" in self._extensions

    @property
    def pipelines(self) -> bool:
        """Tell whether groups go out in one write (RFC 2920)."""
        return self.may_pipeline and "pipelining" in self._extensions

    @property
    def hung_up(self) -> bool:
        """Tell whether the server ended it before all was answered."""
        return self.broken and not self.fell_silent and not self.overran

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
            raise HostRefusedError(Stage.CONNECT, banner.readable, self.local_address)
        await self._say_hello(helo_name)

    async def _say_hello(self, helo_name: str) -> None:
        reply = await self._command(f"EHLO {helo_name}")
        extensions = reply.lines[1:] if reply.code == 250 else ()
        self._extensions = frozenset(line.lower().partition(" ")[0] for line in extensions)
        if reply.code in _NO_EHLO:
            with contextlib.suppress(HangUpError):  # then the refusal of EHLO is what counts
                reply = await self._command(f"HELO {helo_name}")
        if reply.code != 250:
            await self.quit()
            raise HostRefusedError(Stage.EHLO, reply.readable, self.local_address)

    async def start_tls(self, helo_name: str) -> None:
        """Encrypt the connection and introduce ourselves again (RFC 3207 section 4.2).

        Raises:
            HostRefusedError: The server does not want to, or cannot.
        """
        reply = await self._command("STARTTLS")
        if reply.code != 220:
            raise HostRefusedError(Stage.STARTTLS, reply.readable)
        try:
            async with asyncio.timeout(self._deadlines.reply):
                self._transport = await encrypt(self._transport, self._replies)
        except (OSError, TimeoutError) as problem:
            self.alive = False
            raise HostRefusedError(
                Stage.STARTTLS, f"The TLS handshake failed: {problem}"
            ) from problem
        self._begun = False
        await self._say_hello(helo_name)

    async def ask(
        self,
        mail_from: str,
        transactions: Sequence[Transaction],
        *,
        goodbye: bool = False,
        enough: Callable[[Stage, Reply], bool] = lambda _stage, _reply: False,
    ) -> list[Answers]:
        """Ask about all recipients; what stays unanswered is None, and nothing is raised.

        The whole group goes out at once where the server allows it: RSET, MAIL and RCPT may stand
        anywhere in a pipelined group, and QUIT at its end (RFC 2920 section 3.1). ``goodbye`` ends
        the conversation with this group. Where it goes out one by one, nothing more is asked after
        a reply that is ``enough``.
        """
        commands = [self._commands(mail_from, transaction) for transaction in transactions]
        replies: list[list[Reply | None]] = [[] for _ in commands]
        pipelined = self.pipelines
        try:
            async with asyncio.timeout(self._deadlines.group):
                if pipelined:
                    self._say(b"".join([*chain(*commands), b"QUIT\r\n" if goodbye else b""]))
                    await self._hear(commands, replies)
                else:
                    await self._ask_one_by_one(commands, replies, enough)
        except HostSilentError:
            self.broken = self.fell_silent = True
        except TimeoutError:
            self.broken = self.overran = True
        except HangUpError:
            self.broken = True
        self.alive = self.alive and not self.broken
        if goodbye:
            await self.quit(said=pipelined)
        return [
            _answers(transaction, got)
            for transaction, got in zip(transactions, replies, strict=True)
        ]

    async def _hear(
        self, commands: Sequence[list[bytes]], replies: list[list[Reply | None]]
    ) -> None:
        """Collect the replies to commands that went out in one write."""
        for lines, got in zip(commands, replies, strict=True):
            for line in lines:
                self._take(line, await self._read(self._deadlines.reply), got)

    async def _ask_one_by_one(
        self,
        commands: Sequence[list[bytes]],
        replies: list[list[Reply | None]],
        enough: Callable[[Stage, Reply], bool],
    ) -> None:
        """Say each command when the one before it is answered."""
        for lines, got in zip(commands, replies, strict=True):
            for line in lines:
                self._say(line)
                reply = await self._read(self._deadlines.reply)
                self._take(line, reply, got)
                stage = Stage.MAIL if line.startswith(b"MAIL") else Stage.RCPT
                if not line.startswith(b"RSET") and enough(stage, reply):
                    return
                if stage is Stage.MAIL and reply.code >= 300:
                    break

    def _take(self, line: bytes, reply: Reply, got: list[Reply | None]) -> None:
        """Put a reply with those of its transaction, unless it ends the conversation."""
        if line.startswith(b"RSET"):
            # RFC 5321 section 4.1.1.5: always 250, so a refusal is a recipient's before it.
            if reply.code >= 300 and reply.code != _CLOSING:
                raise self._lose_step()
        else:
            got.append(reply)
            self.rejections += line.startswith(b"RCPT") and reply.code >= 400
        if reply.code == _CLOSING:
            raise HangUpError("The mail server is closing the connection.")

    def _say(self, lines: bytes) -> None:
        """Send commands, unless an answer waits that no command has asked for.

        Raises:
            OutOfStepError: One does.
            HangUpError: The server has said that it is closing.
        """
        if self._replies.left_over:
            raise self._lose_step()
        if self._replies.waiting:
            raise HangUpError("The mail server is closing the connection.")
        self._transport.write(lines)

    def _lose_step(self) -> OutOfStepError:
        self.alive = False
        self.out_of_step = True
        return OutOfStepError("The mail server says what it was not asked.")

    def _commands(self, mail_from: str, transaction: Transaction) -> list[bytes]:
        parameters = " SMTPUTF8" if transaction.smtputf8 else ""
        lines = ["RSET"] if self._begun else []
        self._begun = True
        lines.append(f"MAIL FROM:<{mail_from}>{parameters}")
        lines.extend(f"RCPT TO:<{recipient}>" for recipient in transaction.recipients)
        return [f"{line}\r\n".encode() for line in lines]

    async def quit(self, *, said: bool = False) -> None:
        """Say goodbye, unless that was said already, and close; nothing is raised."""
        if self.alive:
            self.alive = False
            with contextlib.suppress(ConversationError):
                if not said:
                    self._transport.write(b"QUIT\r\n")
                farewell = await self._read(min(self._deadlines.reply, _PATIENCE_AT_QUIT))
                self.parted = farewell.code == _GOODBYE
                self.out_of_step |= farewell.code not in (_GOODBYE, _CLOSING)
            self.out_of_step |= self._replies.left_over
        self.close()
        await asyncio.sleep(0)  # the loop closes the socket in its next turn

    def close(self) -> None:
        """Close the connection without a word."""
        self.alive = False
        self._transport.abort()  # otherwise an encrypted one stays open until the server agrees

    async def _command(self, line: str) -> Reply:
        self._say(f"{line}\r\n".encode())
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
            transport, replies = await asyncio.get_running_loop().create_connection(
                ReplyReader, str(endpoint.address), endpoint.port
            )
    except OSError as problem:  # TimeoutError included: nobody took the connection
        raise HostUnreachableError(f"No connection to {endpoint.host}.") from problem
    conversation = Conversation(endpoint, replies, transport, deadlines)
    try:
        await conversation.introduce(helo_name, greeting)
    except BaseException:
        conversation.close()
        raise
    return conversation
