"""Servers that say one reply too many: nobody gets the refusal that was another's."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

import pytest

from tests.verification.worlds import LOCAL, engine_for, one_domain, readers, verdicts
from verification import Category, Deadlines, Reason, Verdict
from verification.judge import parse_reply
from verification.probing.conversation import Answers, Transaction
from verification.probing.pipelining import names_another


def nameless(recipient: str) -> str:
    """Refuse without saying whom."""
    return "550 5.1.1 User unknown"


def named(recipient: str) -> str:
    """Refuse as most servers do."""
    return f"550 5.1.1 <{recipient.upper()}>: User unknown"


@dataclass
class StrayServer:
    """Answers every command in order, and says something unasked after one kind of them."""

    there: frozenset[str]
    #: After which command, or "BANNER"; and how many seconds after its answer.
    after: str = "nothing"
    gap: float = 0.0
    stray: str = "250 Ok"
    #: Whether the answers to later commands wait behind the stray one.
    in_line: bool = True
    #: How many connections have a stray answer.
    strays: int = 1_000_000
    pipelining: bool = True
    refuse: Callable[[str], str] = nameless
    #: Hang up after so many recipients of a connection.
    patience: int = 1_000_000
    #: Seconds before each answer.
    think: float = 0.01
    port: int = 0
    #: The commands of each connection.
    connections: list[list[str]] = field(default_factory=list)

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
        commands: list[str] = []
        self.connections.append(commands)
        goes_wrong = len(self.connections) <= self.strays
        try:
            async with asyncio.TaskGroup() as strays:
                await self._say(writer, "220 mx", "BANNER" if goes_wrong else "", strays)
                while line := (await reader.readline()).decode().rstrip():
                    commands.append(line)
                    if "\n".join(commands).count("RCPT") > self.patience:
                        break
                    verb = line.partition(" ")[0] if goes_wrong else ""
                    await self._say(writer, self._answer(line), verb, strays)
                    if line == "QUIT":
                        break
        except* ConnectionError:
            pass
        finally:
            writer.close()

    async def _say(
        self, writer: asyncio.StreamWriter, answer: str, verb: str, strays: asyncio.TaskGroup
    ) -> None:
        await asyncio.sleep(self.think)
        await self._write(writer, answer)
        if verb == self.after:
            stray = self._stray(writer)
            await (stray if self.in_line else asyncio.sleep(0, strays.create_task(stray)))

    async def _stray(self, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(self.gap)
        await self._write(writer, self.stray)

    async def _write(self, writer: asyncio.StreamWriter, answer: str) -> None:
        writer.write(f"{answer}\r\n".encode())
        await writer.drain()

    def _answer(self, line: str) -> str:
        verb = line.partition(" ")[0]
        if verb == "RCPT":
            recipient = line.partition("<")[2].rpartition(">")[0]
            return "250 2.1.5 Ok" if recipient in self.there else self.refuse(recipient)
        ehlo = "250-mx\r\n250 PIPELINING" if self.pipelining else "250 mx"
        return {"EHLO": ehlo, "QUIT": "221 Bye"}.get(verb, "250 2.1.0 Ok")


#: Few are missing, so that several groups go over one connection.
PEOPLE = readers(60)
THERE = frozenset(PEOPLE) - {PEOPLE[n] for n in (1, 8, 19, 27, 33, 48, 57)}


def misjudged(found: dict[str, Verdict]) -> set[str]:
    """Name the living mailboxes that were called Invalid."""
    return {one for one in THERE if found[one].category is Category.INVALID}


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelining", "one-by-one"])
@pytest.mark.parametrize("in_line", [True, False], ids=["in-line", "between"])
@pytest.mark.parametrize("after", ["BANNER", "EHLO", "MAIL", "RSET", "RCPT"])
async def test_an_answer_that_nobody_asked_for_makes_no_living_mailbox_invalid(
    after: str, in_line: bool, pipelining: bool
) -> None:
    async def misjudged_with(gap: float) -> set[str]:
        server = StrayServer(THERE, after, gap, in_line=in_line, pipelining=pipelining)
        async with server:
            return misjudged(await verdicts(engine_for(one_domain(), port=server.port), PEOPLE))

    gaps = (0, 0.005, 0.015, 0.04)
    assert await asyncio.gather(*map(misjudged_with, gaps)) == [set()] * len(gaps)


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelining", "one-by-one"])
@pytest.mark.parametrize("refuse", [nameless, named])
async def test_after_one_stray_answer_everybody_is_asked_again_and_judged_right(
    refuse: Callable[[str], str], pipelining: bool
) -> None:
    server = StrayServer(
        THERE, "EHLO", 0.015, strays=1, pipelining=pipelining, refuse=refuse, think=0.001
    )
    async with server:
        found = await verdicts(engine_for(one_domain(), port=server.port), PEOPLE)
    reasons = {address: verdict.reason for address, verdict in found.items()}
    assert reasons == {
        **dict.fromkeys(PEOPLE, Reason.NO_SUCH_MAILBOX),
        **dict.fromkeys(THERE, Reason.ACCEPTED),
    }


@pytest.mark.parametrize("pipelining", [True, False], ids=["pipelining", "one-by-one"])
@pytest.mark.parametrize(
    ("patience", "group"),
    [
        pytest.param(12, 10, id="it-hangs-up"),
        pytest.param(1_000, 0.1, id="it-takes-too-long"),
    ],
)
async def test_a_stray_answer_makes_nobody_invalid_where_the_conversation_breaks_off(
    patience: int, group: float, pipelining: bool
) -> None:
    options = replace(LOCAL, deadlines=Deadlines(connect=1, greeting=1, reply=1, group=group))
    server = StrayServer(THERE, "BANNER", 0.015, pipelining=pipelining, patience=patience)
    async with server:
        found = await verdicts(engine_for(one_domain(), port=server.port, options=options), PEOPLE)
    assert misjudged(found) == set()


@pytest.mark.parametrize("patience", range(2, 7))
async def test_a_hang_up_in_place_of_the_last_answers_proves_nothing(patience: int) -> None:
    people = PEOPLE[:5]
    server = StrayServer(THERE, "BANNER", 0.015, patience=patience)
    async with server:
        found = await verdicts(engine_for(one_domain(), port=server.port), people)
    assert Category.INVALID not in {found[one].category for one in THERE.intersection(people)}


async def test_what_a_server_said_before_it_hung_up_counts_once_it_has_kept_step() -> None:
    server = StrayServer(THERE, patience=12, think=0)
    async with server:
        found = await verdicts(engine_for(one_domain(), port=server.port), PEOPLE)
    assert {found[one].reason for one in PEOPLE if one not in THERE} == {Reason.NO_SUCH_MAILBOX}
    asked = [line for commands in server.connections for line in commands if "<reader" in line]
    assert len(asked) <= len(PEOPLE) + len(server.connections), "an answer was asked for again"


async def test_a_muddle_that_ends_politely_is_no_proof_of_keeping_step() -> None:
    people = PEOPLE[:2]

    def refuse(recipient: str) -> str:
        if len(server.connections) == 1:
            return named(people[0])
        server.patience = 0  # it hangs up at the next command
        return nameless(recipient)

    server = StrayServer(frozenset(), refuse=refuse, think=0)
    async with server:
        found = await verdicts(engine_for(one_domain(), port=server.port), people)
    assert Category.INVALID not in {verdict.category for verdict in found.values()}
    assert server.connections[0][-1] == "QUIT"


async def test_a_refusal_that_names_its_recipient_needs_no_further_proof() -> None:
    server = StrayServer(frozenset(), refuse=named, patience=1, think=0)
    async with server:
        found = await verdicts(engine_for(one_domain(), port=server.port), PEOPLE[:1])
    assert found[PEOPLE[0]].reason is Reason.NO_SUCH_MAILBOX


async def test_a_nameless_refusal_of_a_server_that_never_kept_step_is_unknown() -> None:
    server = StrayServer(frozenset(), refuse=nameless, patience=1, think=0)
    async with server:
        found = await verdicts(engine_for(one_domain(), port=server.port), PEOPLE[:1])
    assert found[PEOPLE[0]].reason is Reason.CONNECTION_LOST


async def test_a_server_that_is_always_out_of_step_is_asked_twice_and_then_left_unknown() -> None:
    async with StrayServer(THERE, "RCPT", think=0) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), PEOPLE[:8])
    assert {verdict.reason for verdict in found.values()} == {Reason.PROTOCOL}
    assert {verdict.evidence.rule for verdict in found.values()} == {"out-of-step"}
    assert len(server.connections) == 2


async def test_a_wrong_answer_to_quit_voids_what_was_answered_one_by_one_too() -> None:
    async with StrayServer(THERE, "RCPT", pipelining=False, think=0) as server:
        found = await verdicts(engine_for(one_domain(), port=server.port), PEOPLE[1:2])
    assert found[PEOPLE[1]].reason is Reason.PROTOCOL


ANN, BOB = "ann@reader.example", "bob.ann@reader.example"


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        pytest.param(("550 <ann@reader.example> unknown", "250 Ok"), False, id="its-own"),
        pytest.param(("250 Ok", "550 <ann@reader.example> unknown"), True, id="another"),
        pytest.param(("250 Ok", "550 Unknown: ANN@Reader.Example."), True, id="in-capitals"),
        pytest.param(("250 bob.ann@reader.example ok", "250 Ok"), True, id="accepted"),
        pytest.param(("250 Ok", "550 bob.ann@reader.example"), False, id="one-ends-like-another"),
        pytest.param(
            ("550 bob.ann@reader.example, for ann@reader.example", None), False, id="both"
        ),
        pytest.param(("550 5.1.1 help@reader.example knows more", None), False, id="a-stranger"),
        pytest.param(("550-No such user\r\n550 bob.ann@reader.example", None), True, id="lines"),
    ],
)
def test_a_reply_that_names_another_recipient_is_out_of_step(
    replies: tuple[str | None, str | None], expected: bool
) -> None:
    said = tuple(None if reply is None else parse_reply(reply) for reply in replies)
    answers = [Answers(parse_reply("250 Ok"), said)]
    assert names_another([Transaction((ANN, BOB))], answers) is expected
