"""What a verification says about one address: category, reason, evidence and flags."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Category(StrEnum):
    """The six answers that a team sees."""

    #: The mailbox exists, at a server that refuses addresses it does not know.
    SAFE = "safe"
    #: An explicit rule says that mail to this address cannot arrive.
    INVALID = "invalid"
    #: The address belongs to a throw-away provider.
    DISPOSABLE = "disposable"
    #: The domain accepts any address, so this mailbox cannot be proven.
    CATCH_ALL = "catch_all"
    #: Nothing was learnt. Unknown is never bad.
    UNKNOWN = "unknown"
    #: The mailbox exists, or may exist, but mail to it may not arrive.
    RISKY = "risky"

    @property
    def label(self) -> str:
        """Give the name of the category as people read it."""
        return "Catch-all" if self is Category.CATCH_ALL else self.value.capitalize()


class Reason(StrEnum):
    """Why an address is in its category; each reason belongs to exactly one."""

    category: Category
    sentence: str

    # The defaults are for type checkers only: ``Reason("timeout")`` looks a member up.
    def __new__(
        cls, value: str, category: Category = Category.UNKNOWN, sentence: str = ""
    ) -> "Reason":
        """Make a member that knows its category and its sentence for people."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.category = category
        member.sentence = sentence
        return member

    #: Accepted, and the made-up address at the same domain was refused.
    ACCEPTED = "accepted", Category.SAFE, "The mail server accepts this mailbox."

    #: Not an address by RFC 5321.
    BAD_SYNTAX = "bad_syntax", Category.INVALID, "This is not a well-formed email address."
    #: NXDOMAIN: the only DNS failure that is evidence.
    NO_SUCH_DOMAIN = "no_such_domain", Category.INVALID, "The domain does not exist."
    #: RFC 7505: the domain says that it takes no mail.
    NULL_MX = "null_mx", Category.INVALID, "The domain says that it takes no mail."
    #: Neither a mail exchanger nor an address to fall back on.
    NO_MAIL_SERVER = "no_mail_server", Category.INVALID, "The domain has no mail server."
    #: The server says that the domain takes no mail (RFC 7504, 556).
    DOMAIN_REFUSES_MAIL = (
        "domain_refuses_mail",
        Category.INVALID,
        "The mail server says that the domain takes no mail.",
    )
    #: The server says that there is no such mailbox.
    NO_SUCH_MAILBOX = (
        "no_such_mailbox",
        Category.INVALID,
        "The mail server says that this mailbox does not exist.",
    )
    #: The server says that the mailbox was closed.
    MAILBOX_DISABLED = (
        "mailbox_disabled",
        Category.INVALID,
        "The mail server says that this mailbox is disabled.",
    )
    #: The server refuses the form of the address.
    MALFORMED = (
        "malformed",
        Category.INVALID,
        "The mail server says that this address is malformed.",
    )

    #: The domain, or one of its parents, is on the careful list.
    DISPOSABLE = (
        "disposable",
        Category.DISPOSABLE,
        "The address belongs to a throw-away mail provider.",
    )
    #: All mail servers of the domain belong to a provider on the careful list.
    DISPOSABLE_MAIL_SERVER = (
        "disposable_mail_server",
        Category.DISPOSABLE,
        "The domain's mail goes to a throw-away mail provider.",
    )

    #: Accepted, and so was the made-up address.
    ACCEPTS_ALL = (
        "accepts_all",
        Category.CATCH_ALL,
        "The domain accepts any address, so this mailbox cannot be proven.",
    )

    #: The mailbox exists and is full.
    MAILBOX_FULL = "mailbox_full", Category.RISKY, "The mailbox is full."
    #: The mailbox exists and is over its own rate.
    MAILBOX_OVER_RATE = (
        "mailbox_over_rate",
        Category.RISKY,
        "The mailbox receives more mail than its server allows.",
    )
    #: On a weak list of throw-away providers only.
    WEAK_DISPOSABLE = (
        "weak_disposable",
        Category.RISKY,
        "The domain may be a throw-away mail provider; only a weak list says so.",
    )

    #: Accepted, but nobody knows what the server says to a made-up address.
    ACCEPTED_UNPROVEN = (
        "accepted_unproven",
        Category.UNKNOWN,
        "The mail server accepts this address, but may accept any.",
    )
    #: The provider accepts everything at first and bounces later.
    HIDES_MAILBOXES = (
        "hides_mailboxes",
        Category.UNKNOWN,
        "This provider does not say which mailboxes exist.",
    )
    #: The provider forbids probing, so it was not asked.
    PROVIDER_NOT_PROBED = (
        "provider_not_probed",
        Category.UNKNOWN,
        "This provider does not allow its mailboxes to be checked, so it was not asked.",
    )
    #: Probing is off, or its own identity is not fit for it.
    NOT_PROBED = "not_probed", Category.UNKNOWN, "The mail server was not asked."
    #: The server asks newcomers to come back later (RFC 6647).
    GREYLISTED = (
        "greylisted",
        Category.UNKNOWN,
        "The mail server asks newcomers to come back in a few minutes.",
    )
    #: A fault that may pass.
    TEMPORARY = (
        "temporary",
        Category.UNKNOWN,
        "The mail server has a temporary problem.",
    )
    #: The server thinks that we ask too much.
    RATE_LIMITED = (
        "rate_limited",
        Category.UNKNOWN,
        "The mail server limits how much we may ask.",
    )
    #: No answer before the deadline.
    TIMEOUT = "timeout", Category.UNKNOWN, "The mail server did not answer in time."
    #: No mail server of the domain could be reached.
    NO_CONNECTION = "no_connection", Category.UNKNOWN, "No mail server could be reached."
    #: The conversation broke off before the answer, more than once.
    CONNECTION_LOST = (
        "connection_lost",
        Category.UNKNOWN,
        "The mail server hung up before answering.",
    )
    #: The refusal is about us, not about the address.
    BLOCKED = "blocked", Category.UNKNOWN, "The mail server blocks our questions."
    #: Several organisations block us, so nobody was asked any more.
    PROBING_STOPPED = (
        "probing_stopped",
        Category.UNKNOWN,
        "Asking was stopped, because several mail providers block our questions.",
    )
    #: Our EHLO name or MAIL FROM is refused.
    SENDER_REJECTED = (
        "sender_rejected",
        Category.UNKNOWN,
        "The mail server refuses our sender address or host name.",
    )
    #: Our address has no name that points back to it.
    NEEDS_REVERSE_DNS = (
        "needs_reverse_dns",
        Category.UNKNOWN,
        "The mail server wants a reverse DNS name for our address.",
    )
    #: The server does not serve this domain.
    NOT_SERVED = (
        "not_served",
        Category.UNKNOWN,
        "The mail server does not take mail for this domain.",
    )
    #: The mailbox exists, and takes mail from chosen senders only.
    RESTRICTED = (
        "restricted",
        Category.UNKNOWN,
        "The mailbox takes mail only from senders that it chooses.",
    )
    #: Refused without saying why.
    REFUSED = "refused", Category.UNKNOWN, "The mail server refuses without giving a reason."
    #: A refusal that speaks of a message, though none was sent.
    CONTENT = (
        "content",
        Category.UNKNOWN,
        "The mail server's answer is about a message, not about the mailbox.",
    )
    #: The whole domain is refused in the same words.
    ALL_REFUSED_ALIKE = (
        "all_refused_alike",
        Category.UNKNOWN,
        "Every address of this domain is refused in the same words, so they prove nothing.",
    )
    #: A non-ASCII mailbox at a server without SMTPUTF8 (RFC 6531).
    NEEDS_SMTPUTF8 = (
        "needs_smtputf8",
        Category.UNKNOWN,
        "The mail server cannot be asked about addresses with these letters.",
    )
    #: The server wants TLS and cannot do it with us.
    TLS_FAILED = "tls_failed", Category.UNKNOWN, "The mail server wants TLS, and it failed."
    #: The server and we do not understand each other.
    PROTOCOL = "protocol", Category.UNKNOWN, "The mail server's answer makes no sense here."
    #: SERVFAIL, REFUSED, a time-out, or anything else but an answer.
    DNS_FAILED = "dns_failed", Category.UNKNOWN, "The domain could not be looked up just now."
    #: Only addresses that may not be connected to.
    UNROUTABLE = (
        "unroutable",
        Category.UNKNOWN,
        "The domain's mail servers have no public address.",
    )


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a verdict rests on, in words that a person can read."""

    #: The mail server that answered, or None where none was asked.
    mail_host: str | None = None
    #: The server's reply to this address, cut to a readable length.
    reply: str | None = None
    #: The same server's reply to a made-up address of the domain.
    made_up_reply: str | None = None
    #: The name of the rule that decided.
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """One address, judged once."""

    #: The input string, unchanged.
    address: str
    reason: Reason
    evidence: Evidence
    #: The mailbox belongs to a function, such as info@, rather than to a person.
    role: bool
    #: The domain is one of the large free mail providers.
    free_provider: bool
    #: The address that the subscriber may have meant, a hint for people only.
    suggestion: str | None
    #: When the verdict was reached, in UTC.
    decided_at: datetime
    #: How long to wait before a later look may change this Unknown, else None.
    retry_after: timedelta | None = None

    @property
    def category(self) -> Category:
        """Give the category that the reason belongs to."""
        return self.reason.category
