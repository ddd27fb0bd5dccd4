"""Channels: why Slack does not take a message, in words that say what to do."""

from commands.slack_errors import code_of

_INVITE = (
    "I am not a member of {channel}. Type /invite @listkeeper there and try again, or choose "
    "another channel."
)
_ARCHIVED = "I cannot post in {channel}: it is archived. Choose another channel."

_WORDS = {
    "not_in_channel": _INVITE,
    # For a private channel that the bot is not in, Slack says that there is none.
    "channel_not_found": _INVITE,
    "is_archived": _ARCHIVED,
    # What chat.update says of a channel that was archived.
    "is_inactive": _ARCHIVED,
    "restricted_action": "This workspace does not let me post in {channel}. Choose another one.",
    "ratelimited": "Slack asks me to slow down. Try again in a minute.",
    "invalid_auth": "Slack does not know me any more. The person who hosts this bot has to look.",
    "account_inactive": "Slack has switched me off. The person who hosts this bot has to look.",
}


#: Errors that waiting does not mend: somebody has to do something.
_SHUT = frozenset(_WORDS) - {"ratelimited"}


def is_shut(error: Exception) -> bool:
    """Tell whether Slack will not take messages for the channel until somebody does something."""
    return code_of(error) in _SHUT


def why_not(error: Exception, place: str) -> str:
    """Say why a message could not be posted, and what to do.

    Args:
        error: What Slack answered.
        place: What to call the channel: its mention, or words where a mention is not drawn.
    """
    words = _WORDS.get(
        code_of(error), "Slack did not take my message for {channel}. Try again in a minute."
    )
    return words.format(channel=place)
