"""Rows about the recipient: read after everything that could make them mean something else."""

from verification.judge.outcomes import Outcome
from verification.judge.rule import row

#: What servers call a mailbox.
BOX = (
    r"(?:(?<!\w)(?:mail[ \-]?boxe?s?|mail ?drop|inbox|user ?(?:name|id|account)?|account|"
    r"recipients?|receivers?|addressee|e-?mail address|e-?mail|address|alias|customer|subscriber|"
    r"local[ \-]?part|person|member|rcpt(?:-to)?|destination|login|uid)(?!\w)"
    r"(?![ \-](?:server|host|domain|system|gateway|network|limit|agent)))"
)
#: The same, or the address itself, where nothing else is spoken of beside it.
BOX_OR_ADDRESS = (
    rf"(?:<>(?!.{{0,40}}\b(?:tokens?|sign\w*|seal|session|protocol|arguments?|key)\b)|{BOX})"
)
GONE = (
    r"(?:disabled|deactivated|de-activated|inactive|not active|not activated|suspended|closed|"
    r"terminated|frozen|locked|expired|discontinued|cancell?ed|deleted|removed|retired|moved|"
    r"archived|blocked|withdrawn|gone|"
    r"no longer (?:\w+ ){0,3}?(?:valid|active|in use|used|available|exists?|"
    r"accept\w*|monitored|with|on|here|works?|employed|receiv\w*|enabled|in service))"
)
#: What may be open again tomorrow. Not "locked", which Sisimai counts among the suspended accounts
#: though it be "temporary locked".
SHUT = r"(?:disabled|deactivated|inactive|not active|suspended|closed|blocked|frozen)"
MISSING = (
    r"(?:(?:unknown|unkown|unknow\b)(?! (?:error|reason|problem|failure|command|host|domain|client|"
    r"charset))|"
    r"not (?:be |currently )?(?:found|exists?|known|in use|valid|listed|recogni[sz]ed|registered|"
    r"defined|existing|present|here|a (?:valid|known|registered) )|n't (?:exist|found)|nt exist|"
    r"(?:does|do|did) not? (?:exist|appear)|could(?: not|n't) be found|"
    r"cannot be (?:found|verified)|nonexist\w*|non-exist\w*|invalid\b|not our)"
)
#: Ends a text that gives no more detail.
NO_MORE = r"[\W\d]*(?:<host>[\W\d]*)*(?:remote-mta.*|giving up.*)?$"

#: Holds only where no word is about us: these rows are read before the rows about the sender.
NOT_US = (
    r"^(?!.*(?:\bclient|\bsender|\bfrom\b|\byour\b|\bip\b|<ip>|listed|\brelay|unsolicited|spam|"
    r"reputation|your host)).*"
)

