"""Rows about limits: full mailboxes, busy mailboxes, too many questions, greylisting.

They come first, because their words ("quota", "too many", "try again") decide whatever code stands
in front of them.
"""

from verification.judge.outcomes import Outcome
from verification.judge.rule import row

MAILBOX = r"(?:mail ?box|mail ?dir|inbox|mail ?drop|user|account|recipient|customer|folder)"

LIMIT_ROWS = (
    row(
        "receiving-too-much",
        Outcome.RATE_RECIPIENT,
        text=(
            r"receiving (?:e?-?mails?|messages) (?:at a rate|too)",
            r"due to excessive volume",
            rf"\b{MAILBOX}\b.{{0,40}}(?:exceed\w*|over).{{0,30}}(?:receiv|incoming|inbound)",
            rf"too many (?:recent )?(?:messages|e?-?mails) (?:\w+ )?(?:to|for) this {MAILBOX}",
            rf"\b{MAILBOX}\b.{{0,10}}received too many|\breceivingrate|recipientratelimit",
            rf"\b{MAILBOX}\b.{{0,25}}frequency of receiving",
        ),
        source="Gmail, 4.2.1 and 5.2.1: the user exists and gets too much mail",
    ),
    row(
        "sender-quota",
        Outcome.RATE_SENDER,
        text=(
            r"sent to too many recipients",
            r"policy rejection.{0,20}quota",
            r"\b(?:sending|sender|rate|submission|hourly|daily|connection|outbound)\b.{0,15}"
            r"(?:quota|rate limit|frequency)",
            r"\byour (?:\w+ )?server\b.{0,25}\bquota|\bquota of your\b",
            r"\b(?:organi[sz]ation|tenant|queue|client|host)\b.{0,15}\bquota",
            r"frequency (?:is )?limited",
        ),
        source="GoDaddy IB607, policyd, Tencent: quotas of the sender, not of the mailbox",
    ),
    row(
        "server-storage",
        Outcome.TEMP,
        text=(
            r"insufficient (?:system|server|main) (?:storage|resources?|memory|disk)",
            r"insufficient (?:disk|free) space",
            r"\b(?:system|server)\b.{0,15}(?:out of|low on) (?:disk|memory|resources)",
            r"\b(?:system|server|disk) storage (?:is )?full",
            r"out of memory|queue file write error|no space left on device",
        ),
        source="RFC 5321 section 4.2.3, 452; Postfix: the server's disk, not the mailbox",
    ),
    row(
        "message-size",
        Outcome.CONTENT,
        text=(
            r"\b(?<!original )messages?\b.{0,25}(?:\bsize\b|\blength\b|too (?:big|large|long))",
            r"\bsize (?:of|limit for) (?:this |the )?message",
            r"recipsizelimit|line length",
        ),
        source="RFC 1870: the size of a message, though none was announced",
    ),
    row(
        "mailbox-full",
        Outcome.FULL,
        text=(
            # Not where full is one of several guesses.
            r"^(?!.*(?:\bunknown or|\bdisabled, full|not exist))"
            rf".*\b{MAILBOX}\b(?!.{{0,40}}\b(?:host|domain|server)\b).{{0,60}}\bfull\b",
            rf"\bfull {MAILBOX}\b|mailfolder is full|\bstorage (?:is )?full\b",
            r"over ?-?quota|overquota|\bquota\b.{0,40}"
            r"(?:exceed|full|violation|reached|over|used up|limit)",
            r"(?:exceed\w*|over|above|out of|insufficient|beyond|reached)\b.{0,40}\bquota\b",
            r"out of storage|\bstorage\b.{0,30}(?:exceed|exhaust|limit|allocation|full)",
            r"(?:exceed\w*|exhaust\w*|over)\b.{0,40}\b(?:storage|disk space|mailbox size)",
            rf"\b{MAILBOX}\b.{{0,40}}(?:exceed\w*|over)\b.{{0,25}}(?:size|limit|space|allowance)",
            rf"\b{MAILBOX}\b.{{0,20}}size limit|\bmail ?box limit (?:is |was )?(?:exceed|reach)",
            r"(?:not enough|insufficient|no) (?:\w+ )?(?:space|storage|room)"
            rf".{{0,30}}\b{MAILBOX}\b",
            rf"\b{MAILBOX}\b.{{0,40}}(?:not enough|insufficient|no (?:more )?(?:free )?space)",
            r"too much mail data|\boverdrawn\b.{0,30}\bquota",
            r"too many messages (?:on|in) (?:the|this|your) (?:server|mail ?box|inbox|folder)",
            r"(?:blocks|inode) limit exceeded|shutoffquota",
        ),
        source="RFC 3463 X.2.2, the words of Gmail, Exchange, Dovecot, Cyrus and maildrop",
    ),
    row(
        "starttls-first",
        Outcome.TLS_REQUIRED,
        text=(
            r"must issue (?:a )?starttls|starttls (?:\w+ )?(?:first|required)",
            r"\b(?:tls|ssl|encryption|encrypted connection|secure connection)\b.{0,25}required",
            r"\b(?:requires?|must use)\b.{0,20}\b(?:tls|starttls|encryption)\b|\bunencrypted\b",
        ),
        source="RFC 3207 section 4: 530 5.7.0 Must issue a STARTTLS command first",
    ),
    row(
        "harvest",
        Outcome.BLOCKED,
        text=(
            r"too many (?:\w+ )?(?:invalid|unknown|bad|wrong|non-?existent)",
            r"excessive (?:\w+ )?(?:unknown|invalid|bad)",
            r"sending to (?:\w+ )?(?:invalid|unknown|bad|non-?existent)|bounce rate",
            r"\bharvest|namespace mining|dictionary attack",
        ),
        source="Yahoo VS1, Microsoft's sender policies: we are taken for a harvester",
    ),
    row(
        "too-many-recipients",
        Outcome.TOO_MANY_RCPTS,
        text=(
            r"too many (?:recipients|rcpts?|recips)\b(?!.{0,30}(?:today|hour|per ))",
            r"\bmax(?:imum)?\b.{0,20}\b(?:recipients|rcpts?)\b",
            r"\b(?:one|single|1) (?:recipient|domain|rcpt)\b.{0,25}(?:per|at a time|only)",
            r"recipients? (?:count|number|limit)\b.{0,25}",
            r"multiple (?:regions|recipients|domains)|more than one recipient",
        ),
        source="RFC 5321 section 4.5.3.1.10; Exchange Online ATTR38",
    ),
    row(
        "greylisted",
        Outcome.GREYLIST,
        text=(
            r"gr[ae]y ?-?list|postgrey|gr[ae]ylist",
            r"(?:try|retry|come back|again|wait|deferred)\b.{0,25}\b(?:in|for|after) "
            r"(?:about )?\d+ ?(?:s\b|sec|min|m\b|h\b|hour)",
            r"\btoo (?:early|soon)\b|first (?:time )?contact|new sender",
        ),
        code="4..",
        source="RFC 6647; postgrey, milter-greylist, rspamd",
    ),
    row(
        "greylisted-for-good",
        Outcome.GREYLIST,
        text=r"gr[ae]y ?-?list(?:ed|ing)?\b|postgrey",
        code="5..",
        source="RFC 6647 section 5: the word counts, though the code is wrong",
    ),
    row(
        "resources-unavailable",
        Outcome.GREYLIST,
        text=(
            r"internal resources? (?:is |are )?temporarily unavailable",
            r"sorry, the service is currently unavailable",
        ),
        code="4..",
        source="Mimecast and Yandex call greylisting this",
    ),
)
