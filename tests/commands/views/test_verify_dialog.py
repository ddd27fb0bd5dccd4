"""The Verify dialog for each kind of audience."""

import pytest
from syrupy.assertion import SnapshotAssertion

from commands.views.audience_inputs import Choice
from commands.views.metadata import Metadata, unpack
from commands.views.verify_dialog import VerifyDialog, verify_dialog
from storage.states import AudienceKind
from tests.commands.views.judging import buttons, judge_view, words
from tests.commands.views.samples import CONNECTION, SECOND_CONNECTION

BOTH = (CONNECTION, SECOND_CONNECTION)
FEW = (Choice(11, "VIP readers"), Choice(12, "Spring 2026"))
MANY = tuple(Choice(number, f"Form {number}") for number in range(140))

DIALOGS = [
    pytest.param(
        VerifyDialog((CONNECTION,), CONNECTION, AudienceKind.SUBSCRIBERS, None, "C0LIST"),
        id="subscribers",
    ),
    pytest.param(
        VerifyDialog(BOTH, SECOND_CONNECTION, AudienceKind.TAGS, FEW, "C0LIST"), id="tags"
    ),
    pytest.param(VerifyDialog(BOTH, CONNECTION, AudienceKind.FORMS, MANY, None), id="many-forms"),
    pytest.param(VerifyDialog(BOTH, CONNECTION, AudienceKind.TAGS, (), "D0ANNA"), id="no-tags"),
    pytest.param(VerifyDialog(BOTH, CONNECTION, AudienceKind.TAGS, None, None), id="reading"),
]


@pytest.mark.parametrize("dialog", DIALOGS)
def test_each_dialog_is_drawn(dialog: VerifyDialog, as_json: SnapshotAssertion) -> None:
    view = verify_dialog(dialog)
    judge_view(view)
    assert view == as_json


@pytest.mark.parametrize("dialog", DIALOGS)
def test_the_dialog_remembers_what_it_was_drawn_for(dialog: VerifyDialog) -> None:
    assert unpack(verify_dialog(dialog)["private_metadata"]) == Metadata(
        connection_id=dialog.chosen.id, channel_id=dialog.channel_id, kind=dialog.kind
    )


@pytest.mark.parametrize("dialog", DIALOGS)
def test_another_account_can_always_be_added(dialog: VerifyDialog) -> None:
    assert buttons(verify_dialog(dialog)) == {"connection_add": "new"}


def test_the_dialog_says_that_nothing_is_charged_yet() -> None:
    (dialog,) = DIALOGS[0].values
    assert isinstance(dialog, VerifyDialog)
    assert "Nothing is charged before somebody presses Start" in words(verify_dialog(dialog))
