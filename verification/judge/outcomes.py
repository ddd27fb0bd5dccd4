"""The outcomes that a mail server's reply can have, and the reason that each one gives."""

from enum import StrEnum

from verification.verdicts import Reason


class Stage(StrEnum):
    """Where in the conversation a reply was given; only RCPT can speak about the recipient."""

    #: The greeting.
    CONNECT = "connect"
    #: The answer to EHLO or HELO.
    EHLO = "ehlo"
    #: The answer to STARTTLS.
    STARTTLS = "starttls"
    #: The answer to MAIL FROM.
    MAIL = "mail"
    #: The answer to RCPT TO.
    RCPT = "rcpt"


class Outcome(StrEnum):
    """What one reply means."""

    #: The recipient is accepted.
    ACCEPTED = "accepted"
    #: The recipient is accepted without having been checked (252).
    ACCEPTED_UNCHECKED = "accepted_unchecked"
    #: There is no such mailbox.
    NO_MAILBOX = "no_mailbox"
    #: The mailbox was closed.
    DISABLED = "disabled"
    #: The server refuses the form of the address.
    SYNTAX_RCPT = "syntax_rcpt"
    #: The domain takes no mail.
    NO_DOMAIN_MAIL = "no_domain_mail"
    #: The mailbox is full.
    FULL = "full"
    #: The mailbox gets more mail than its server allows.
    RATE_RECIPIENT = "rate_recipient"
    #: Come back in a few minutes.
    GREYLIST = "greylist"
    #: A fault that may pass.
    TEMP = "temp"
    #: Ask for fewer recipients at a time; no answer about this one.
    TOO_MANY_RCPTS = "too_many_rcpts"
    #: We ask too much or too fast.
    RATE_SENDER = "rate_sender"
    #: We are blocked, or refused by policy.
    BLOCKED = "blocked"
    #: Our EHLO name or MAIL FROM is refused.
    SENDER_REJECTED = "sender_rejected"
    #: Our address lacks a reverse name.
    NEEDS_RDNS = "needs_rdns"
    #: The server does not serve the domain.
    RELAY_DENIED = "relay_denied"
    #: TLS comes first; no answer about the recipient.
    TLS_REQUIRED = "tls_required"
    #: The recipient takes mail from chosen senders only.
    POLICY_RCPT = "policy_rcpt"
    #: A refusal that speaks of a message.
    CONTENT = "content"
    #: The server and we do not understand each other.
    PROTOCOL = "protocol"
    #: Refused without a reason.
    REJECTED_NO_REASON = "rejected_no_reason"
    #: The server goes on: a 2xx or 3xx before RCPT TO.
    PROCEED = "proceed"


#: The reason that an outcome gives on its own; what ACCEPTED means depends on the domain.
REASONS = {
    Outcome.ACCEPTED_UNCHECKED: Reason.HIDES_MAILBOXES,
    Outcome.NO_MAILBOX: Reason.NO_SUCH_MAILBOX,
    Outcome.DISABLED: Reason.MAILBOX_DISABLED,
    Outcome.SYNTAX_RCPT: Reason.MALFORMED,
    Outcome.NO_DOMAIN_MAIL: Reason.DOMAIN_REFUSES_MAIL,
    Outcome.FULL: Reason.MAILBOX_FULL,
    Outcome.RATE_RECIPIENT: Reason.MAILBOX_OVER_RATE,
    Outcome.GREYLIST: Reason.GREYLISTED,
    Outcome.TEMP: Reason.TEMPORARY,
    Outcome.TOO_MANY_RCPTS: Reason.TEMPORARY,
    Outcome.RATE_SENDER: Reason.RATE_LIMITED,
    Outcome.BLOCKED: Reason.BLOCKED,
    Outcome.SENDER_REJECTED: Reason.SENDER_REJECTED,
    Outcome.NEEDS_RDNS: Reason.NEEDS_REVERSE_DNS,
    Outcome.RELAY_DENIED: Reason.NOT_SERVED,
    Outcome.TLS_REQUIRED: Reason.TLS_FAILED,
    Outcome.POLICY_RCPT: Reason.RESTRICTED,
    Outcome.CONTENT: Reason.CONTENT,
    Outcome.PROTOCOL: Reason.PROTOCOL,
    Outcome.REJECTED_NO_REASON: Reason.REFUSED,
    Outcome.PROCEED: Reason.PROTOCOL,
}


class AcceptsAll(StrEnum):
    """Whether a domain accepts any address, as its answer to a made-up one shows."""

    #: It accepted the made-up address.
    YES = "yes"
    #: It refused the made-up address, and said that the mailbox is the cause.
    NO = "no"
    #: It gave no answer that proves either.
    UNDETERMINED = "undetermined"


def reason_for(outcome: Outcome, accepts_all: AcceptsAll) -> Reason:
    """Decide the reason, and with it the category, of an address from its reply's outcome."""
    if outcome is not Outcome.ACCEPTED:
        return REASONS[outcome]
    return {
        AcceptsAll.YES: Reason.ACCEPTS_ALL,
        AcceptsAll.NO: Reason.ACCEPTED,
        AcceptsAll.UNDETERMINED: Reason.ACCEPTED_UNPROVEN,
    }[accepts_all]


def accepts_all(made_up: Outcome | None) -> AcceptsAll:
    """Read the answer to the made-up address; only words about the mailbox prove a "no"."""
    if made_up is Outcome.ACCEPTED:
        return AcceptsAll.YES
    if made_up in (Outcome.NO_MAILBOX, Outcome.DISABLED, Outcome.SYNTAX_RCPT):
        return AcceptsAll.NO
    return AcceptsAll.UNDETERMINED
