"""Tests of the believable subscribers."""

from collections import Counter

import pytest
from disposable_email_domains import blocklist

from sandbox.mail import Behaviour
from sandbox.people import People, State, make_people
from verification import Category


@pytest.fixture(scope="module")
def people() -> People:
    return make_people(5_000)


def test_the_same_seed_makes_the_same_people(people: People) -> None:
    assert make_people(5_000) == people
    assert make_people(5_000, seed=2) != people


@pytest.mark.parametrize("count", [0, 1, 6, 59, 60, 1_234])
def test_there_are_exactly_as_many_people_as_asked_for(count: int) -> None:
    assert len(make_people(count).persons) == count


def test_ids_are_unique_rising_and_larger_than_32_bits(people: People) -> None:
    ids = [person.id for person in people.persons]
    assert ids == sorted(set(ids))
    assert ids[0] > 2**32


def test_no_address_is_there_twice_whatever_its_case(people: People) -> None:
    assert len({person.address.casefold() for person in people.persons}) == 5_000


def test_most_people_are_safe_and_every_category_has_a_believable_share(people: People) -> None:
    shares = people.shares()
    active = len(people.active)
    assert set(shares) == set(Category)
    assert 0.70 < shares[Category.SAFE] / active < 0.85
    for category in set(Category) - {Category.SAFE}:
        assert 0.01 < shares[category] / active < 0.12


def test_a_small_list_shows_all_categories() -> None:
    assert set(make_people(30).shares()) == set(Category)


def test_most_are_active_and_every_other_state_occurs(people: People) -> None:
    states = Counter(person.state for person in people.persons)
    assert set(states) == set(State)
    assert states[State.ACTIVE] > 4_500


def test_some_people_have_no_first_name(people: People) -> None:
    nameless = sum(person.first_name is None for person in people.persons)
    assert 500 < nameless < 1_500


def test_one_tag_and_one_form_are_empty_and_one_tag_has_a_hostile_name(people: People) -> None:
    tagged = Counter(tag for person in people.persons for tag in person.tags)
    formed = Counter(form for person in people.persons for form in person.forms)
    assert [tag.name for tag in people.tags if tag.id not in tagged] == ["Nobody yet"]
    assert [form.name for form in people.forms if form.id not in formed] == ["Coming soon"]
    assert "VIP <!channel> *bold*" in {tag.name for tag in people.tags}
    assert sum(form.archived for form in people.forms) == 1


def test_many_tags_can_be_asked_for() -> None:
    assert len(make_people(200, many_tags=150).tags) == 155


def test_disposable_people_live_at_domains_of_the_public_list(people: People) -> None:
    for person in people.persons:
        domain = person.address.rpartition("@")[2]
        assert (person.category is Category.DISPOSABLE) == (domain in blocklist), person.address


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(lambda address: '"' in address, id="quotes"),
        pytest.param(lambda address: not address.isascii(), id="unicode"),
        pytest.param(lambda address: len(address) == 300, id="300-characters"),
        pytest.param(lambda address: "@" not in address, id="no-at"),
        pytest.param(lambda address: address.isupper(), id="upper-case"),
        pytest.param(lambda address: "+" in address, id="plus-tag"),
        pytest.param(lambda address: address.startswith("="), id="formula"),
    ],
)
def test_odd_addresses_are_among_them(people: People, wanted: object) -> None:
    assert callable(wanted)
    assert any(wanted(person.address) for person in people.persons)


def test_no_domain_is_reserved_for_documentation(people: People) -> None:
    reserved = (".example", ".test", ".invalid", "example.com", "example.net", "example.org")
    assert not [d.name for d in people.domains if d.name.endswith(reserved)]


def test_whoever_is_safe_has_a_mailbox_at_a_domain_of_the_world(people: People) -> None:
    domains = {domain.name: domain for domain in people.domains}
    for person in people.persons:
        domain = person.address.rpartition("@")[2].lower()
        if person.category is Category.SAFE and domain.isascii():
            assert person.truth.mailbox is not None
            assert domain in domains


def test_only_greylisted_people_need_a_second_look(people: People) -> None:
    greylists = {d.name for d in people.domains if d.behaviour is Behaviour.GREYLISTS}
    for person in people.persons:
        at_greylist = person.address.rpartition("@")[2] in greylists
        assert (person.truth.at_first is not person.category) == at_greylist


def test_every_behaviour_of_the_catalogue_has_a_reader(people: People) -> None:
    lived_at = {person.address.rpartition("@")[2] for person in people.persons}
    behaviours = {d.behaviour for d in people.domains if d.name in lived_at}
    left_out = {
        # These need a client that is told about it, or stop a careful run altogether.
        Behaviour.NEEDS_RDNS,
        Behaviour.DANGLING_MX,
        Behaviour.PRIVATE_MX,
        Behaviour.NO_SUCH_DOMAIN,
    }
    assert behaviours == set(Behaviour) - left_out
