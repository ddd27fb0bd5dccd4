"""Tests for `python -m bot`: what is wrong is said in a sentence, and nothing is started."""

import asyncio
from pathlib import Path

import pytest

from sandbox.process import BotProcess

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-made-up", "SLACK_APP_TOKEN": "xapp-made-up"}


@pytest.mark.parametrize(
    ("environment", "command", "sentence"),
    [
        pytest.param({}, ["run"], "SLACK_BOT_TOKEN is not set.", id="no-bot-token"),
        pytest.param(
            {"SLACK_BOT_TOKEN": "xoxb-made-up"},
            ["run"],
            "SLACK_APP_TOKEN is not set.",
            id="no-app-token",
        ),
        pytest.param(
            {**TOKENS, "ENCRYPTION_KEY": "short"},
            ["run"],
            "The encryption key is not base64 text.",
            id="bad-key",
        ),
        pytest.param(
            {**TOKENS, "SMTP_RATE": "-1"},
            ["run"],
            "SMTP_RATE: Input should be greater than 0.",
            id="bad-number",
        ),
        pytest.param(
            {**TOKENS, "DNS_RESOLVER": "dns.example.com"},
            ["doctor"],
            "DNS_RESOLVER: Value error, write it as host:port",
            id="resolver-without-port",
        ),
        pytest.param(
            {},
            ["credits", "grant", "T0NOBODY", "5"],
            "No workspace T0NOBODY has used this bot yet. Nothing was granted.",
            id="unknown-workspace",
        ),
    ],
)
async def test_what_is_wrong_is_said_in_a_sentence(
    tmp_path: Path, environment: dict[str, str], command: list[str], sentence: str
) -> None:
    bot = BotProcess({"DATA_DIR": str(tmp_path / "data"), **environment}, tmp_path / "bot.log")
    said = await bot.ask(*command)
    assert sentence in said
    assert "Traceback" not in said


async def test_a_second_bot_on_the_same_folder_refuses_to_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    # Slack does not answer at this address, so the first one waits with the folder in its hands.
    environment = {
        **TOKENS,
        "DATA_DIR": str(data),
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "SMTP_CHECK_HOSTS": "127.0.0.1",
    }
    first = BotProcess(environment, tmp_path / "first.log")
    await first.start()
    try:
        while "Slack does not answer yet" not in first.logged():
            assert first.is_running, first.logged()
            await asyncio.sleep(0.1)
        said = await BotProcess(environment, tmp_path / "second.log").ask("run")
        assert "Another bot is running with the data folder" in said
    finally:
        await first.stop()
