"""Servers that offer PIPELINING and cannot do it: asked again one by one, and nobody misjudged."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

import pytest

from tests.verification.worlds import LOCAL, ScriptedDns, engine_for, one_domain, readers, verdicts
from verification import Category, Deadlines, Reason
from verification.judge import Reply, parse_reply
from verification.probing.conversation import Answers
from verification.probing.pipelining import lost_step

#: Answers for a chunk of several commands; an empty answer hangs up.
Muddle = Callable[[list[str], "MuddledServer"], Iterator[str]]
IMPATIENT = replace(LOCAL, deadlines=Deadlines(connect=5, greeting=5, reply=1, group=3))


@dataclass
class MuddledServer:
    """Answers properly what comes alone; several commands at once are answered by a muddle."""

    muddle: Muddle
    there: frozenset[str]
    port: int = 0
    #: The commands of each connection, in chunks as they arrived.
    connections: list[list[list[str]]] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        chunks: list[list[str]] = []
        self.connections.append(chunks)
        writer.write(b"220 mx.example.com ESMTP\r\n")
        while chunk := await reader.read(65_536):
            chunks.append(chunk.decode().splitlines())
            answers = (
                (self.answer(line) for line in chunks[-1])
                if len(chunks[-1]) == 1
                else self.muddle(chunks[-1], self)
            )
            for answer in answers:
                if not answer:
                    return
                writer.write(f"{answer}\r\n".encode())
                if answer.startswith("221"):
                    return

    def answer(self, line: str) -> str:
        verb = line.partition(" ")[0]
        if verb == "RCPT":
            there = line.partition("<")[2].rpartition(">")[0] in self.there
            return "250 2.1.5 Ok" if there else "550 5.1.1 User unknown"
        usual = {"EHLO": "250-mx.example.com\r\n250 PIPELINING", "QUIT": "221 2.0.0 Bye"}
        return usual.get(verb, "250 2.0.0 Ok")

    @property
    def pipelined(self) -> list[bool]:
        """Tell for each connection whether several commands came at once."""
        return [any(len(chunk) > 1 for chunk in chunks) for chunks in self.connections]


def one_answer(lines: list[str], server: MuddledServer) -> Iterator[str]:
    """Take the whole chunk for one command."""
    yield "500 5.5.2 Line too long"


def only_the_first(lines: list[str], server: MuddledServer) -> Iterator[str]:
    """Answer the first command and forget the others."""
    yield server.answer(lines[0])


def hang_up(lines: list[str], server: MuddledServer) -> Iterator[str]:
    """Close the connection."""
    yield ""


def hang_up_after_mail(lines: list[str], server: MuddledServer) -> Iterator[str]:
    """Close the connection after the answer to MAIL FROM."""
    yield server.answer(lines[0])
    yield ""


def bad_sequence(lines: list[str], server: MuddledServer) -> Iterator[str]:
    """Answer the first recipient, and call the rest a bad sequence."""
    for number, line in enumerate(lines):
        early = number < 2 or line == "QUIT"
        yield server.answer(line) if early else "503 5.5.1 Bad sequence of commands"


def syntax_errors(lines: list[str], server: MuddledServer) -> Iterator[str]:
    """Understand MAIL FROM and nothing after it."""
    for number, line in enumerate(lines):
        yield server.answer(line) if number == 0 else "501 Syntax error"


def an_answer_too_many(lines: list[str], server: MuddledServer) -> Iterator[str]:
    """Say the answer to MAIL FROM twice, so that every recipient gets its neighbour's answer."""
    yield server.answer(lines[0])
    yield from (server.answer(line) for line in lines)


def an_answer_too_few(lines: list[str], server: MuddledServer) -> Iterator[str]:
    """Swallow one recipient, so that every later one gets its neighbour's answer."""
    yield from (server.answer(line) for number, line in enumerate(lines) if number != 1)


def an_answer_too_few_without_goodbye(lines: list[str], server: MuddledServer) -> Iterator[str]:
    """Swallow the first recipient, and QUIT too."""
    yield from an_answer_too_few([line for line in lines if line != "QUIT"], server)


def synchronization_error(lines: list[str], server: MuddledServer) -> Iterator[str]:
    """Refuse in Exim's words."""
    yield "554 SMTP synchronization error"
    yield ""


@pytest.mark.parametrize("swallowed", [1, 2, 5])
async def test_a_reply_that_is_swallowed_later_makes_no_living_mailbox_invalid(
    swallowed: int,
) -> None:
    people = readers(60)
    there = frozenset(people[::2])

    def muddle(lines: list[str], server: MuddledServer) -> Iterator[str]:
        """Swallow a reply on every connection but the first, and fall silent at the end."""
        for number, line in enumerate(lines):
            if len(server.connections) == 1 or (number != swallowed and line != "QUIT"):
                yield server.answer(line)

    async with MuddledServer(muddle, there) as server:
        engine = engine_for(one_domain(), port=server.port, options=IMPATIENT)
        found = await verdicts(engine, people)
        assert server.pipelined[:2] == [True, True]
    assert Category.INVALID not in {found[one].category for one in there}
    assert len(found) == len(people)


MUDDLES = [
    one_answer,
    only_the_first,
    hang_up,
    hang_up_after_mail,
    bad_sequence,
    syntax_errors,
    an_answer_too_many,
    an_answer_too_few,
    an_answer_too_few_without_goodbye,
    synchronization_error,
]


