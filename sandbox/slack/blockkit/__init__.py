"""Slack's Block Kit rules: is this message, dialog or home tab one that Slack would accept?"""

from sandbox.slack.blockkit.surfaces import (
    home_problems,
    message_problems,
    modal_problems,
    options_problems,
)

__all__ = ["home_problems", "message_problems", "modal_problems", "options_problems"]
