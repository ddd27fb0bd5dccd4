"""The limits are those of the reference, and those of an independent library."""

from collections.abc import Callable
from typing import Any

from slackblocks import _limits as outside_opinion
from slackblocks._surfaces import _BLOCK_TYPES_BY_SURFACE

from sandbox.slack.blockkit import limits, surfaces

OURS = {name: value for name, value in vars(limits).items() if name.isupper()}


def test_every_limit_is_the_one_of_the_reference(reference: Callable[[str], Any]) -> None:
    assert reference("blockkit-limits.json")["limits"] == OURS


def test_surfaces_take_the_blocks_of_the_reference(reference: Callable[[str], Any]) -> None:
    by_surface = reference("blockkit-limits.json")["blocks_by_surface"]

    assert set(by_surface["message"]) == surfaces.IN_MESSAGE
    assert set(by_surface["modal"]) == surfaces.IN_MODAL
    assert set(by_surface["home"]) == surfaces.IN_HOME


def test_slackblocks_knows_the_same_limits() -> None:
    theirs = {name: value for name, value in vars(outside_opinion).items() if name.isupper()}

    shared = theirs.keys() & OURS.keys()

    assert len(shared) > 140
    assert {name: theirs[name] for name in shared} == {name: OURS[name] for name in shared}


def test_slackblocks_allows_the_same_blocks_on_each_surface() -> None:
    assert _BLOCK_TYPES_BY_SURFACE["message"] == surfaces.IN_MESSAGE
    assert _BLOCK_TYPES_BY_SURFACE["modal"] == surfaces.IN_MODAL
    assert _BLOCK_TYPES_BY_SURFACE["home"] == surfaces.IN_HOME
