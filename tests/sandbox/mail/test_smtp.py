"""Tests of the rules of SMTP that every server of the mail world keeps."""

import asyncio
import ssl
from contextlib import AsyncExitStack

import pytest

from sandbox.mail import Behaviour, Mailbox, MailWorld, Style
from tests.sandbox.mail.conftest import PROBE, Dialogue, Prober

ALL = {
    "ann": Mailbox.EXISTS,
    "full": Mailbox.FULL,
    "busy": Mailbox.OVER_RATE,
    "gone": Mailbox.DISABLED,
}
MAIL = f"MAIL FROM:<{PROBE}>"


@pytest.fixture
async def dialogue(world: MailWorld, prober: Prober) -> Dialogue:
    world.add_domain("copperfinch.com", mailboxes=ALL)
    return await prober.dial("copperfinch.com")


async def test_ehlo_is_answered_on_several_lines(dialogue: Dialogue) -> None:
    async with dialogue:
        await dialogue.hear()
        reply = await dialogue.say("EHLO probe.listkeeper.com")
    assert reply.code == 250
    assert reply.lines[0] == "mx1.copperfinch.com"
    assert {"PIPELINING", "ENHANCEDSTATUSCODES", "SMTPUTF8", "STARTTLS"} <= set(reply.lines)


@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        pytest.param((MAIL,), [503], id="mail-before-hello"),
        pytest.param(("EHLO a.com", "RCPT TO:<ann@copperfinch.com>"), [250, 503], id="no-mail"),
        pytest.param(("EHLO a.com", MAIL, MAIL), [250, 250, 503], id="nested-mail"),
        pytest.param(
            ("EHLO a.com", MAIL, "RSET", "RCPT TO:<ann@copperfinch.com>"),
            [250, 250, 250, 503],
            id="rset-drops-the-sender",
        ),
        pytest.param(
            ("EHLO a.com", MAIL, "EHLO a.com", "RCPT TO:<ann@copperfinch.com>"),
            [250, 250, 250, 503],
            id="ehlo-drops-the-sender",
        ),
        pytest.param(("EHLO",), [501], id="hello-without-a-name"),
        pytest.param(("EHLO not_a_name!",), [501], id="hello-with-nonsense"),
        pytest.param(("EHLO [127.0.0.1]",), [250], id="hello-with-an-address"),
        pytest.param(("EHLO a.com", "MAIL FROM: <a@b.com>"), [250, 501], id="space-in-mail"),
        pytest.param(("EHLO a.com", "MAIL FROM:a@b.com"), [250, 501], id="no-brackets"),
        pytest.param(("EHLO a.com", "MAIL TO:<a@b.com>"), [250, 501], id="wrong-keyword"),
        pytest.param(("EHLO a.com", "MAIL FROM:<>"), [250, 250], id="empty-sender"),
        pytest.param(("EHLO a.com", f"{MAIL} SIZE=10"), [250, 250], id="option-offered"),
        pytest.param(("EHLO a.com", f"{MAIL} BY=10"), [250, 555], id="option-not-offered"),
        pytest.param(("HELO a.com", f"{MAIL} SIZE=10"), [250, 555], id="option-after-helo"),
        pytest.param(("EHLO a.com", MAIL, "RCPT TO:<ann>"), [250, 250, 504], id="no-domain"),
        pytest.param(("EHLO a.com", MAIL, "RCPT TO:<>"), [250, 250, 504], id="empty-recipient"),
        pytest.param(
            ("EHLO a.com", MAIL, "RCPT TO:<postmaster>"), [250, 250, 250], id="postmaster"
        ),
        pytest.param(("NOOP", "HELP", "WHAT"), [250, 502, 502], id="unknown-commands"),
        pytest.param(("ehlo a.com", "mail from:<a@b.com>"), [250, 250], id="lower-case"),
        pytest.param(("EHLO a.com", "EHLO " + "a" * 600), [250, 500], id="line-too-long"),
        pytest.param(
            ("EHLO a.com", MAIL, f"RCPT TO:<{'a' * 65}@copperfinch.com>"),
            [250, 250, 501],
            id="local-part-too-long",
        ),
    ],
)
async def test_order_and_syntax_are_kept(
    dialogue: Dialogue, lines: tuple[str, ...], codes: list[int]
) -> None:
    async with dialogue:
        await dialogue.hear()
        assert await dialogue.codes(*lines) == codes