@pytest.mark.parametrize("muddle", [pytest.param(one, id=one.__name__) for one in MUDDLES])
async def test_a_server_that_cannot_pipeline_is_asked_again_one_by_one(muddle: Muddle) -> None:
    people = readers(8)
    async with MuddledServer(muddle, frozenset(people[::2])) as server:
        engine = engine_for(one_domain(), port=server.port, options=IMPATIENT)
        found = await verdicts(engine, people)
        assert server.pipelined == [True, False]
        later = await verdicts(engine, readers(10)[8:])
        assert server.pipelined == [True, False, False], "it was not remembered"
    reasons = {address: verdict.reason for address, verdict in found.items()}
    assert reasons == {
        **dict.fromkeys(people[::2], Reason.ACCEPTED),
        **dict.fromkeys(people[1::2], Reason.NO_SUCH_MAILBOX),
    }
    assert {verdict.reason for verdict in later.values()} == {Reason.NO_SUCH_MAILBOX}
    assert engine.blocks == ()


async def test_another_host_is_still_asked_in_groups() -> None:
    def muddle(lines: list[str], server: MuddledServer) -> Iterator[str]:
        muddled = any("bad.example" in line for line in lines)
        for line in lines:
            yield "503 Bad sequence" if muddled else server.answer(line)

    dns = ScriptedDns(
        mail={"bad.example": ["mx.bad.example"], "good.example": ["mx.good.example"]},
        hosts={"mx.bad.example": ["127.0.0.1"], "mx.good.example": ["127.0.0.1"]},
    )
    people = [*readers(3, "bad.example"), *readers(3, "good.example")]
    async with MuddledServer(muddle, frozenset(people)) as server:
        found = await verdicts(engine_for(dns, port=server.port), people)
    assert {verdict.reason for verdict in found.values()} == {Reason.ACCEPTED}
    assert sorted(server.pipelined) == [False, True, True]


async def test_one_odd_address_does_not_cost_a_host_its_groups() -> None:
    def muddle(lines: list[str], server: MuddledServer) -> Iterator[str]:
        for line in lines:
            yield "555 5.5.2 Syntax error" if "reader1@" in line else server.answer(line)

    people = readers(5)
    async with MuddledServer(muddle, frozenset(people)) as server:
        engine = engine_for(one_domain(), port=server.port)
        found = await verdicts(engine, people)
        await verdicts(engine, readers(7)[5:])
    assert found.pop("reader1@reader.example").reason is Reason.PROTOCOL
    assert {verdict.reason for verdict in found.values()} == {Reason.ACCEPTED}
    assert server.pipelined == [True, True]


async def test_a_server_that_hangs_up_at_single_commands_too_is_given_up() -> None:
    class Deaf(MuddledServer):
        def answer(self, line: str) -> str:
            return "" if line.startswith("RCPT") else super().answer(line)

    async with Deaf(hang_up, frozenset()) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), readers(20))
    assert {verdict.reason for verdict in found.values()} == {Reason.CONNECTION_LOST}
    assert len(server.connections) <= 3


def said(*texts: str | None) -> tuple[Reply | None, ...]:
    """Write the answers of recipients; None where there was none."""
    return tuple(None if text is None else parse_reply(text) for text in texts)


OK, GONE, ODD = "250 Ok", "550 5.1.1 User unknown", "500 What?"


@pytest.mark.parametrize(
    ("mail", "recipients", "expected"),
    [
        pytest.param(OK, (OK, GONE, OK), False, id="in-step"),
        pytest.param(OK, (OK, ODD, GONE), False, id="one-odd-address"),
        pytest.param(OK, (OK, GONE, ODD), False, id="one-odd-address-at-the-end"),
        pytest.param(OK, (OK, ODD, ODD), True, id="errors-to-the-end"),
        pytest.param(OK, (ODD,), True, id="nothing-but-an-error"),
        pytest.param(OK, (OK, "503 Bad sequence", OK), True, id="bad-sequence"),
        pytest.param(ODD, (), True, id="mail-not-understood"),
        pytest.param(OK, (OK, "221 Bye"), True, id="the-answer-to-quit"),
        pytest.param("550 5.7.1 Go away", (), False, id="mail-refused"),
        pytest.param("421 Busy", (), False, id="closing-at-mail"),
        pytest.param(OK, ("421 Busy", None), False, id="closing-at-a-recipient"),
        pytest.param(OK, (OK, None, None), False, id="hang-up-in-the-middle"),
        pytest.param(OK, (None, None), True, id="hang-up-after-mail"),
        pytest.param(None, (None, None), True, id="hang-up-at-once"),
    ],
)
def test_what_shows_that_a_server_has_lost_step(
    mail: str | None, recipients: tuple[str | None, ...], expected: bool
) -> None:
    answers = Answers(said(mail)[0], said(*recipients))
    broken = None in recipients
    assert lost_step([answers], hung_up=broken, silent=False, proven=False) is expected


def test_silence_before_any_answer_is_a_tarpit_and_not_a_lost_step() -> None:
    nothing, only_mail = Answers(None, said(None)), Answers(parse_reply(OK), said(None))
    assert not lost_step([nothing], hung_up=False, silent=True, proven=False)
    assert lost_step([only_mail], hung_up=False, silent=True, proven=False)


def test_silence_in_the_middle_may_mean_that_a_command_was_swallowed() -> None:
    answers = [Answers(parse_reply(OK), said(GONE, OK, None))]
    assert lost_step(answers, hung_up=False, silent=True, proven=False)
    assert not lost_step(answers, hung_up=False, silent=True, proven=True)


def test_a_server_that_kept_step_before_may_hang_up() -> None:
    nothing = Answers(None, said(None))
    assert not lost_step([nothing], hung_up=True, silent=False, proven=True)
