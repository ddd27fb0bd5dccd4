"""Tests of the DNS of the mail world with dnspython, over UDP and TCP."""

import asyncio

import dns.asyncquery
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.resolver
import pytest

from sandbox.mail import Behaviour, MailWorld
from tests.sandbox.mail.conftest import Prober


async def _query(
    world: MailWorld, name: str, kind: str, *, tcp: bool = False
) -> dns.message.Message:
    host, port = world.resolver
    send = dns.asyncquery.tcp if tcp else dns.asyncquery.udp
    return await send(dns.message.make_query(name, kind), host, port=port, timeout=1)


async def test_mail_servers_come_with_preference_and_time_to_live(
    world: MailWorld, prober: Prober
) -> None:
    world.add_domain("copperfinch.com", exchangers=("a.harbor.net", "b.harbor.net"))
    assert await prober.exchangers("copperfinch.com") == ["a.harbor.net.", "b.harbor.net."]
    answer = await _query(world, "copperfinch.com", "MX")
    assert answer.answer[0].ttl == 300


async def test_mail_servers_live_on_loopback(world: MailWorld, prober: Prober) -> None:
    world.add_domain("copperfinch.com")
    assert (await prober.address("mx1.copperfinch.com")).startswith("127.")


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
async def test_a_name_that_nobody_has_does_not_exist(world: MailWorld, tcp: bool) -> None:
    answer = await _query(world, "nobody-has-this.com", "MX", tcp=tcp)
    assert answer.rcode() == dns.rcode.NXDOMAIN
    assert answer.authority[0].rdtype == dns.rdatatype.SOA


async def test_a_name_without_that_kind_of_record_exists(world: MailWorld) -> None:
    world.add_domain("justapage.net", Behaviour.NO_MAIL)
    for kind in ("MX", "A", "AAAA"):
        answer = await _query(world, "justapage.net", kind)
        assert (answer.rcode(), answer.answer) == (dns.rcode.NOERROR, [])
    assert (await _query(world, "justapage.net", "TXT")).answer


async def test_a_name_above_another_exists(world: MailWorld) -> None:
    world.zone.add("deep.below.copperfinch.com", "A", "127.0.0.9")
    assert (await _query(world, "below.copperfinch.com", "A")).rcode() == dns.rcode.NOERROR


async def test_top_level_domains_exist_whether_or_not_anybody_lives_below_them(
    world: MailWorld,
) -> None:
    for name in ("org", "xn--p1ai"):
        assert (await _query(world, name, "NS")).rcode() == dns.rcode.NOERROR
    assert (await _query(world, "con", "NS")).rcode() == dns.rcode.NXDOMAIN


async def test_names_are_found_in_any_case_and_answered_as_asked(world: MailWorld) -> None:
    world.add_domain("copperfinch.com")
    answer = await _query(world, "CopperFinch.COM", "MX")
    assert answer.answer[0].name.to_text() == "CopperFinch.COM."


async def test_null_mx(world: MailWorld, prober: Prober) -> None:
    world.add_domain("wordsonly.org", Behaviour.NULL_MX)
    (record,) = await prober.resolver.resolve("wordsonly.org", "MX")
    assert (record.preference, record.exchange) == (0, dns.name.root)


async def test_implicit_mx_has_an_address_and_no_mx(world: MailWorld, prober: Prober) -> None:
    world.add_domain("plainhost.net", Behaviour.IMPLICIT_MX)
    assert not (await _query(world, "plainhost.net", "MX")).answer
    assert (await prober.address("plainhost.net")).startswith("127.")


async def test_an_alias_leads_to_the_mail_servers_of_its_target(
    world: MailWorld, prober: Prober
) -> None:
    world.add_domain("penname.net", Behaviour.ALIASED)
    answer = await _query(world, "penname.net", "MX")
    kinds = [records.rdtype for records in answer.answer]
    assert kinds == [dns.rdatatype.CNAME, dns.rdatatype.MX]
    assert await prober.exchangers("penname.net") == ["mx1.penname.net."]


