"""Holds what each style of mail server says, in words of this sandbox's own."""

from dataclasses import dataclass
from enum import StrEnum

from sandbox.mail.behaviour import Style


class Say(StrEnum):
    """What a server has to say, apart from the words."""

    #: The greeting.
    HELLO = "hello"
    #: MAIL FROM was taken.
    SENDER_OK = "sender_ok"
    #: The recipient was taken.
    TAKEN = "taken"
    #: There is no such mailbox.
    NO_MAILBOX = "no_mailbox"
    #: The mailbox was switched off.
    DISABLED = "disabled"
    #: The mailbox is full.
    FULL = "full"
    #: The mailbox receives too much at present.
    OVER_RATE = "over_rate"
    #: Come back later: greylisting.
    GREYLISTED = "greylisted"
    #: Come back later: no reason.
    DEFERRED = "deferred"
    #: This client is not wanted.
    BLOCKED = "blocked"
    #: This client has no reverse name.
    NO_RDNS = "no_rdns"
    #: This server does not take mail for that domain.
    NOT_OURS = "not_ours"
    #: Enough recipients for one transaction.
    ENOUGH = "enough"
    #: The connection ends.
    CLOSING = "closing"
    #: STARTTLS first.
    TLS_FIRST = "tls_first"


@dataclass(frozen=True, slots=True)
class Reply:
    """Hold one reply: its code and its lines."""

    code: int
    lines: tuple[str, ...]

    def wire(self) -> bytes:
        """Return the reply as it is sent (RFC 5321 section 4.2.1)."""
        *first, last = self.lines
        text = "".join(f"{self.code}-{line}\r\n" for line in first)
        return f"{text}{self.code} {last}\r\n".encode()


def reply(text: str, **words: str) -> Reply:
    """Make a reply from "550 5.1.1 first line|second line", filling in {words}."""
    code, _, rest = text.partition(" ")
    return Reply(int(code), tuple(rest.format(**words).split("|")))


def words_of(style: Style, say: Say, **words: str) -> Reply:
    """Return what a server of this style says; {address}, {server} and {client} are filled in."""
    return reply(_WORDS[style].get(say, _WORDS[Style.POSTFIX][say]), **words)


