"""Tests that each behaviour of a domain is what it says."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from dns.resolver import NXDOMAIN, NoNameservers

from sandbox.mail import Behaviour, Mailbox, MailWorld, Style, Timing
from tests.sandbox.mail.conftest import PROBE, Clock, Dialogue, Prober, Spoken

MAIL = f"MAIL FROM:<{PROBE}>"


async def _code(prober: Prober, address: str, rank: int = 0) -> int | None:
    reply = await prober.ask(address, rank)
    return reply.code if reply else None


@pytest.mark.parametrize("behaviour", [Behaviour.CATCH_ALL, Behaviour.HIDES])
async def test_some_domains_accept_any_address(
    world: MailWorld, prober: Prober, behaviour: Behaviour
) -> None:
    world.add_domain("everyletter.com", behaviour)
    assert await _code(prober, "nobody-made-this-up@everyletter.com") == 250


async def test_a_greylist_lets_a_triple_in_when_it_comes_back(
    world: MailWorld, prober: Prober, clock: Clock
) -> None:
    world.add_domain("patientmail.org", Behaviour.GREYLISTS, mailboxes=("ann",))
    assert await _code(prober, "ann@patientmail.org") == 450
    clock.seconds += 299
    assert await _code(prober, "ann@patientmail.org") == 450
    clock.seconds += 1
    assert await _code(prober, "ann@patientmail.org") == 250
    # Another recipient is another triple, also one that does not exist.
    assert await _code(prober, "bob@patientmail.org") == 450
    clock.seconds += 300
    assert await _code(prober, "bob@patientmail.org") == 550


async def test_a_greylist_knows_senders_apart(
    world: MailWorld, prober: Prober, clock: Clock
) -> None:
    world.add_domain("patientmail.org", Behaviour.GREYLISTS, mailboxes=("ann",))
    await prober.ask("ann@patientmail.org")
    clock.seconds += 300
    async with await prober.dial("patientmail.org") as dialogue:
        await dialogue.hear()
        lines = ("EHLO a.com", "MAIL FROM:<other@b.com>", "RCPT TO:<ann@patientmail.org>")
        assert await dialogue.codes(*lines) == [250, 250, 450]


async def test_a_domain_can_defer_for_ever(world: MailWorld, prober: Prober) -> None:
    world.add_domain("latertoday.org", Behaviour.DEFERS, mailboxes=("ann",))
    assert [await _code(prober, "ann@latertoday.org") for _ in range(3)] == [451] * 3


async def test_a_block_at_connect_is_a_greeting_that_hangs_up(
    world: MailWorld, prober: Prober
) -> None:
    world.add_domain("ironhinge.com", Behaviour.BLOCKS_AT_CONNECT)
    async with await prober.dial("ironhinge.com") as dialogue:
        greeting = await dialogue.hear()
        assert greeting is not None
        assert greeting.code == 554
        assert await dialogue.hear() is None


async def test_a_block_at_mail(world: MailWorld, prober: Prober) -> None:
    world.add_domain("ironhinge.com", Behaviour.BLOCKS_AT_MAIL, style=Style.EXCHANGE)
    async with await prober.dial("ironhinge.com") as dialogue:
        await dialogue.hear()
        assert await dialogue.codes("EHLO a.com", MAIL) == [250, 550]
        assert (await dialogue.say("RCPT TO:<ann@ironhinge.com>")).code == 503


async def test_a_block_at_rcpt_says_nothing_of_the_mailbox(
    world: MailWorld, prober: Prober
) -> None:
    text = "554 5.7.1 Service unavailable; Client host [{client}] blocked using bl.made-up.net"
    world.add_domain("granitegate.com", Behaviour.BLOCKS_AT_RCPT, reply=text, mailboxes=("ann",))
    known = await prober.ask("ann@granitegate.com")
    unknown = await prober.ask("nobody@granitegate.com")
    assert known == unknown
    assert known == Spoken(
        554,
        ["5.7.1 Service unavailable; Client host [127.0.0.1] blocked using bl.made-up.net"],
    )


async def test_rdns_is_demanded_until_there_is_one(world: MailWorld, prober: Prober) -> None:
    world.add_domain("namesplease.com", Behaviour.NEEDS_RDNS, mailboxes=("ann",))
    assert await _code(prober, "ann@namesplease.com") == 450
    world.set_reverse("127.0.0.1", "probe.listkeeper.com")
    assert await _code(prober, "ann@namesplease.com") == 250


@pytest.mark.parametrize(
    ("behaviour", "at_least"),
    [
        pytest.param(Behaviour.SLOW_BANNER, 0.3, id="banner-once"),
        pytest.param(Behaviour.SLOW_REPLIES, 4 * 0.15, id="each-reply"),
    ],
)
async def test_tarpits_take_their_time_and_then_answer(
    world: MailWorld, prober: Prober, behaviour: Behaviour, at_least: float
) -> None:
    world.add_domain("mossgarden.org", behaviour, mailboxes=("ann",))
    began = asyncio.get_running_loop().time()
    assert await _code(prober, "ann@mossgarden.org") == 250
    assert asyncio.get_running_loop().time() - began >= at_least


async def test_a_silent_server_takes_the_connection_and_says_nothing(
    world: MailWorld, prober: Prober
) -> None:
    world.add_domain("silentvalley.org", Behaviour.SILENT)
    async with await prober.dial("silentvalley.org") as dialogue:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(dialogue.hear(), 0.2)


async def test_a_server_can_hang_up_in_the_middle_without_a_word(
    world: MailWorld, prober: Prober
) -> None:
    world.add_domain("midsentence.net", Behaviour.DROPS, mailboxes=("ann",))
    assert await prober.ask("ann@midsentence.net") is None


async def test_a_server_can_close_in_the_middle_of_a_batch(
    world: MailWorld, prober: Prober
) -> None:
    world.add_domain("shortbreath.com", Behaviour.CLOSES_MID_BATCH, mailboxes=("ann",))
    async with await prober.dial("shortbreath.com") as dialogue:
        await dialogue.begin()
        dialogue.send(*["RCPT TO:<ann@shortbreath.com>"] * 20)
        replies = [await dialogue.hear() for _ in range(7)]
    assert [reply.code if reply else None for reply in replies] == [250] * 5 + [421, None]


async def test_nobody_listens_where_a_refusing_domain_points(
    world: MailWorld, prober: Prober
) -> None:
    world.add_domain("shutterbay.com", Behaviour.REFUSES)
    with pytest.raises(ConnectionRefusedError):
        await (await prober.dial("shutterbay.com")).__aenter__()


async def test_an_old_server_knows_helo_only(world: MailWorld, prober: Prober) -> None:
    world.add_domain("tinwhistle.org", Behaviour.HELO_ONLY, mailboxes=("ann",))
    async with await prober.dial("tinwhistle.org") as dialogue:
        await dialogue.hear()
        lines = ("EHLO a.com", "HELO a.com", MAIL, "RCPT TO:<ann@tinwhistle.org>")
        assert await dialogue.codes(*lines) == [500, 250, 250, 250]


async def test_few_recipients_in_one_transaction(world: MailWorld, prober: Prober) -> None:
    world.add_domain("threeatatime.com", Behaviour.FEW_RECIPIENTS, mailboxes=("ann",))
    async with await prober.dial("threeatatime.com") as dialogue:
        await dialogue.begin()
        rcpt = "RCPT TO:<ann@threeatatime.com>"
        assert await dialogue.codes(*[rcpt] * 4) == [250, 250, 250, 452]
        assert await dialogue.codes("RSET", MAIL, rcpt) == [250, 250, 250]


async def test_the_second_server_serves_what_the_first_denies(
    world: MailWorld, prober: Prober
) -> None:
    world.add_domain("oldhouse.com", Behaviour.RELAY_DENIED_FIRST, mailboxes=("ann",))
    assert await _code(prober, "ann@oldhouse.com", 0) == 554
    assert await _code(prober, "ann@oldhouse.com", 1) == 250
    assert await _code(prober, "nobody@oldhouse.com", 1) == 550


@pytest.mark.parametrize("behaviour", [Behaviour.IMPLICIT_MX, Behaviour.ALIASED])
async def test_mail_reaches_a_domain_by_other_ways_than_its_own_mx(
    world: MailWorld, prober: Prober, behaviour: Behaviour
) -> None:
    world.add_domain("plainhost.net", behaviour, mailboxes=("ann",))
    implicit = behaviour is Behaviour.IMPLICIT_MX
    name = "plainhost.net" if implicit else (await prober.exchangers("plainhost.net"))[0]
    async with Dialogue(await prober.address(name), world.smtp_port) as dialogue:
        await dialogue.begin()
        rcpts = ("RCPT TO:<ann@plainhost.net>", "RCPT TO:<nobody@plainhost.net>")
        assert await dialogue.codes(*rcpts) == [250, 550]


async def test_an_idn_domain_is_known_by_its_a_label(world: MailWorld, prober: Prober) -> None:
    world.add_domain("xn--bcherhhle-57a4d.com")
    world.add_mailbox("leserin@bücherhöhle.com")
    assert await _code(prober, "leserin@xn--bcherhhle-57a4d.com") == 250


async def test_a_mailbox_can_change(world: MailWorld, prober: Prober) -> None:
    world.add_domain("copperfinch.com", mailboxes=("ann",))
    assert await _code(prober, "ann@copperfinch.com") == 250
    world.add_mailbox("ann@copperfinch.com", Mailbox.DISABLED)
    assert await _code(prober, "ann@copperfinch.com") == 550


async def test_a_domain_can_change_while_the_world_runs(world: MailWorld, prober: Prober) -> None:
    world.add_domain("copperfinch.com", mailboxes=("ann",))
    assert await _code(prober, "ann@copperfinch.com") == 250
    world.add_domain("copperfinch.com", Behaviour.DEMANDS_TLS)
    async with await prober.dial("copperfinch.com") as dialogue:
        await dialogue.hear()
        assert await dialogue.codes("EHLO a.com", MAIL) == [250, 530]
    world.add_domain("copperfinch.com", Behaviour.DNS_FAILS)
    with pytest.raises(NoNameservers):
        await prober.exchangers("copperfinch.com")
    world.add_domain("copperfinch.com", Behaviour.NO_SUCH_DOMAIN)
    with pytest.raises(NXDOMAIN):
        await prober.exchangers("copperfinch.com")


@pytest.mark.parametrize("behaviour", list(Behaviour))
async def test_every_behaviour_can_be_added_and_closed(behaviour: Behaviour) -> None:
    async with MailWorld() as world:
        world.add_domain("copperfinch.com", behaviour, mailboxes=("ann",))


class TestOneAddress:
    """Where the system has 127.0.0.1 only, all servers share it and behave at RCPT."""

    @pytest.fixture
    async def prober(self, timing: Timing) -> AsyncIterator[Prober]:
        async with MailWorld(timing, addresses=1) as world:
            yield Prober(world)

    @pytest.mark.parametrize(
        ("behaviour", "code"),
        [
            pytest.param(Behaviour.HONEST, 250, id="honest"),
            pytest.param(Behaviour.BLOCKS_AT_CONNECT, 554, id="blocks-at-connect"),
            pytest.param(Behaviour.BLOCKS_AT_MAIL, 554, id="blocks-at-mail"),
            pytest.param(Behaviour.NEEDS_RDNS, 450, id="needs-rdns"),
            pytest.param(Behaviour.SILENT, None, id="silent"),
            pytest.param(Behaviour.SLOW_BANNER, 250, id="slow"),
            pytest.param(Behaviour.DEMANDS_TLS, 250, id="tls"),
        ],
    )
    async def test_the_behaviour_shows_when_the_recipient_is_named(
        self, prober: Prober, behaviour: Behaviour, code: int | None
    ) -> None:
        prober.world.add_domain("copperfinch.com", behaviour, mailboxes=("ann",))
        assert await prober.address("mx1.copperfinch.com") == "127.0.0.1"
        assert await _code(prober, "ann@copperfinch.com") == code
