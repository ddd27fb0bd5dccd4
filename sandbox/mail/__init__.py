"""A make-believe mail world on loopback: DNS and SMTP servers whose domains behave on demand."""

from sandbox.mail.behaviour import Behaviour, Domain, Mailbox, Style, Timing
from sandbox.mail.journal import Alarm, Command, Journal, Question
from sandbox.mail.world import MailWorld

__all__ = [
    "Alarm",
    "Behaviour",
    "Command",
    "Domain",
    "Journal",
    "MailWorld",
    "Mailbox",
    "Question",
    "Style",
    "Timing",
]
