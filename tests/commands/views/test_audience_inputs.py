"""The inputs that choose what to verify fit what the account has."""

from dataclasses import replace

import pytest

from commands.views.audience_inputs import (
    Choice,
    audience_inputs,
    channel_input,
    choice_options,
    connection_inputs,
)
from storage.states import AudienceKind
from tests.commands.views.samples import CONNECTION, SECOND_CONNECTION

TAGS = tuple(Choice(number, f"Tag {number}") for number in range(1, 131))


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        pytest.param(1, "multi_static_select", id="one"),
        pytest.param(100, "multi_static_select", id="as-many-as-a-list-holds"),
        pytest.param(101, "multi_external_select", id="more"),
    ],
)
def test_many_tags_are_searched_by_typing(count: int, expected: str) -> None:
    _, choices = audience_inputs(CONNECTION, AudienceKind.TAGS, TAGS[:count])
    assert choices["element"]["type"] == expected


def test_an_account_without_tags_gets_a_sentence() -> None:
    _, choices = audience_inputs(CONNECTION, AudienceKind.TAGS, ())
    assert choices["text"]["text"].startswith("This account has no tags.")


def test_tags_that_are_still_read_get_a_sentence() -> None:
    _, choices = audience_inputs(CONNECTION, AudienceKind.FORMS, None)
    assert choices["text"]["text"] == "Reading the forms from ConvertKit..."


def test_all_subscribers_have_nothing_more_to_choose() -> None:
    assert len(audience_inputs(CONNECTION, AudienceKind.SUBSCRIBERS, TAGS)) == 1


def test_another_account_or_kind_starts_with_nothing_chosen() -> None:
    blocks = {
        audience_inputs(connection, kind, TAGS)[1]["block_id"]
        for connection in (CONNECTION, SECOND_CONNECTION)
        for kind in (AudienceKind.TAGS, AudienceKind.FORMS)
    }
    assert len(blocks) == 4


def test_one_account_is_not_a_choice() -> None:
    assert connection_inputs((CONNECTION,), CONNECTION) == []
    assert len(connection_inputs((CONNECTION, SECOND_CONNECTION), CONNECTION)) == 2


def test_an_account_without_a_name_goes_by_its_own() -> None:
    select, _ = connection_inputs((CONNECTION, SECOND_CONNECTION), CONNECTION)
    shown = [option["text"]["text"] for option in select["element"]["options"]]
    assert shown == ["Main list", "Shop news"]


@pytest.mark.parametrize(
    ("channel_id", "key"),
    [
        pytest.param("C0LIST", "initial_conversation", id="channel"),
        pytest.param("G0OLD", "initial_conversation", id="private"),
        pytest.param("D0ANNA", "default_to_current_conversation", id="direct-message"),
        pytest.param(None, "default_to_current_conversation", id="unknown"),
    ],
)
def test_the_channel_of_the_conversation_is_chosen(channel_id: str | None, key: str) -> None:
    assert key in channel_input(channel_id, "Post to")["element"]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("", ["Gold", "Old gold", "Silver"], id="nothing-typed"),
        pytest.param("gold", ["Gold", "Old gold"], id="beginning-first"),
        pytest.param(" SIL ", ["Silver"], id="case-and-spaces"),
        pytest.param("lead", [], id="nothing-found"),
    ],
)
def test_a_search_finds_names_that_contain_it(typed: str, expected: list[str]) -> None:
    choices = (Choice(1, "Gold"), Choice(2, "Old gold"), Choice(3, "Silver"))
    assert [o["text"]["text"] for o in choice_options(choices, typed)] == expected


def test_a_search_gives_as_many_as_slack_takes() -> None:
    assert len(choice_options(TAGS, "tag")) == 100


def test_a_nameless_tag_can_still_be_chosen() -> None:
    (option,) = choice_options((replace(TAGS[0], name=" "),), "")
    assert option["text"]["text"] == "(no name)"
