"""The make-believe workspace can be described, also by the app's own manifest."""

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from sandbox.slack import App, FakeSlack, NotDrawn, SandboxSlackError, SlashCommand, Workspace
from tests.sandbox.slack.test_web_api import error_of

MANIFEST = {
    "display_information": {"name": "Gardener"},
    "features": {
        "app_home": {"home_tab_enabled": False, "messages_tab_enabled": False},
        "bot_user": {"display_name": "gardener"},
        "slash_commands": [{"command": "/weed", "description": "Weed", "usage_hint": "[bed]"}],
    },
    "oauth_config": {"scopes": {"bot": ["chat:write"]}},
    "settings": {"event_subscriptions": {"bot_events": ["app_uninstalled"]}},
}


def test_a_manifest_says_what_the_app_may_do() -> None:
    app = App.from_manifest(MANIFEST)

    assert (app.name, app.handle) == ("Gardener", "gardener")
    assert app.scopes == {"chat:write"}
    assert app.commands == (SlashCommand("/weed", "Weed", "[bed]"),)
    assert app.events == {"app_uninstalled"}
    assert not app.home_tab
    assert not app.messages_tab


async def test_an_app_gets_no_more_than_its_manifest_asks_for() -> None:
    async with FakeSlack(Workspace(app=App.from_manifest(MANIFEST))) as slack:
        client = AsyncWebClient(slack.bot_token, base_url=slack.url)
        home = await error_of(
            client.views_publish(user_id="U0OWNER", view={"type": "home", "blocks": []})
        )
        message = await error_of(client.chat_postMessage(channel="U0OWNER", text="hello"))
        with pytest.raises(NotDrawn, match="/weed is not a valid command"):
            await slack.person("owner").slash("/weed")
        await slack.person("owner").open_home()

    assert home["error"] == "not_enabled"
    assert message["error"] == "messages_tab_disabled"
    assert slack.deliveries == []


def test_people_and_channels_go_by_name_or_id() -> None:
    slack = FakeSlack()

    assert slack.person("@owner").id == slack.person("U0OWNER").id == "U0OWNER"
    assert slack.messages("#newsletter") == slack.messages("C0NEWSLETTER") == []
    with pytest.raises(SandboxSlackError, match="Nobody here is called stranger"):
        slack.person("stranger")
    with pytest.raises(SandboxSlackError, match="There is no channel nowhere"):
        slack.messages("nowhere")