async def test_quit_says_goodbye_and_hangs_up(dialogue: Dialogue) -> None:
    async with dialogue:
        await dialogue.hear()
        assert (await dialogue.say("QUIT")).code == 221
        assert await dialogue.hear() is None


@pytest.mark.parametrize("style", [style for style in Style if style is not Style.YAHOO])
@pytest.mark.parametrize(
    ("local", "classes"),
    [
        pytest.param("ann", {2}, id="exists"),
        pytest.param("ANN", {2}, id="any-case"),
        pytest.param("ann+letters", {2}, id="plus-tag"),
        pytest.param("postmaster", {2}, id="postmaster"),
        pytest.param("nobody", {5}, id="unknown"),
        pytest.param("gone", {5}, id="disabled"),
        pytest.param("full", {4, 5}, id="full"),
        pytest.param("busy", {4}, id="over-rate"),
    ],
)
async def test_every_style_tells_mailboxes_apart(
    world: MailWorld, prober: Prober, style: Style, local: str, classes: set[int]
) -> None:
    world.add_domain("copperfinch.com", style=style, mailboxes=ALL)
    reply = await prober.ask(f"{local}@copperfinch.com")
    assert reply is not None
    assert reply.code // 100 in classes
    assert not world.journal.alarms


async def test_other_peoples_domains_are_not_relayed(dialogue: Dialogue) -> None:
    async with dialogue:
        await dialogue.begin()
        reply = await dialogue.say("RCPT TO:<ann@elsewhere.com>")
    assert (reply.code, reply.text) == (554, "5.7.1 <ann@elsewhere.com>: Relay access denied")


async def test_a_whole_group_may_be_sent_at_once(world: MailWorld, dialogue: Dialogue) -> None:
    async with dialogue:
        await dialogue.hear()
        await dialogue.say("EHLO probe.listkeeper.com")
        recipients = [f"RCPT TO:<{local}@copperfinch.com>" for local in ("ann", "nobody", "full")]
        dialogue.send("RSET", MAIL, *recipients, "RSET", MAIL, recipients[0], "QUIT")
        replies = [await dialogue.hear() for _ in range(9)]
    codes = [reply.code for reply in replies if reply]
    assert codes == [250, 250, 250, 550, 452, 250, 250, 250, 221]
    assert not world.journal.alarms


@pytest.mark.parametrize(
    "group",
    [
        pytest.param(("EHLO a.com", MAIL), id="ehlo"),
        pytest.param(("NOOP", "NOOP"), id="noop"),
        pytest.param(("STARTTLS", "EHLO a.com"), id="starttls"),
    ],
)
async def test_some_commands_must_stand_last_in_a_group(
    world: MailWorld, dialogue: Dialogue, group: tuple[str, ...]
) -> None:
    async with dialogue:
        await dialogue.hear()
        await dialogue.say("EHLO probe.listkeeper.com")
        dialogue.send(*group)
        reply = await dialogue.hear()
        assert reply is not None
        assert reply.code == 554
        assert await dialogue.hear() is None
    (alarm,) = world.journal.alarms
    assert alarm.what == f"did not wait for the answer to {group[0].split()[0]}"


