"""Tests that people, ConvertKit and the mail world agree."""

import smtplib
from asyncio import to_thread

import dns.asyncresolver
import dns.resolver
import httpx
import pytest

from sandbox.kit import Delays
from sandbox.mail import Behaviour, Mailbox
from sandbox.people import Person, make_people
from sandbox.world import World, WorldSettings
from verification import Category


def _resolver(world: World) -> dns.asyncresolver.Resolver:
    host, port = world.environment()["DNS_RESOLVER"].split(":")
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [host], int(port)
    resolver.lifetime = 2
    return resolver


async def _ask(world: World, person: Person) -> int:
    """Return the code that the person's best mail server answers at RCPT TO."""
    domain = person.address.rpartition("@")[2].lower()
    resolver = _resolver(world)
    exchangers = sorted(
        (record.preference, record.exchange) for record in await resolver.resolve(domain, "MX")
    )
    address = (await resolver.resolve(exchangers[0][1], "A"))[0].to_text()

    def dialogue() -> int:
        with smtplib.SMTP(address, world.mail.smtp_port, "probe.listkeeper.com") as client:
            client.ehlo()
            client.mail("probe@listkeeper.com")
            return client.rcpt(person.address)[0]

    return await to_thread(dialogue)


async def test_five_thousand_people_fit_in() -> None:
    async with World(WorldSettings(people=5_000)) as world:
        assert len(world.account.subscribers) == 5_000


async def test_the_environment_points_at_loopback() -> None:
    async with World(WorldSettings(people=10)) as world:
        environment = world.environment()
    assert set(environment) == {
        "CONVERTKIT_V3_URL",
        "CONVERTKIT_V4_URL",
        "DNS_RESOLVER",
        "SMTP_PORT",
        "ALLOW_PRIVATE_NETWORKS",
    }
    assert environment["CONVERTKIT_V4_URL"].startswith("http://127.0.0.1:")
    assert environment["DNS_RESOLVER"].startswith("127.0.0.1:")


async def test_a_listed_subscriber_has_the_address_that_the_mail_world_knows() -> None:
    async with World(WorldSettings(people=300)) as world, httpx.AsyncClient() as client:
        headers = {"X-Kit-Api-Key": world.account.keys.v4[0]}
        url = f"{world.kit.v4_url}/subscribers"
        page = (await client.get(url, headers=headers)).json()["subscribers"]
        assert {row["email_address"] for row in page} == {p.address for p in world.people.active}


@pytest.mark.parametrize(
    ("category", "mailbox", "codes"),
    [
        pytest.param(Category.SAFE, Mailbox.EXISTS, {250}, id="safe"),
        pytest.param(Category.CATCH_ALL, None, {250}, id="catch-all"),
        pytest.param(Category.RISKY, Mailbox.FULL, {452, 552}, id="full"),
        pytest.param(Category.RISKY, Mailbox.OVER_RATE, {450}, id="over-rate"),
        pytest.param(Category.INVALID, None, {550}, id="no-mailbox"),
        pytest.param(Category.INVALID, Mailbox.DISABLED, {550}, id="disabled"),
    ],
)
async def test_the_mail_world_leads_to_the_category_of_the_person(
    category: Category, mailbox: Mailbox | None, codes: set[int]
) -> None:
    async with World(WorldSettings(people=500)) as world:
        plain = {
            domain.name
            for domain in world.people.domains
            if domain.behaviour in {Behaviour.HONEST, Behaviour.CATCH_ALL}
        }
        asked = [
            person
            for person in world.people.persons
            if person.category is category
            and person.truth.mailbox is mailbox
            and person.address.isascii()
            and person.address.rpartition("@")[2].lower() in plain
            and ".." not in person.address
        ]
        assert asked
        assert {await _ask(world, person) for person in asked[:12]} <= codes
        assert not world.mail.journal.alarms


async def test_a_domain_that_nobody_has_is_not_found() -> None:
    async with World(WorldSettings(people=10)) as world:
        with pytest.raises(dns.resolver.NXDOMAIN):
            await _resolver(world).resolve("closedforever.net", "MX")


async def test_two_worlds_live_side_by_side() -> None:
    settings = WorldSettings(people=20, delays=Delays(lists=0))
    async with World(settings) as one, World(settings) as other:
        assert one.environment()["SMTP_PORT"] != other.environment()["SMTP_PORT"]


async def test_a_world_can_be_given_its_people() -> None:
    people = make_people(5, seed=7)
    async with World(people=people) as world:
        assert [s.id for s in world.account.subscribers] == [p.id for p in people.persons]
