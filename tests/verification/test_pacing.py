"""How fast and in which groups an organisation is asked."""

import math

import pytest

from verification.judge import AcceptsAll
from verification.memory import Memory
from verification.probing.lane import MOST_REJECTIONS, Lane, most_recipients
from verification.probing.organisation import Organisation
from verification.probing.pace import Pace
from verification.probing.questions import Knowledge, Question, made_up_address, recipients_of
from verification.providers import PROVIDERS, Manners, provider_of, with_own_figures
from verification.syntax import Address

KNOWN = Knowledge(AcceptsAll.NO, "550 no", "no")


def lane(known: Knowledge = KNOWN, batch: int = 50) -> Lane:
    """Make a lane at an organisation without limits."""
    manners = Manners(start_rate=math.inf, top_rate=math.inf)
    return Lane(Organisation("mx", None, manners), ("mx",), b"key", lambda _: known, batch)


def fill(filled: Lane, count: int, domain: str = "reader.example") -> Lane:
    """Let questions wait."""
    for number in range(count):
        filled.put(Question("", Address(f"reader{number}", domain)))
    return filled


def test_the_pace_lets_one_group_go_and_makes_the_next_one_wait() -> None:
    pace = Pace(5.0, 80.0)
    assert pace.pause(100.0) == 0.0
    pace.spend(50, 100.0)
    assert pace.pause(100.0) == 10.0
    assert pace.pause(110.0) == 0.0


def test_a_clean_minute_raises_the_pace_by_a_fifth_up_to_the_top() -> None:
    pace = Pace(5.0, 6.5)
    for now in (0.0, 61.0):
        pace.spend(1, now)
    assert pace.rate == pytest.approx(6.0)
    pace.spend(1, 600.0)
    assert pace.rate == 6.5


def test_a_complaint_halves_the_pace_and_starts_a_new_minute() -> None:
    pace = Pace(8.0, 80.0)
    pace.spend(1, 0.0)
    pace.slow_down(50.0)
    pace.spend(1, 61.0)
    assert pace.rate == 4.0


def test_without_a_limit_nobody_waits() -> None:
    pace = Pace(math.inf, math.inf)
    pace.spend(1000, 0.0)
    pace.slow_down(0.0)
    assert pace.pause(0.0) == 0.0


def test_a_group_keeps_to_the_batch_size_with_the_made_up_address() -> None:
    group = fill(lane(Knowledge(), batch=20), 100).take(0)
    assert recipients_of(group) == 20
    assert group[0].transaction.recipients[-1] == made_up_address("reader.example", b"key")


def test_a_group_holds_several_small_domains() -> None:
    filled = lane()
    for number in range(5):
        fill(filled, 2, f"d{number}.example")
    assert [batch.domain for batch in filled.take(0)] == [f"d{n}.example" for n in range(5)]
    assert filled.count == 0


def test_made_up_addresses_take_no_room_from_those_that_may_be_accepted() -> None:
    filled = lane(Knowledge())
    filled.learn(1000, 100)
    for number in range(8):
        fill(filled, 3, f"d{number}.example")
    group = filled.take(0)
    assert [len(batch.questions) for batch in group] == [3] * 5
    made_ups, uncertain = len(group), 15 * 0.1
    assert made_ups + uncertain + 1.5 * math.sqrt(uncertain) <= MOST_REJECTIONS


