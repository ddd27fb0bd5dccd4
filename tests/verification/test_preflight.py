"""The preflight: what it finds wrong with the machine that wants to ask, and what it advises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

import pytest

from tests.verification.scripted_mail import HANG_UP, Script, ScriptedServer
from tests.verification.worlds import LOCAL, ScriptedDns
from verification import Preflight, Topic, preflight
from verification.networks import IpAddress
from verification.preflight import inspect_sender

NAME = "verifier.example.com"


@dataclass
class OwnDns(ScriptedDns):
    """DNS with reverse names too."""

    reverse: Mapping[IpAddress, Sequence[str]] = field(default_factory=dict)

    async def names(self, address: IpAddress) -> tuple[str, ...]:
        return tuple(self.reverse.get(address, ()))


GOOD = OwnDns(
    mail={NAME: ["mx.example.com"]},
    hosts={NAME: ["127.0.0.1"], "mx.example.com": ["127.0.0.1"]},
    text={NAME: ["v=spf1 a -all"]},
    reverse={ip_address("127.0.0.1"): [NAME]},
)


def failed(found: Preflight) -> set[Topic]:
    """Name the topics that did not pass."""
    return {finding.topic for finding in found.findings if not finding.passed}


async def test_a_machine_that_is_set_up_well_passes() -> None:
    async with ScriptedServer() as server:
        options = replace(LOCAL, smtp_port=server.port)
        found = await inspect_sender(options, hosts=["mx.example.com"], resolver=GOOD)
    assert failed(found) == set()
    assert {finding.topic for finding in found.findings} == set(Topic)
    assert found.problem is None


@pytest.mark.parametrize(
    ("dns", "topic"),
    [
        pytest.param(replace(GOOD, reverse={}), Topic.REVERSE_NAME, id="no-ptr"),
        pytest.param(replace(GOOD, mail={NAME: ["."]}), Topic.SENDER_MX, id="null-mx"),
        pytest.param(replace(GOOD, mail={}), Topic.SENDER_MX, id="no-mx"),
        pytest.param(replace(GOOD, text={}), Topic.SENDER_SPF, id="no-spf"),
        pytest.param(
            replace(GOOD, text={NAME: ["v=spf1 -all", "v=spf1 a -all"]}),
            Topic.SENDER_SPF,
            id="two-spf-records",
        ),
    ],
)
async def test_what_is_missing_is_named(dns: OwnDns, topic: Topic) -> None:
    found = await inspect_sender(LOCAL, hosts=[], resolver=dns)
    assert failed(found) == {topic}
    assert found.problem is None, "mail servers may still be asked"


async def test_a_name_without_an_address_leaves_the_senders_policy_open() -> None:
    found = await inspect_sender(LOCAL, hosts=[], resolver=replace(GOOD, hosts={}))
    assert failed(found) == {Topic.OWN_NAME, Topic.SENDER_SPF}
    assert found.problem is None


@pytest.mark.parametrize(
    ("record", "passes", "words"),
    [
        pytest.param("v=spf1 a -all", True, "lets 127.0.0.1 send", id="pass"),
        pytest.param("v=spf1 ~all", False, "add ip4:127.0.0.1 to it", id="softfail"),
        pytest.param("v=spf1 ?all", False, "says nothing about 127.0.0.1", id="neutral"),
        pytest.param("v=spf1 exists:%{i} -all", True, "make sure", id="not-evaluated"),
        pytest.param("v=spf1 ip:1.2.3.4", False, "'ip:1.2.3.4' is no mechanism", id="permerror"),
    ],
)
async def test_the_senders_policy_is_evaluated_and_told_in_a_sentence(
    record: str, passes: bool, words: str
) -> None:
    dns = replace(GOOD, text={NAME: [record]})
    found = await inspect_sender(LOCAL, hosts=[], resolver=dns)
    assert failed(found) == (set() if passes else {Topic.SENDER_SPF})
    assert found.problem is None
    (sentence,) = [one.sentence for one in found.findings if one.topic is Topic.SENDER_SPF]
    assert words in sentence


async def test_a_policy_that_forbids_our_address_is_a_problem() -> None:
    dns = replace(GOOD, text={NAME: ["v=spf1 ip4:192.0.2.1 -all"]})
    found = await inspect_sender(LOCAL, hosts=[], resolver=dns)
    assert found.problem is not None
    assert "add ip4:127.0.0.1 to it, before its -all" in found.problem


async def test_a_policy_that_forbids_one_of_two_addresses_is_told_and_no_problem() -> None:
    dns = replace(
        GOOD,
        hosts={**GOOD.hosts, NAME: ["127.0.0.1", "2001:db8::7"]},
        text={NAME: ["v=spf1 ip4:127.0.0.1 -all"]},
        reverse={ip_address("127.0.0.1"): [NAME], ip_address("2001:db8::7"): [NAME]},
    )
    found = await inspect_sender(LOCAL, hosts=[], resolver=dns)
    assert failed(found) == {Topic.SENDER_SPF}
    assert found.problem is None
    assert "ip6:2001:db8::7" in found.findings[-1].sentence


async def test_a_policy_that_cannot_be_looked_up_is_no_problem() -> None:
    dns = replace(GOOD, failing=frozenset({NAME}))
    options = replace(LOCAL, mail_from=f"probe@{NAME}", helo_name="mx.example.com")
    found = await inspect_sender(options, hosts=[], resolver=dns)
    assert Topic.SENDER_SPF in failed(found)
    assert found.problem is None


async def test_a_closed_port_is_a_problem() -> None:
    async with ScriptedServer() as server:
        options = replace(LOCAL, smtp_port=server.port)
    found = await inspect_sender(options, hosts=["mx.example.com"], resolver=GOOD)
    assert failed(found) == {Topic.SMTP_PORT}
    assert found.problem is not None
    assert "closed" in found.problem


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(Script(banner="554 5.7.1 blocked using zen.spamhaus.org"), id="blocked"),
        pytest.param(Script(banner="421 4.3.2 Too busy"), id="busy"),
        pytest.param(Script(ehlo="550 5.7.1 Bad HELO"), id="name-refused"),
    ],
)
async def test_a_host_that_turns_us_away_shows_that_the_port_is_open(script: Script) -> None:
    async with ScriptedServer(script) as server:
        options = replace(LOCAL, smtp_port=server.port)
        found = await inspect_sender(options, hosts=["mx.example.com"], resolver=GOOD)
    assert failed(found) == set()


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(Script(banner=HANG_UP), id="hang-up"),
        pytest.param(Script(delay=30), id="silence"),
    ],
)
async def test_a_connection_without_a_word_shows_nothing_open(script: Script) -> None:
    async with ScriptedServer(script) as server:
        deadlines = replace(LOCAL.deadlines, greeting=0.1)
        options = replace(LOCAL, smtp_port=server.port, deadlines=deadlines)
        found = await inspect_sender(options, hosts=["mx.example.com"], resolver=GOOD)
    assert found.problem is not None


async def test_a_port_is_not_known_where_no_host_could_be_looked_up() -> None:
    dns = replace(GOOD, failing=frozenset({"mx.example.com"}))
    found = await inspect_sender(LOCAL, hosts=["mx.example.com", "gone.example"], resolver=dns)
    assert failed(found) == {Topic.SMTP_PORT}
    assert found.problem is None
    assert not found.is_sure
    assert "not known" in found.findings[-1].sentence


async def test_a_closed_port_is_less_than_sure_where_a_host_could_not_be_looked_up() -> None:
    async with ScriptedServer() as server:
        options = replace(LOCAL, smtp_port=server.port)
    sure = await inspect_sender(options, hosts=["mx.example.com"], resolver=GOOD)
    unsure = await inspect_sender(options, hosts=["mx.example.com", "gone"], resolver=GOOD)
    assert sure.problem == unsure.problem
    assert "gone" not in (unsure.problem or "")
    assert (sure.is_sure, unsure.is_sure) == (True, False)


async def test_one_host_that_answers_is_enough() -> None:
    async with ScriptedServer(Script()) as server:
        options = replace(LOCAL, smtp_port=server.port)
        hosts = ["nowhere.example.com", "mx.example.com"]
        found = await inspect_sender(options, hosts=hosts, resolver=GOOD)
    assert failed(found) == set()


async def test_private_hosts_are_not_connected_to() -> None:
    options = replace(
        LOCAL, helo_name="mx.ours.dev", mail_from="probe@ours.dev", allow_private_networks=False
    )
    async with ScriptedServer() as server:
        options = replace(options, smtp_port=server.port)
        found = await inspect_sender(options, hosts=["mx.example.com"], resolver=GOOD)
        assert server.connections == []
    assert Topic.SMTP_PORT in failed(found)


async def test_a_made_up_identity_is_a_problem() -> None:
    options = replace(LOCAL, helo_name="localhost", resolver=("127.0.0.1", 9))
    found = await preflight(options)
    assert Topic.IDENTITY in failed(found)
    assert found.problem is not None