async def test_groups_need_the_offer_of_pipelining(world: MailWorld, prober: Prober) -> None:
    world.add_domain("onebyone.org", Behaviour.NO_PIPELINING, mailboxes=("ann",))
    async with await prober.dial("onebyone.org") as dialogue:
        await dialogue.begin()
        dialogue.send("RCPT TO:<ann@onebyone.org>", "RCPT TO:<bob@onebyone.org>")
        reply = await dialogue.hear()
    assert reply is not None
    assert reply.code == 554
    assert [alarm.what for alarm in world.journal.alarms] == ["did not wait for the answer to RCPT"]


async def test_who_speaks_before_the_greeting_is_sent_away(
    world: MailWorld, prober: Prober
) -> None:
    world.add_domain("slowharbour.net", Behaviour.SLOW_BANNER)
    async with await prober.dial("slowharbour.net") as dialogue:
        dialogue.send("EHLO probe.listkeeper.com")
        reply = await dialogue.hear()
    assert reply is not None
    assert reply.code == 554
    assert world.journal.alarms[0].what == "spoke before the greeting"


async def test_lines_end_with_crlf_and_with_nothing_else(
    world: MailWorld, dialogue: Dialogue
) -> None:
    async with dialogue:
        await dialogue.hear()
        dialogue.send("EHLO a.com\nMAIL FROM:<a@b.com>")
        reply = await dialogue.hear()
    assert reply is not None
    assert reply.code == 521
    assert world.journal.alarms[0].what == "ended a line with LF alone"


async def test_one_client_has_at_most_fifty_connections(world: MailWorld, prober: Prober) -> None:
    world.add_domain("copperfinch.com")
    async with AsyncExitStack() as open_ones:
        address = await prober.address("mx1.copperfinch.com")
        codes = []
        for _ in range(51):
            dialogue = Dialogue(address, world.smtp_port)
            await open_ones.enter_async_context(dialogue)
            greeting = await dialogue.hear()
            codes.append(greeting.code if greeting else None)
    assert codes == [220] * 50 + [421]
    assert world.journal.most_open == {address: 51}


@pytest.mark.parametrize("verb", ["DATA", "VRFY ann", "EXPN all", "BDAT 5", "AUTH PLAIN"])
async def test_what_a_verifier_never_sends_raises_an_alarm(
    world: MailWorld, dialogue: Dialogue, verb: str
) -> None:
    async with dialogue:
        await dialogue.begin()
        await dialogue.say("RCPT TO:<ann@copperfinch.com>")
        await dialogue.say(verb)
    assert [alarm.what for alarm in world.journal.alarms] == [f"sent {verb.split()[0]}"]


async def test_a_hundred_recipients_are_taken_and_then_no_more(
    world: MailWorld, prober: Prober
) -> None:
    world.add_domain("everyletter.com", Behaviour.CATCH_ALL)
    async with await prober.dial("everyletter.com") as dialogue:
        await dialogue.begin()
        dialogue.send(*(f"RCPT TO:<reader{n}@everyletter.com>" for n in range(101)))
        replies = [await dialogue.hear() for _ in range(101)]
        assert [reply.code for reply in replies if reply] == [250] * 100 + [452]
        again = await dialogue.codes("RSET", MAIL, "RCPT TO:<reader100@everyletter.com>")
    assert again == [250, 250, 250]


async def test_postfix_slows_down_after_ten_errors_and_hangs_up_after_twenty(
    dialogue: Dialogue,
) -> None:
    loop = asyncio.get_running_loop()
    async with dialogue:
        await dialogue.begin()
        nobody = [f"RCPT TO:<nobody{n}@copperfinch.com>" for n in range(30)]
        assert await dialogue.codes(*nobody[:10]) == [550] * 10
        # RSET does not reset the count.
        assert await dialogue.codes("RSET", MAIL) == [250, 250]
        began = loop.time()
        dialogue.send(*nobody[10:])
        replies = [await dialogue.hear() for _ in range(12)]
        slow = loop.time() - began
    assert [reply.code if reply else None for reply in replies] == [550] * 10 + [421, None]
    assert slow >= 10 * 0.05


