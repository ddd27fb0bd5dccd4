"""Ids are unique, short and never collide between kinds."""

from commands.views.ids import Button, Dialog, Field


def test_no_two_actions_share_an_id() -> None:
    actions = [member.value for kind in (Button, Field) for member in kind]
    assert len(actions) == len(set(actions))


def test_ids_are_the_names_in_lower_case() -> None:
    for kind in (Button, Field, Dialog):
        for member in kind:
            assert member.value == member.name.lower()


def test_nothing_is_called_delete() -> None:
    assert not any("delete" in member.value for kind in (Button, Field, Dialog) for member in kind)
