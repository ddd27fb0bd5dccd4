"""The builders keep Slack's limits and say what they mean."""

import pytest

from commands.views import blocks
from commands.views.ids import Button


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        pytest.param("", "-", id="empty"),
        pytest.param(" \n ", "-", id="only-spaces"),
        pytest.param("VIP *bold* <!channel>", "VIP *bold* <!channel>", id="drawn-as-it-is"),
    ],
)
def test_a_plain_text_is_never_empty_and_never_formatted(text: str, drawn: str) -> None:
    assert blocks.plain(text) == {"type": "plain_text", "text": drawn, "emoji": False}


def test_slack_links_no_words_of_its_own_accord() -> None:
    assert blocks.mrkdwn("shop.example.com")["verbatim"] is True


def test_a_button_carries_one_id_as_text() -> None:
    button = blocks.button("Start", Button.RUN_START, 31, style="primary")
    assert (button["action_id"], button["value"]) == ("run_start", "31")
    assert "confirm" not in button


def test_a_question_fits_whatever_it_is_about() -> None:
    ask = blocks.confirm("t" * 500, "x" * 500, "y" * 500, "n" * 500)
    lengths = {key: len(ask[key]["text"]) for key in ("title", "text", "confirm", "deny")}
    assert lengths == {"title": 100, "text": 300, "confirm": 30, "deny": 30}


def test_a_row_has_an_id_only_where_it_is_given() -> None:
    assert "block_id" not in blocks.actions()
    assert blocks.actions(block_id="plan")["block_id"] == "plan"
