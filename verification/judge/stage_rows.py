"""Rows for answers that come before RCPT TO: always about us, never about a recipient."""

from verification.judge.outcomes import Outcome, Stage
from verification.judge.rule import BEFORE_RCPT, row

ACCEPT_ROWS = (
    row("recipient", Outcome.ACCEPTED, code="25[01]", source="RFC 5321 section 4.2.3: 250 and 251"),
    row("unchecked", Outcome.ACCEPTED_UNCHECKED, code="252", source="RFC 5321 section 3.5.3: 252"),
    row(
        "go-on",
        Outcome.PROCEED,
        stages=BEFORE_RCPT,
        code="2..",
        source="RFC 5321 section 4.2.1: positive completion",
    ),
)

STAGE_ROWS = (
    row(
        "greylisted-early",
        Outcome.GREYLIST,
        stages=BEFORE_RCPT,
        code="4..",
        text=r"gr[ae]y ?-?list|postgrey",
        source="RFC 6647 section 2",
    ),
    row(
        "starttls-before-mail",
        Outcome.TLS_REQUIRED,
        stages=(Stage.MAIL,),
        code="5..|4..",
        text=r"starttls|\btls\b|encrypt",
        source="RFC 3207 section 4",
    ),
    row("530-early", Outcome.TLS_REQUIRED, stages=(Stage.MAIL,), code="530", source="RFC 3207"),
    row(
        "reverse-name-early",
        Outcome.NEEDS_RDNS,
        stages=BEFORE_RCPT,
        text=r"reverse|\br-?dns\b|\bptr\b|cannot find your|ip name lookup",
        source="RFC 1912 section 2.1",
    ),
    row(
        "slow-down",
        Outcome.RATE_SENDER,
        stages=BEFORE_RCPT,
        code="4..",
        text=r"too (?:many|much|fast)|rate|throttl|concurren|exceed|limit|unusual",
        source="RFC 5321 section 3.8; Gmail 4.7.28",
    ),
    row(
        "turned-away",
        Outcome.BLOCKED,
        stages=BEFORE_RCPT,
        text=r"block|spam|reputation|banned|denied|black|abuse|suspicious|unsolicited|polic",
        source="RFC 5321 section 3.1: 554 and 4.7 as greeting",
    ),
    row("busy", Outcome.TEMP, stages=BEFORE_RCPT, code="4..", source="RFC 5321 section 3.1: 421"),
    row(
        "does-not-serve",
        Outcome.RELAY_DENIED,
        stages=(Stage.CONNECT,),
        code="521",
        source="RFC 7504 section 3: this host takes no mail",
    ),
    row(
        "no-service",
        Outcome.BLOCKED,
        stages=(Stage.CONNECT,),
        code="5..",
        source="RFC 5321 section 3.1: 554 as greeting",
    ),
    row(
        "out-of-step",
        Outcome.PROTOCOL,
        stages=(Stage.EHLO, Stage.MAIL, Stage.RCPT),
        code="5..",
        text=r"synchroni[sz]ation error|\bpipelin",
        source="Exim smtp_enforce_sync; Postfix reject_unauth_pipelining",
    ),
    row(
        "command-early",
        Outcome.PROTOCOL,
        stages=(Stage.MAIL,),
        code="50[023]",
        source="RFC 5321 section 4.2.2: about the command, not about our address",
    ),
    row(
        "name-refused",
        Outcome.SENDER_REJECTED,
        stages=(Stage.EHLO, Stage.MAIL),
        code="5[0-35].",
        enhanced=r"(?!5\.5\.[0124]).*",
        source="RFC 5321 section 4.1.4 and 3.3: our name or MAIL FROM is refused",
    ),
    row(
        "not-understood",
        Outcome.PROTOCOL,
        stages=BEFORE_RCPT,
        source="Not a reply that RFC 5321 knows at this stage",
    ),
)