@pytest.mark.parametrize(
    ("count", "domains", "opening", "served"),
    [
        pytest.param(20, 1, 0, False, id="nobody-opens"),
        pytest.param(20, 1, 1, True, id="one-will-do"),
        pytest.param(120, 1, 1, False, id="too-many-for-one-batch"),
        pytest.param(20, 10, 1, False, id="too-many-made-up-addresses-for-one"),
        pytest.param(20, 10, 2, True, id="two-will-do"),
    ],
)
def test_no_further_connection_is_wanted_where_those_being_opened_will_do(
    count: int, domains: int, opening: int, served: bool
) -> None:
    filled = lane(Knowledge())
    filled.learn(1000, 20)
    for number in range(domains):
        fill(filled, count // domains, f"d{number}.example")
    filled.opening = opening
    assert filled.is_served is served


def test_a_group_gets_smaller_as_rejections_are_used_up() -> None:
    sizes = [recipients_of(fill(lane(), 100).take(rejections)) for rejections in (0, 4, 7)]
    assert sizes == sorted(sizes, reverse=True)
    assert fill(lane(), 100).take(MOST_REJECTIONS) == []


def test_a_fresh_connection_always_takes_one_question_at_least() -> None:
    filled = fill(lane(), 10)
    filled.learn(1000, 1000)
    filled.halve_batch()
    assert recipients_of(filled.take(0)) >= 1


def test_mailboxes_that_need_smtputf8_travel_apart() -> None:
    filled = fill(lane(), 1)
    filled.put(Question("", Address("jürgen", "reader.example", needs_smtputf8=True)))
    assert [batch.transaction.smtputf8 for batch in filled.take(0)] == [False, True]


def test_few_groups_overstep_the_allowance() -> None:
    for share in (0.02, 0.1, 0.5):
        expected = most_recipients(9, share) * share
        assert expected + 1.4 * math.sqrt(expected) <= 9


def test_the_made_up_address_depends_on_the_domain_and_the_key_only() -> None:
    first = made_up_address("reader.example", b"key")
    assert first == made_up_address("reader.example", b"key")
    assert first != made_up_address("other.example", b"key")
    assert first != made_up_address("reader.example", b"another key")
    assert len(first.partition("@")[0]) <= 64


@pytest.mark.parametrize(
    ("host", "name"),
    [
        pytest.param("gmail-smtp-in.l.google.com", "google", id="google"),
        pytest.param("x.olc.protection.outlook.com", "microsoft_consumer", id="narrow-first"),
        pytest.param("x.mail.protection.outlook.com", "microsoft_365", id="wide"),
        pytest.param("mx.notgoogle.com", None, id="only-similar"),
        pytest.param("mx.reader.example", None, id="unknown"),
        pytest.param("inbound-smtp.eu-west-1.amazonaws.com", "amazon", id="amazon"),
        pytest.param("ec2-192-0-2-1.eu-west-1.compute.amazonaws.com", None, id="amazons-customer"),
        pytest.param("inbound-smtp.x.eu-west-1.elb.amazonaws.com", None, id="one-label-only"),
        pytest.param("mx1.mail.ovh.net", "ovh", id="ovh"),
        pytest.param("mx3.ovh.net", "ovh", id="ovh-of-old"),
        pytest.param("vps-1a2b.vps.ovh.net", None, id="ovhs-customer"),
        pytest.param("smtp.secureserver.net", "godaddy", id="godaddy"),
        pytest.param("1.2.0.192.host.secureserver.net", None, id="godaddys-customer"),
        pytest.param("smtp-in.orange.fr", "orange", id="orange"),
        pytest.param("laubervilliers-1.abo.wanadoo.fr", None, id="oranges-customer"),
    ],
)
def test_a_provider_is_known_by_its_mail_hosts(host: str, name: str | None) -> None:
    provider = provider_of(host)
    assert (None if provider is None else provider.name) == name


def test_every_provider_is_asked_politely() -> None:
    for provider in PROVIDERS:
        assert 1 <= provider.manners.connections <= 2
        assert provider.manners.start_rate <= 5
        assert provider.manners.batch <= 100


def test_the_operators_figures_replace_the_providers() -> None:
    manners = with_own_figures(Manners(), connections=7, rate=3.0)
    assert (manners.connections, manners.start_rate, manners.top_rate) == (7, 3.0, 3.0)


def test_memory_forgets_in_time_and_makes_room() -> None:
    memory: Memory[str, int] = Memory(2)
    memory.keep("a", 1, until=10.0)
    assert memory.recall("a", 9.0) == 1
    assert memory.recall("a", 10.0) is None
    memory.keep("b", 2, until=99.0)
    memory.keep("c", 3, until=99.0)
    assert memory.recall("a", 0.0) is None
