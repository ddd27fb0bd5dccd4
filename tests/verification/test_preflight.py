"""The preflight: what it finds wrong with the machine that wants to ask, and what it advises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

import pytest

from tests.verification.scripted_mail import Script, ScriptedServer
from tests.verification.worlds import LOCAL, ScriptedDns
from verification import Preflight, Topic, preflight
from verification.networks import IpAddress
from verification.preflight import inspect_sender

NAME = "verifier.example.com"


@dataclass
class OwnDns(ScriptedDns):
    """DNS with texts and reverse names too."""

    text: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reverse: Mapping[IpAddress, Sequence[str]] = field(default_factory=dict)

    async def texts(self, name: str) -> tuple[str, ...]:
        return tuple(self.text.get(name, ()))

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
        pytest.param(replace(GOOD, hosts={}), Topic.OWN_NAME, id="no-address"),
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


async def test_a_closed_port_is_a_problem() -> None:
    async with ScriptedServer() as server:
        options = replace(LOCAL, smtp_port=server.port)
    found = await inspect_sender(options, hosts=["mx.example.com"], resolver=GOOD)
    assert failed(found) == {Topic.SMTP_PORT}
    assert found.problem is not None
    assert "closed" in found.problem


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