ACCOUNT_ROWS = (
    row(
        "restricted-group",
        Outcome.POLICY_RCPT,
        text=(
            r"resolver\.rst\.(?!recipsize)|notauthenticatedforgroup",
            r"only accepts? (?:mail|messages|e-?mail)|members? only|closed list|subscribers only",
            r"\bnon-?members?\b|\bnot (?:a |list )?members?\b(?! of (?:\w+ )?domain)|\bposting\b",
            r"(?:does not|doesn't|not) (?:want|wish|accept)\w* "
            r"(?:to receive |any |mail |messages )*"
            r"(?:your|external|outside|newsletter|internet|anonymous)",
            rf"{BOX}.{{0,20}}\b(?:not|n't) (?:known to )?accept\w*\b.{{0,20}}\bfrom\b",
            r"\b(?:not|isn't) (?:authori[sz]ed|allowed|permitted) to "
            r"(?:send|post|mail|submit|write).{0,30}\b(?:recipient|list|group|user|mailbox|address|member)",
            r"(?:white|allow|approved|contact|friends?)[ \-]?list",
            r"(?<!check your )(?<!public name & )(?<!public )address book",
            r"delivery (?:is )?restricted|restricted (?:recipient|address|mailbox|list)",
            r"blocked senders|user entry|\b(?:preferences?|privacy|settings)\b",
        ),
        source="Exchange 5.7.129 to 5.7.136; RFC 3463 X.7.2: it exists for chosen senders",
    ),
    row(
        "recipient-blocked",
        Outcome.DISABLED,
        text=(
            rf"{NOT_US}\b(?:recipient|destination|target)(?:'s)? (?:e-?mail )?"
            r"(?:account|mailbox|address)(?: is| has been| was)? "
            r"(?:blocked|locked|suspended|frozen)",
            rf"{NOT_US}compte du destinataire est bloque",
            rf"{NOT_US}\b(?:blocked|disabled|closed|locked) (?:due to|for|because of) "
            r"(?:\S+ ){0,2}inactivity",
            rf"{NOT_US}\bmailbox (?:is )?disabled, not accepting messages",
            rf"{NOT_US}\b(?:mail ?)?(?:address|account|mailbox)\b.{{0,15}}\badministratively "
            r"(?:disabled|suspended|locked|closed)",
            rf"{NOT_US}\b(?:mail )?receiving (?:is |has been )?disabled",
            rf"{NOT_US}\bno ?(?:user |mailbox |account |recipient )?activity\b",
        ),
        code="5..",
        source="Orange LPN_426, SFR: the recipient's own account is blocked; RFC 3463 X.2.1",
    ),
    row(
        "recipient-null-mx",
        Outcome.NO_DOMAIN_MAIL,
        text=rf"{NOT_US}\brecipient\b.{{0,60}}\bnull ?mx",
        code="5..",
        source="RFC 7505 section 4.2: 556 5.1.10",
        explicit=True,
    ),
    row(
        "unknown-destination",
        Outcome.NO_DOMAIN_MAIL,
        text=(
            rf"{NOT_US}(?:host unknown \(name server|able to find the recipient domain|"
            r"\b(?:domain|host)\b.{0,30}\b(?:not found|does not exist|unknown)|"
            r"\bunknown (?:host|domain))"
        ),
        code="5..",
        enhanced=r"5\.1\.2",
        source="RFC 3463 X.1.2 bad destination system, in words too",
    ),
    row(
        "directory-edge-block",
        Outcome.NO_MAILBOX,
        text=(
            rf"{NOT_US}recipient address(?:es)? rejected ?: access denied[\W\d]*"
            r"(?:as\(\d+\))?\W*(?:for more information,? see)?(?:\[[^\]]*\]|<host>|\W)*$"
        ),
        code="550",
        enhanced=r"5\.4\.1",
        source="Exchange Online directory-based edge blocking: no such recipient",
        explicit=True,
    ),
    row(
        "no-such-user-among-words-about-us",
        Outcome.NO_MAILBOX,
        text=(
            r"^(?:the )?recipient may contain a non-?existent account"
            r"(?:, please check the recipient address)?[ .]*(?:\[[^;]*)?$",
            rf"^mail refused - address <> recipient unknown{NO_MORE}",
        ),
        code="5..",
        source="Tencent, which adds the IP address that it sees; Road Runner, which refuses mail",
        explicit=True,
    ),
)