async def test_exim_does_not_count_unknown_users(world: MailWorld, prober: Prober) -> None:
    world.add_domain("teapot.org", style=Style.EXIM)
    async with await prober.dial("teapot.org") as dialogue:
        await dialogue.begin()
        codes = await dialogue.codes(*(f"RCPT TO:<nobody{n}@teapot.org>" for n in range(30)))
    assert codes == [550] * 30


async def test_tls_begins_a_new_conversation(world: MailWorld, prober: Prober) -> None:
    world.add_domain("northquay.com", Behaviour.DEMANDS_TLS, mailboxes=("ann",))
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    async with await prober.dial("northquay.com") as dialogue:
        await dialogue.hear()
        assert await dialogue.codes("EHLO a.com", MAIL, "STARTTLS") == [250, 530, 220]
        await dialogue.start_tls(context)
        # RFC 3207 section 4.2: what was said before counts no more.
        assert (await dialogue.say(MAIL)).code == 503
        hello = await dialogue.say("EHLO a.com")
        assert "STARTTLS" not in hello.lines
        recipients = ("RCPT TO:<ann@northquay.com>", "RCPT TO:<bob@northquay.com>")
        assert await dialogue.codes(MAIL, *recipients) == [250, 250, 550]


async def test_a_broken_tls_handshake_ends_the_connection_only(
    world: MailWorld, prober: Prober
) -> None:
    world.add_domain("northquay.com", Behaviour.DEMANDS_TLS)
    async with await prober.dial("northquay.com") as dialogue:
        await dialogue.hear()
        await dialogue.codes("EHLO a.com", "STARTTLS")
        dialogue.send("this is no handshake")
        assert await dialogue.hear() is None
    async with await prober.dial("northquay.com") as dialogue:
        assert await dialogue.hear() is not None


async def test_an_unicode_local_part_needs_smtputf8(world: MailWorld, prober: Prober) -> None:
    world.add_domain("copperfinch.com", mailboxes=("jürgen",))
    world.add_domain("teapot.org", style=Style.EXIM, mailboxes=("jürgen",))
    async with await prober.dial("copperfinch.com") as dialogue:
        await dialogue.begin()
        assert (await dialogue.say("RCPT TO:<jürgen@copperfinch.com>")).code == 553
        with_option = await dialogue.codes(
            "RSET", f"{MAIL} SMTPUTF8", "RCPT TO:<jürgen@copperfinch.com>"
        )
    assert with_option == [250, 250, 250]
    async with await prober.dial("teapot.org") as dialogue:
        await dialogue.hear()
        assert await dialogue.codes("EHLO a.com", f"{MAIL} SMTPUTF8") == [250, 555]


async def test_a_quoted_local_part_is_read_whole(world: MailWorld, prober: Prober) -> None:
    world.add_domain("copperfinch.com", mailboxes=('"a <b>@c"',))
    reply = await prober.ask('"a <b>@c"@copperfinch.com')
    assert reply is not None
    assert reply.code == 250


async def test_the_journal_tells_the_whole_conversation(world: MailWorld, prober: Prober) -> None:
    world.add_domain("copperfinch.com", mailboxes=("ann",))
    await prober.ask("ann@copperfinch.com")
    assert world.journal.verbs() == ["EHLO", "MAIL", "RCPT"]
    assert world.journal.recipients() == ["ann@copperfinch.com"]
    assert [command.code for command in world.journal.commands] == [250, 250, 250]
    assert world.journal.connections == 1
    assert list(world.journal.most_open.values()) == [1]


async def test_the_world_closes_while_clients_are_connected() -> None:
    async with MailWorld() as world:
        world.add_domain("copperfinch.com")
        address = await Prober(world).address("mx1.copperfinch.com")
        dialogue = Dialogue(address, world.smtp_port)
        await dialogue.__aenter__()
        await dialogue.hear()
    assert await dialogue.hear() is None
    await dialogue.__aexit__(None, None, None)