_WORDS: dict[Style, dict[Say, str]] = {
    Style.POSTFIX: {
        Say.HELLO: "220 {server} ESMTP Postfix",
        Say.SENDER_OK: "250 2.1.0 Ok",
        Say.TAKEN: "250 2.1.5 Ok",
        Say.NO_MAILBOX: "550 5.1.1 <{address}>: Recipient address rejected:"
        " User unknown in virtual mailbox table",
        Say.DISABLED: "550 5.2.1 <{address}>: Recipient address rejected:"
        " This mailbox has been disabled",
        Say.FULL: "452 4.2.2 <{address}>: Recipient address rejected: Mailbox is over quota",
        Say.OVER_RATE: "450 4.2.1 <{address}>: Recipient address rejected:"
        " The user you are trying to contact is receiving mail at a rate too high",
        Say.GREYLISTED: "450 4.2.0 <{address}>: Recipient address rejected:"
        " Greylisted, please come back later",
        Say.DEFERRED: "451 4.3.0 <{address}>: Temporary lookup failure",
        Say.BLOCKED: "554 5.7.1 <{client}>: Client host rejected: Access denied by local policy",
        Say.NO_RDNS: "450 4.7.25 Client host rejected: cannot find your reverse hostname,"
        " [{client}]",
        Say.NOT_OURS: "554 5.7.1 <{address}>: Relay access denied",
        Say.ENOUGH: "452 4.5.3 Error: too many recipients",
        Say.CLOSING: "421 4.3.2 {server} Service shutting down, closing transmission channel",
        Say.TLS_FIRST: "530 5.7.0 Must issue a STARTTLS command first",
    },
    Style.EXIM: {
        Say.HELLO: "220 {server} ESMTP Exim 4.96|We do not authorise the use of this system|"
        "to transport unsolicited mail.",
        Say.SENDER_OK: "250 OK",
        Say.TAKEN: "250 Accepted",
        Say.NO_MAILBOX: "550 No such person at this address: <{address}>",
        Say.DISABLED: "550 Account <{address}> has been suspended",
        Say.FULL: "452 <{address}> mailbox is full, try again later",
        Say.OVER_RATE: "450 <{address}> user is receiving mail too quickly, try later",
        Say.GREYLISTED: "451 Greylisted: this triplet is new here, try again in a moment",
        Say.DEFERRED: "451 Temporary local problem - please try later",
        Say.BLOCKED: "550 Your host [{client}] is not allowed to send mail here",
        Say.NO_RDNS: "550 Reverse DNS lookup failed for host [{client}]",
        Say.NOT_OURS: "550 relay not permitted",
        Say.ENOUGH: "452 too many recipients",
        Say.CLOSING: "421 {server}: SMTP command timeout - closing connection",
    },
    Style.EXCHANGE: {
        Say.HELLO: "220 {server} Microsoft ESMTP MAIL Service ready",
        Say.SENDER_OK: "250 2.1.0 Sender OK",
        Say.TAKEN: "250 2.1.5 Recipient OK",
        Say.NO_MAILBOX: "550 5.4.1 Recipient address rejected: Access denied."
        " AS(201806281) [{server}]",
        Say.DISABLED: "550 5.2.1 The mailbox of {address} is disabled [{server}]",
        Say.FULL: "552 5.2.2 Mailbox of {address} is over its quota [{server}]",
        Say.OVER_RATE: "450 4.2.1 The recipient has exceeded their limit for the number of"
        " messages they can receive per hour [{server}]",
        Say.GREYLISTED: "451 4.7.500 Server busy. Please try again later from [{client}]",
        Say.DEFERRED: "451 4.7.500 Server busy. Please try again later from [{client}]",
        Say.BLOCKED: "550 5.7.606 Access denied, banned sending IP [{client}]",
        Say.NO_RDNS: "550 5.7.25 Service unavailable, sending IPv4 address [{client}]"
        " must have a reverse DNS record",
        Say.NOT_OURS: "550 5.7.64 TenantAttribution; Relay Access Denied [{server}]",
        Say.ENOUGH: "452 4.5.3 Too many recipients (AS780090) [{server}]",
        Say.CLOSING: "421 4.3.2 Service not active [{server}]",
        Say.TLS_FIRST: "530 5.7.0 Must issue a STARTTLS command first [{server}]",
    },
    Style.GOOGLE: {
        Say.HELLO: "220 mx.google.com ESMTP a1-7f3c - gsmtp",
        Say.SENDER_OK: "250 2.1.0 OK a1-7f3c - gsmtp",
        Say.TAKEN: "250 2.1.5 OK a1-7f3c - gsmtp",
        Say.NO_MAILBOX: "550 5.1.1 The email account that you tried to reach does not exist.|"
        "5.1.1 Please look for typing errors or stray spaces in the address.|"
        "5.1.1 a1-7f3c - gsmtp",
        Say.DISABLED: "550 5.2.1 The email account that you tried to reach is inactive.|"
        "5.2.1 a1-7f3c - gsmtp",
        Say.FULL: "452 4.2.2 The recipient's inbox is out of storage space.|4.2.2 a1-7f3c - gsmtp",
        Say.OVER_RATE: "450 4.2.1 The user you are trying to contact is receiving mail at a rate|"
        "4.2.1 that prevents further messages from being delivered. a1-7f3c - gsmtp",
        Say.GREYLISTED: "451 4.7.0 Try again later; this sender is new here. a1-7f3c - gsmtp",
        Say.DEFERRED: "451 4.3.0 Mail server temporarily rejected message. a1-7f3c - gsmtp",
        Say.BLOCKED: "550 5.7.1 [{client}] Our system has detected an unusual rate of|"
        "5.7.1 unsolicited mail from your address. a1-7f3c - gsmtp",
        Say.NO_RDNS: "550 5.7.25 [{client}] The sending address has no PTR record.|"
        "5.7.25 a1-7f3c - gsmtp",
        Say.NOT_OURS: "550 5.7.1 Relaying denied a1-7f3c - gsmtp",
        Say.ENOUGH: "452 4.5.3 Your message has too many recipients. a1-7f3c - gsmtp",
        Say.CLOSING: "421 4.7.0 Temporary system problem, closing connection. a1-7f3c - gsmtp",
        Say.TLS_FIRST: "530 5.7.0 Must issue a STARTTLS command first. a1-7f3c - gsmtp",
    },
    Style.SENDMAIL: {
        Say.HELLO: "220 {server} ESMTP Sendmail 8.17.1/8.17.1; mail only for our own users",
        Say.SENDER_OK: "250 2.1.0 Sender ok",
        Say.TAKEN: "250 2.1.5 <{address}>... Recipient ok",
        Say.NO_MAILBOX: "550 5.1.1 <{address}>... User unknown",
        Say.DISABLED: "550 5.2.1 <{address}>... Mailbox disabled for this recipient",
        Say.FULL: "552 5.2.2 <{address}>... Mailbox full",
        Say.GREYLISTED: "451 4.7.1 Greylisting in action, please come back later",
        Say.DEFERRED: "451 4.3.2 Please try again later",
        Say.BLOCKED: "550 5.7.1 Access denied for [{client}]",
        Say.NO_RDNS: "550 5.7.1 Fix reverse DNS for [{client}]",
        Say.NOT_OURS: "550 5.7.1 <{address}>... Relaying denied",
        Say.ENOUGH: "452 4.5.3 Too many recipients",
        Say.CLOSING: "421 4.3.2 {server} System shutting down",
    },
    Style.YAHOO: {
        Say.HELLO: "220 mtaproxy.example.free.mail ESMTP ready",
        Say.SENDER_OK: "250 sender <{address}> ok",
        Say.TAKEN: "250 recipient <{address}> ok",
        Say.NO_MAILBOX: "552 1 Requested mail action aborted, mailbox not found",
        Say.DISABLED: "554 30 This mailbox is disabled",
        Say.BLOCKED: "553 5.7.1 [BL21] Connections will not be accepted from {client}",
        Say.DEFERRED: "421 4.7.0 [TSS04] Messages from {client} temporarily deferred",
        Say.NOT_OURS: "550 relaying denied for <{address}>",
    },
}
