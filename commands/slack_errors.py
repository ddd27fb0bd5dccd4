"""What Slack's errors are called, whatever they came in."""

from slack_sdk.errors import SlackApiError


def code_of(error: Exception) -> str:
    """Give Slack's name for an error, such as not_in_channel; empty where Slack gave none.

    A proxy in front of Slack answers with text or a page, which the SDK hands on as it is.
    """
    if not isinstance(error, SlackApiError):
        return ""
    answer = error.response
    data = answer if isinstance(answer, dict) else getattr(answer, "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""
