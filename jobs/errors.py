"""What can go wrong in jobs, as a tree.

JobError
├── CannotPost          Slack does not take a message for the channel
└── SlackUnavailable    Slack does not answer just now
"""


class JobError(Exception):
    """Anything that jobs refuse; the message is a sentence for the person who reads it."""


class CannotPost(JobError):
    """A channel that the bot may not post to, with what to do about it."""


class SlackUnavailable(JobError):
    """A fault at Slack or on the way to it; waiting helps."""