RECIPIENT_ROWS = (
    row(
        "ambiguous-unavailable",
        Outcome.BLOCKED,
        text=(
            r"access denied|or access|unavailable or (?!not local|(?:does|do) not exist|unknown)",
            r"\bunknown or\b.{0,30}\b(?:full|quota)\b",
        ),
        code="5..",
        source="Tencent and Postfix access maps: ambiguous by design",
        gentle=True,
    ),
    row(
        "loop",
        Outcome.TEMP,
        text=r"\b(?:mail|routing) loop|\bloops back\b|\bhop count|too many hops",
        code="5..",
        source="RFC 3463 X.4.6: the server's own routing",
    ),
    row(
        "domain-takes-no-mail",
        Outcome.NO_DOMAIN_MAIL,
        text=(
            r"null ?mx|(?:host|domain)\b.{0,30}\b(?:does not|doesn't|never) accepts? (?:any )?mail",
            r"no mx (?:record )?for recipient",
            r"recipient (?:address rejected: |)domain not found",
        ),
        code="5..",
        source="RFC 7504 and RFC 7505: 556 5.1.10; RFC 3463 X.1.2",
    ),
    row(
        "command-unknown",
        Outcome.PROTOCOL,
        text=r"\b(?:unknown|unrecogni[sz]ed|invalid|bad|illegal) (?:smtp )?command\b",
        code="50.",
        source="RFC 5321 section 4.2.2: about the command, whatever it is called",
    ),
    row(
        "try-elsewhere",
        Outcome.RELAY_DENIED,
        text=r"\bplease try\b",
        code="551",
        source="RFC 5321 section 3.4: the person has another address",
    ),
    row(
        "for-now",
        Outcome.TEMP,
        text=(
            rf"\btemporar\w+ (?:\w+ )?{SHUT}\b",
            rf"\b{SHUT}\b[^;]{{0,40}}\b(?:temporar\w+|try (?:it )?(?:again|later))",
            r"\bmaintenance\b|\b(?:at the moment|at this time|for now|right now|be back)\b",
            r"\boverload|\btemporarily (?:offline|down|unavailable)\b|\bmoment(?:an|ane)\b",
            r"\b(?:voruebergehend|vorubergehend|temporairement|temporalmente|temporaneamente)\b",
            r"\b(?:recipient|user|lookup|alias) (?:table|map|database)\b.{0,20}\bunavailable\b",
        ),
        code="5..",
        source="A mailbox that is shut for a while has somebody who will open it again",
    ),
    row(
        "disabled",
        Outcome.DISABLED,
        text=(
            rf"{BOX_OR_ADDRESS}.{{0,60}}\b(?:is|are|was|were|been|has|temporar\w+)\b.{{0,20}}"
            rf"\b{GONE}\b",
            rf"{BOX_OR_ADDRESS}[^.;]{{0,25}}\b{GONE}\b",
            rf"\b{GONE} (?:\w+ )?{BOX}",
            r"disableduser|\b(?:user|employee|person|colleague) (?:has )?(?:left|departed)\b",
            r"\b(?:left|quit) (?:the |our )?(?:company|organi[sz]ation|university|school|college)",
            r"\bno longer (?:works?|employed)\b|\brecipient suspend(?:s|ed)? the service",
            r"\bmail ?box (?:was|has) not (?:been )?used\b",
            r"no forwarding address",
        ),
        code="5..",
        source="RFC 3463 X.2.1 and X.1.6; Gmail DisabledUser",
    ),
    row(
        "temporary-though-5xx",
        Outcome.TEMP,
        text=(
            r"temporar\w+ (?:\w+ ){0,2}?(?:unavailable|unable|fail|problem|error|defer|reject)|"
            r"\btry (?:again|later)|\bretry\b|please resend|"
            r"\b(?:ldap|database|backend|directory|directory server)\b.{0,25}"
            r"\b(?:error|fail\w*|unavailable|not available|not respond\w*|offline|down|"
            r"unreachable|problem)|"
            r"\b(?:server|directory|system|internal|service) (?:failure|error|fault)|"
            r"\blookup\b.{0,15}(?:fail|error)|timed out|time-?out"
        ),
        code="5..",
        source="The words announce a fault that passes, whatever the code",
    ),
    row(
        "no-such-user",
        Outcome.NO_MAILBOX,
        text=(
            rf"{BOX_OR_ADDRESS}.{{0,60}}?\b{MISSING}",
            rf"{BOX_OR_ADDRESS}[^.;]{{0,60}}?n't (?:exist|found)",
            r"\b(?:unknown|unkown|unknow|unrecogni[sz]ed|unavailable|no such|invalid|illegal|"
            r"non-?exist\w*|incorrect|wrong|undeliverable(?! address:)|unroute?able)"
            rf"(?: or (?:illegal|invalid|unknown))?[ \-](?:\w+ )?{BOX}",
            rf"n't exists? (?:that|this|such) {BOX}",
            rf"\bno\b (?:\w+ )?{BOX_OR_ADDRESS}.{{0,15}}\b"
            r"(?:here|by|with|for|named|found|matching|exists)\b",
            rf"\bno (?:such )?(?:mailbox|user|account)(?: <>)?{NO_MORE}",
            r"\bno local (?:mailbox|user)\b",
            r"\bno record of (?:<>|(?:this|that|the) (?:user|mailbox|recipient|address))",
            r"\bno such (?:name|id|one)\b|nobody (?:here )?by that name|"
            r"nosuchuser|\bno ?one (?:here|at|by|with)\b|\b(?:not|n't) have any(?:one| ?user)\b",
            rf"{BOX}.{{0,30}}\bnot (?:found )?(?:in|on) (?:the |our |this )?(?:\w+ ){{0,2}}"
            r"(?:directory|database|system|server|host|address list)\b",
            rf"\b(?:not|isn't) (?:a|an|one of|our|in) (?:\w+ ){{0,3}}?{BOX}|\bnot user of\b",
            r"(?:does not|doesn't|don't) have (?:an?|any) (?:\S+ ){0,3}?(?:account|mailbox|user)\b",
            r"recip(?:ient)?notfound|badrcptto|validrcptto|"
            r"not (?:in|on) (?:our |the |my )?(?:user|recipient) list",
            r"(?:cannot|can't|unable to|could not|couldn't) (?:verify|find|locate) .{0,20}"
            rf"{BOX_OR_ADDRESS}",
            rf"{BOX_OR_ADDRESS}.{{0,30}}(?:could not be (?:verified|located)|was misspelled)",
            r"^recipient unrecogni[sz]ed|\bno (?:valid|existing) recipients?\b",
            r"\bno redirect entry\b",
            r"^not known to us\b|^\S+ (?:was )?not found in (?:the |our )?ldap\b",
            r"\bbad destination (?:system|mailbox) address",
            r"marked as invalid|please verify that you have the correct|"
            r"^(?!.*\bmx\b).*\bchkuser",
        ),
        code="5..",
        source="RFC 3463 X.1.1; Postfix, Exim, sendmail, qmail, Exchange, Gmail",
        explicit=True,
    ),
    row(
        "malformed",
        Outcome.SYNTAX_RCPT,
        text=(
            r"(?:malformed|bad|illegal|invalid) (?:\w+ )?"
            r"(?:address|mailbox|recipient|local part)(?! domain)"
            r"(?: syntax| format)?",
            r"(?:address|mailbox|local part).{0,30}(?:syntax|malformed|not a valid rfc|"
            r"invalid character|badly formed)",
            r"syntax error in (?:mailbox|recipient|address)",
        ),
        code="50[01]|55[0345]",
        source="RFC 5321 section 4.2.2, 501 and 553; RFC 3463 X.1.3",
    ),
    row(
        "unavailable",
        Outcome.NO_MAILBOX,
        text=(
            r"\b(?:mail ?box|recipient|user|account|address)\b.{0,15}\b(?:is )?"
            r"(?:unavailable|not available|undeliverable(?! address:)|unroute?able|unallocated)",
            r"unroute?able(?! mail domain)|undeliverable(?! address:)",
            rf"\brecipient(?:s)?(?: address)?(?: was| is)? (?:rejected|refused){NO_MORE}",
            rf"\b(?:address|user|mailbox)(?: was| is)? (?:rejected|refused){NO_MORE}",
            rf"\b(?:rejected|refused) (?:recipient|address|user|mailbox){NO_MORE}",
        ),
        code="5..",
        source="RFC 5321 section 4.2.3, 550: mailbox unavailable, without any word of policy",
    ),
)