async def test_failing_name_servers_answer_servfail(world: MailWorld, prober: Prober) -> None:
    world.add_domain("brokenlantern.net", Behaviour.DNS_FAILS)
    assert (await _query(world, "brokenlantern.net", "MX")).rcode() == dns.rcode.SERVFAIL
    assert (await _query(world, "mx1.brokenlantern.net", "A")).rcode() == dns.rcode.SERVFAIL
    with pytest.raises(dns.resolver.NoNameservers):
        await prober.exchangers("brokenlantern.net")


async def test_silent_name_servers_never_answer(world: MailWorld, prober: Prober) -> None:
    world.add_domain("lostsignal.net", Behaviour.DNS_SILENT)
    with pytest.raises(dns.resolver.LifetimeTimeout):
        await prober.exchangers("lostsignal.net")
    assert {question.outcome for question in world.journal.questions} == {"silence"}


async def test_a_dangling_mx_names_a_host_that_does_not_exist(
    world: MailWorld, prober: Prober
) -> None:
    world.add_domain("dangler.com", Behaviour.DANGLING_MX)
    (exchanger,) = await prober.exchangers("dangler.com")
    with pytest.raises(dns.resolver.NXDOMAIN):
        await prober.address(exchanger)


async def test_a_private_mx_leads_to_a_private_address_where_nobody_listens(
    world: MailWorld, prober: Prober
) -> None:
    world.add_domain("insider.com", Behaviour.PRIVATE_MX)
    address = await prober.address("mx1.insider.com")
    assert address == "127.255.0.1"
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection(address, world.smtp_port)


async def test_an_address_can_be_given_a_name(world: MailWorld, prober: Prober) -> None:
    world.set_reverse("127.0.0.1", "probe.listkeeper.com")
    (pointer,) = await prober.resolver.resolve_address("127.0.0.1")
    assert pointer.target.to_text() == "probe.listkeeper.com."
    assert await prober.address("probe.listkeeper.com") == "127.0.0.1"


async def test_the_prober_has_no_reverse_name_unless_given_one(
    world: MailWorld, prober: Prober
) -> None:
    world.add_domain("copperfinch.com")
    with pytest.raises(dns.resolver.NXDOMAIN):
        await prober.resolver.resolve_address("127.0.0.1")


async def test_mail_servers_have_matching_reverse_names(world: MailWorld, prober: Prober) -> None:
    world.add_domain("copperfinch.com")
    address = await prober.address("mx1.copperfinch.com")
    (pointer,) = await prober.resolver.resolve_address(address)
    assert pointer.target.to_text() == "mx1.copperfinch.com."


async def test_other_kinds_of_records_can_be_added(world: MailWorld) -> None:
    world.zone.add("six.com", "AAAA", "::1", ttl=5)
    (records,) = (await _query(world, "six.com", "AAAA")).answer
    assert (records.ttl, records[0].to_text()) == (5, "::1")


async def test_an_answer_too_long_for_udp_is_cut_and_whole_over_tcp(
    world: MailWorld, prober: Prober
) -> None:
    names = tuple(f"a-rather-long-name-{n}.many-servers.com" for n in range(60))
    world.add_domain("many-servers.com", exchangers=names)
    cut = await _query(world, "many-servers.com", "MX")
    assert cut.flags & dns.flags.TC
    # The resolver comes again by TCP on its own.
    assert len(await prober.exchangers("many-servers.com")) == 60
    assert world.journal.questions[-1].transport == "tcp"


async def test_questions_are_recorded(world: MailWorld, prober: Prober) -> None:
    world.add_domain("copperfinch.com")
    await prober.exchangers("copperfinch.com")
    (question,) = world.journal.questions
    assert (question.name, question.kind) == ("copperfinch.com", "MX")
    assert (question.transport, question.outcome) == ("udp", "NOERROR")


async def test_nonsense_is_left_unanswered_and_does_not_stop_the_server(
    world: MailWorld, prober: Prober
) -> None:
    host, port = world.resolver
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, remote_addr=(host, port)
    )
    transport.sendto(b"nonsense")
    transport.close()
    world.add_domain("copperfinch.com")
    assert await prober.exchangers("copperfinch.com")


async def test_one_server_name_cannot_be_two_kinds_of_server(world: MailWorld) -> None:
    world.add_domain("one.com", exchangers=("mx.shared.net",))
    with pytest.raises(ValueError, match=r"mx\.shared\.net"):
        world.add_domain("two.com", Behaviour.SILENT, exchangers=("mx.shared.net",))
