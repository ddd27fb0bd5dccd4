"""Rows about us: whatever they say of a recipient in passing, they are no evidence about it."""

from verification.judge.outcomes import Outcome
from verification.judge.rule import row

#: Names of lists of unwanted senders, found in texts and in links.
BLOCK_LISTS = (
    r"spamhaus|spamcop|\bsorbs\b|abusix|barracudacentral|barracuda reputation|"
    r"barracudanetworks\.com/reputation|cloudmark|uceprotect|mailspike|invaluement|"
    r"sender ?score|senderbase|talosintel|\bdnsbl|\bdnsbls\b|\brbls?\b|rblsmtpd|\bsurbl|\buribl|"
    r"spamrl|ers-dul|ers\.trendmicro|mail-abuse|abuseat|\bpsbl\b|backscatterer|dronebl|hostkarma|"
    r"nixspam|manitu|truncate\.gbudb|(?:ipcheck|prs|pdr)\.proofpoint|\bsbrs\b|\b[sxpz]bl\b|"
    r"\bdbl\b|njabl|fabel\.dk|0spam|anonmails|interserver|justspam|wpbl"
)

SENDER_ROWS = (
    row(
        "relay",
        Outcome.RELAY_DENIED,
        text=(
            r"\brelay(?:ing|ed)?\b.{0,12}(?:access )?(?:is |was )?"
            r"(?:denied|not permitted|prohibited|not allowed|disallowed|disabled|refused|rejected|"
            r"blocked)",
            r"(?:unable|cannot|can't|not|refused?s?|don't|doesn't|won't|no|denied)"
            r"(?: \w+){0,3}? relay",
            r"open relay|\bas a relay\b|\brelay:|\brelay (?:account|user|host)|rcpthosts|"
            r"no-domain|try route|"
            r"relay(?:ing)? (?:mail )?(?:to|for|through|from)\b",
            r"\b(?:not|isn't)\b.{0,30}\b(?:our|my|a local|one of our|one of my|hosted|served)\b"
            r".{0,12}\bdomains?\b",
            r"\bdomain\b.{0,30}\b(?:not|isn't)\b.{0,20}"
            r"(?:hosted|served|local|handled|configured|found here|accepted|allowed|in my)",
            r"(?:not|n't) (?:\w+ )?(?:accept|handle|serve|host)\w* (?:\w+ ){0,4}domain",
            r"authenticat\w+ (?:is )?required|must (?:be )?authenticate|"
            r"(?:smtp|need) auth\w*\b(?! fail)|not local; please try|"
            r"no such domain|not a gateway|password|credential|log(?:ged)?[ -]?in\b",
        ),
        source="RFC 5321 section 3.6.3; Postfix, Exim, qmail: this host does not serve the domain",
    ),
    row(
        "reverse-name",
        Outcome.NEEDS_RDNS,
        text=(
            r"reverse[ \-]?(?:dns|host|hostname|name|lookup|ip|address|record|resolution|mapping)",
            r"\br-?dns\b|\bptr\b|fcrdns|forward[ \-]confirmed",
            r"cannot find your|unverif[iy]able|unverifyable",
            r"\bip name lookup|\bno (?:dns )?a[ -]record|mismatch\w* (?:client|ip|the client)",
            r"(?:host ?name|client|server|\bip\b|<ip>).{0,30}"
            r"(?:does not|doesn't|did not|failed to|not) (?:match|resolve|have a (?:valid )?name)",
        ),
        source="RFC 1912 section 2.1; Postfix reject_unknown_client_hostname",
    ),
    row(
        "server-busy",
        Outcome.TEMP,
        text=(
            r"\bserver (?:is )?(?:too )?busy\b",
            # It has asked another server about the recipient, and tells of that conversation.
            r"\bunverified address\b|\bconnect to\b.{0,60}\brefused\b|\blost connection with\b|"
            r"\brefused to talk to me\b|\bprimary target\b|\brecipient verify\b|"
            r"\bnot accepting network messages\b",
        ),
        code="4..",
        source="Exchange Online 4.7.500, Postfix address verification, Exim: whoever asks",
    ),
    row(
        "rate",
        Outcome.RATE_SENDER,
        text=(
            r"rate[ \-]?limit|limit(?:ing|ed)? (?:the )?rate|throttl|slow down|"
            r"\btoo (?:many|much|frequent|fast|quick)",
            r"\b(?:connections?|messages?|concurren\w+|sessions?|emails?|mails|requests?|errors)\b"
            r".{0,40}(?:exceed|limit|maximum|per (?:hour|minute|day|session|connection))",
            r"\b(?:exceed\w*|over)\b.{0,40}\b(?:rate|connections?|messages|sessions|per hour|"
            r"limit)",
            r"unusual rate|maximum number of|\brate (?:is |was )?too high|\bthreshold\b",
        ),
        source="RFC 3463 X.7.0 and X.4.5 as used by Postfix anvil, Exim, Gmail 4.7.28",
    ),
    row(
        "helo",
        Outcome.SENDER_REJECTED,
        text=r"\b(?:helo|ehlo)\b",
        code="4..|55.|50[14]",
        source="RFC 5321 section 4.1.4; Postfix reject_invalid_helo_hostname",
    ),
    row(
        "sender-authentication",
        Outcome.SENDER_REJECTED,
        text=(
            r"\bspf\b|\bdmarc\b|\bdkim\b|sender policy framework|openspf|anti-?spoof|spoof",
            r"authentication (?:checks?|results?)|unauthenticated|auth\w* fail",
            r"not allowed to send|does not designate|permitted by the domain owner",
        ),
        source="RFC 7208, RFC 7489; RFC 7372 X.7.20 to X.7.26",
    ),
    row(
        "sender-address",
        Outcome.SENDER_REJECTED,
        text=(
            r"\bsender(?:'s)?\b(?! ?(?:id )?(?:score|base))",
            r"\bmail from\b|\bfrom address\b|\bfrom: |\bfrom header",
            # Exim on a sender that it cannot verify; it quotes somebody's "user unknown" then.
            r"^verification failed for\b",
            r"return[ \-]?path|reverse[ \-]path|envelope[ \-]from|\boriginator\b|\bcallback\b",
            # What Exim tells of the question that it asked our own server.
            r"response to rcpt to|\bcalled: |\bsent: rcpt",
            r"\b(?:batv|prvs|srs[01]?|backscatter)\b|bounce (?:recipient|tag|hash)|for bounces\b|"
            r"\bsenders\b|message-id|\byou are\b",
            r"\bsending (?:\w+ )?(?:domain|host|server|system|account|address|mailbox|user|side)\b|"
            r"\bsending (?:for|from|to|of) |\byou (?:are )?send|\bforge(?:d|ry)\b|\bfake\b",
            r"\b(?:bounce|return|reply|author|origin\w*|authenticated) "
            r"(?:e-?mail )?(?:address|domain|user|host|account|mailbox)\b",
            r"\bsmtp (?:user|account)\b",
            r"(?:cannot|can't|unable to) reply\b|\bcertificate\b",
            r"\b(?:outgoing|outbound|submission)\b|\b(?:for|from) sending\b|"
            r"\bsending (?:is |was |has been )?disabled|\bsmtp (?:access|service)\b",
            r"\b(?:bogus|invalid|bad|null|no)\b.{0,10}\b(?:dns )?mx\b(?! record for recipient)",
            r"\byour (?!recipient)(?:[\w\-]+ )?(?:address|domain|account|mailbox|user)\b"
            r"(?! book)|(?<!from )\byour (?:[\w\-]+ )?list\b",
        ),
        source="RFC 3463 X.1.7 and X.1.8; Postfix and sendmail check_mail",
    ),
    row(
        "sender-code",
        Outcome.SENDER_REJECTED,
        code="5..",
        enhanced=r"5\.1\.[78]",
        source="RFC 3463 X.1.7 and X.1.8: bad sender's address, however it is worded",
    ),
    row(
        "name-records",
        Outcome.SENDER_REJECTED,
        text=(
            r"\bdns\b|\b(?:address|a|aaaa|mx|ptr|resource|name|host)[ \-]records?\b|"
            r"\bname ?servers?\b|\bresolv(?:e[ds]?|able|ing)\b"
        ),
        source="Exim and others: the names of our host or of our sender's domain do not resolve",
        gentle=True,
    ),
    row(
        "block-list",
        Outcome.BLOCKED,
        raw=BLOCK_LISTS,
        source="Names of DNS block lists and reputation services",
    ),
    row(
        "blocked",
        Outcome.BLOCKED,
        text=(
            r"\b(?:black|block|deny|ban|stop|drop)[ \-]?list|\bblock|blocked|\bbanned\b|\bbarred\b",
            r"reputation|\btrustworth|untrusted|suspicious|malicious|compromised|"
            r"not (?:yet )?(?:on|in) (?:\w+ )?(?:white|allow)[ \-]?list|white[ \-]?list",
            r"\bspam|\bjunk|unsolicited|\bub[ce]e?\b|\babus|unwanted|\bbulk\b|phish",
            r"\bdynamic|dial-?up|residential|generic host",
            r"\byour (?:ip|host|server|network|mail ?server|isp|region|country|system)\b",
            r"weren't sent|smtp server of your isp|use (?:your|the) (?:isp|provider)",
            r"\b(?:bad|invalid) ip\b|geo-?(?:ip|block|location)",
        ),
        source="Gmail 5.7.1, Microsoft S3140, Apple CS01, Yahoo TSS04 and the like",
    ),
    row(
        "client",
        Outcome.BLOCKED,
        text=(
            r"\b(?:ip|ipv[46]|server|network|source|remote|client|host|reply(?:-to)?|originating|connecting)"
            r"[ \-]addr",
            r"\bfrom <ip>",
            r"\b(?:ip|client|host|connections?|mta|network|server|session|traffic|<ip>)\b.{0,40}"
            r"(?:(?:reject|refus)(?!\w* recipient)|denied|"
            r"not (?:be )?(?:allowed|accepted|permitted|welcome)|forbidden|restricted|prohibited)",
            r"(?:reject\w*|refus\w*|den(?:y|ied)|not accepting)\b.{0,40}"
            r"\b(?:ip|client|connections?|mta|network|<ip>|from <)",
            r"not accepting (?:connections|mail|messages)|\bclient\b|\bhost ?name\b|\bserver <ip>",
            r"\b(?:connecting|remote) (?:host|domain|server|mta|system)\b",
        ),
        source="Postfix: Client host rejected; Apple: ESMTP not accepting connections",
    ),
    row(
        "provider-codes",
        Outcome.BLOCKED,
        raw=(
            r"\bs(?:3140|3150|3114|843|8001)\b|\b(?:sc|ou|dy)-00\d\b|\[tss\d\d\]|\[bl\d\d\]|"
            r"\[cs01\]|\[hm0\d\]|\[c1\d\]|a problem occurred|\bib[1-5]\d\d\b|ofr_?(?:102|506|999)|"
            r"lpn(?:\d{3})?_?(?:102|506|630)"
        ),
        source="Microsoft, Yahoo, Apple, T-Online, GoDaddy and Orange number their blocks",
    ),
    row(
        "policy",
        Outcome.BLOCKED,
        text=(
            r"\bpolic(?:y|ies)\b|prohibit|administrative|\bsecurity\b|access (?:is |was )?"
            r"(?:denied|forbidden|refused|rejected)|\bdenied by\b|forbidden",
            r"not permitted|not authori[sz]ed",
            r"\b(?:e-?mails?|mails?|messages?)\b.{0,25}(?:reject|refus|"
            r"not (?:be )?accept(?!ed -- invalid mailbox)|not allowed|denied|rejete)",
            r"(?:reject|refus)\w* (?:the |this |your )?(?:e-?mail|mail|message)",
            r"mail rejete|access to this (?:mail )?system|service unavailable|no smtp service",
        ),
        code="5..",
        source="RFC 3463 X.7.1: a refusal by policy",
        gentle=True,
    ),
    row(
        "message",
        Outcome.CONTENT,
        text=(
            r"\bvirus|\bcontent\b|\bmime\b|attachment|\bheaders?\b|subject|\bmedia\b|"
            r"\b(?:in|to) (?:the )?(?:body|data)\b"
        ),
        source="RFC 3463 X.6: about a message, though none was sent",
    ),
)
