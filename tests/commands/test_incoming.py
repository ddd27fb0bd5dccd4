"""Who acts is read from what Slack sends, and a person of another organisation does not act."""

import pytest

from commands.incoming import Body, NotAMember, user_of, workspace_of

COMMAND: Body = {"team_id": "T0TEAM", "user_id": "U0ANNA"}
CLICK: Body = {"team": {"id": "T0TEAM"}, "user": {"id": "U0ANNA", "team_id": "T0TEAM"}}
MEMBERS = [
    pytest.param(COMMAND, id="command"),
    pytest.param(CLICK, id="click"),
    pytest.param({**CLICK, "user": {"id": "U0ANNA"}}, id="click-that-names-no-team-of-the-person"),
    pytest.param({**CLICK, "view": {"app_installed_team_id": "T0TEAM"}}, id="dialog"),
    pytest.param({**CLICK, "view": {"app_installed_team_id": None}}, id="dialog-without-its-team"),
]
# In a channel of Slack Connect, `team` is the app's for a click and the person's for a dialog.
STRANGERS = [
    pytest.param({**CLICK, "user": {"id": "U0EVE", "team_id": "T0OTHER"}}, id="click"),
    pytest.param(
        {
            "team": {"id": "T0OTHER"},
            "user": {"id": "U0EVE", "team_id": "T0OTHER"},
            "view": {"app_installed_team_id": "T0TEAM"},
        },
        id="dialog",
    ),
    pytest.param({**COMMAND, "user_team": "T0OTHER"}, id="named-beside-the-person"),
]


@pytest.mark.parametrize("body", MEMBERS)
def test_a_member_acts_in_their_workspace(body: Body) -> None:
    assert (workspace_of(body), user_of(body)) == ("T0TEAM", "U0ANNA")


@pytest.mark.parametrize("body", STRANGERS)
def test_a_person_of_another_organisation_does_not_act(body: Body) -> None:
    for read in (workspace_of, user_of):
        with pytest.raises(NotAMember, match=r"Only members .* Nothing was changed\."):
            read(body)
