"""Tests for bot.doctor: each finding is a sentence that says what to do."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.doctor import examine
from bot.settings import Settings
from sandbox.slack import App, FakeSlack, Workspace
from sandbox.world import World, WorldSettings


@pytest.fixture
async def settings(tmp_path: Path) -> AsyncIterator[Settings]:
    async with FakeSlack() as slack, World(WorldSettings(people=20)) as world:
        world.mail.zone.add("probe.paper-lantern.com", "A", "127.0.0.1")
        world.mail.zone.add("strict.paper-lantern.com", "TXT", '"v=spf1 -all"')
        host, port = world.mail.resolver
        yield Settings(
            slack_bot_token=SecretStr(slack.bot_token),
            slack_app_token=SecretStr(slack.app_token),
            slack_api_url=slack.url,
            data_dir=tmp_path / "data",
            dns_resolver=f"{host}:{port}",
            smtp_port=world.mail.smtp_port,
            smtp_check_hosts=("127.0.0.2", "127.0.0.1"),
            smtp_helo="probe.paper-lantern.com",
            smtp_mail_from="check@paper-lantern.com",
            allow_private_networks=True,
        )


async def findings(settings: Settings) -> tuple[bool, list[str]]:
    said: list[str] = []
    return await examine(settings, said.append), said


async def test_a_bot_that_can_run_is_told_so(settings: Settings) -> None:
    can_run, said = await findings(settings)
    assert can_run
    assert not any(each.startswith("FAIL") for each in said)
    assert "ok   The bot token works: @listkeeper in the workspace Sandbox." in said
    assert "ok   The app has the scopes it needs." in said
    assert "ok   The app token works: Socket Mode can connect." in said
    assert "ok   The encryption key is there and opens every stored secret." in said
    assert f"ok   Port {settings.smtp_port} is open: 127.0.0.2, 127.0.0.1 answered." in said


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        pytest.param(
            {"slack_bot_token": ""}, "FAIL SLACK_BOT_TOKEN is not set.", id="no-bot-token"
        ),
        pytest.param(
            {"slack_bot_token": "xoxb-other"},
            "FAIL Slack refuses SLACK_BOT_TOKEN (invalid_auth).",
            id="wrong-bot-token",
        ),
        pytest.param(
            {"slack_app_token": ""}, "FAIL SLACK_APP_TOKEN is not set.", id="no-app-token"
        ),
        pytest.param(
            {"slack_api_url": "http://127.0.0.1:9/api/"},
            "FAIL Slack does not answer",
            id="slack-is-away",
        ),
        pytest.param(
            {"encryption_key": "not a key"},
            "FAIL The encryption key is not base64 text.",
            id="bad-key",
        ),
    ],
)
async def test_what_keeps_the_bot_from_running_is_named(
    settings: Settings, change: dict[str, str], sentence: str
) -> None:
    can_run, said = await findings(Settings(**{**dict(settings), **change}))
    assert not can_run
    assert any(each.startswith(sentence) for each in said), said


async def test_missing_scopes_are_named(tmp_path: Path, settings: Settings) -> None:
    workspace = Workspace(app=App(scopes=frozenset({"commands", "chat:write"})))
    async with FakeSlack(workspace) as slack:
        change = {"slack_api_url": slack.url}
        can_run, said = await findings(Settings(**{**dict(settings), **change}))
    assert not can_run
    assert any("lacks the scopes files:write" in each for each in said)


async def test_a_closed_port_is_a_limit_that_is_explained(settings: Settings) -> None:
    change = {"smtp_port": 9}
    can_run, said = await findings(Settings(**{**dict(settings), **change}))
    assert can_run
    closed = next(each for each in said if "seems to be closed" in each)
    assert closed.startswith("note")
    assert "Unknown, never as Invalid" in closed


async def test_a_port_is_not_called_closed_where_no_host_could_be_looked_up(
    settings: Settings,
) -> None:
    change = {"smtp_check_hosts": ("nobody-has-this.com",)}
    can_run, said = await findings(Settings(**{**dict(settings), **change}))
    assert can_run
    assert any("is open is not known" in each for each in said)
    assert not any("closed" in each or "no mail server is asked" in each for each in said)


async def test_a_missing_sender_is_a_limit_that_is_explained(settings: Settings) -> None:
    change = {"smtp_helo": "", "smtp_mail_from": ""}
    can_run, said = await findings(Settings(**{**dict(settings), **change}))
    assert can_run
    assert any("set SMTP_HELO and SMTP_MAIL_FROM" in each for each in said)
    assert any("is open was not looked at" in each for each in said)


async def test_an_spf_record_that_forbids_this_machine_is_explained(settings: Settings) -> None:
    change = {"smtp_mail_from": "check@strict.paper-lantern.com"}
    can_run, said = await findings(Settings(**{**dict(settings), **change}))
    assert can_run
    forbids = next(each for each in said if "forbids" in each)
    assert forbids.startswith("note The SPF record of strict.paper-lantern.com forbids 127.0.0.1")
    assert "add ip4:127.0.0.1 to it" in forbids
    assert any(each.startswith("note So no mail server is asked: mend that") for each in said)


async def test_a_key_file_that_others_can_read_is_a_limit(settings: Settings) -> None:
    await findings(settings)
    (settings.data_dir / "key").chmod(0o644)
    _, said = await findings(settings)
    assert any(each.startswith("note Others on this machine can read") for each in said)
