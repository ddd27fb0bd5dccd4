"""Tests for commands.slack_errors: an error has a name, or none, and never another error."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from commands.slack_errors import code_of


def answered(data: object) -> AsyncSlackResponse:
    return AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="https://slack.com/api/chat.update",
        req_args={},
        data=data,  # type: ignore[arg-type]
        headers={},
        status_code=503,
    )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(
            SlackApiError("", answered({"ok": False, "error": "not_in_channel"})),
            "not_in_channel",
            id="of-slack",
        ),
        pytest.param(SlackApiError("", {"error": "is_archived"}), "is_archived", id="plain"),
        pytest.param(SlackApiError("", answered("upstream error")), "", id="text-of-a-proxy"),
        pytest.param(SlackApiError("", answered({"ok": False})), "", id="without-a-name"),
        pytest.param(SlackApiError("", object()), "", id="something-else"),
        pytest.param(TimeoutError(), "", id="not-slack"),
    ],
)
def test_the_name_of_an_error(error: Exception, code: str) -> None:
    assert code_of(error) == code
