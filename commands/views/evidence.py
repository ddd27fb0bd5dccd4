"""The evidence of one verdict: what was asked, what was answered, and the rule that decided."""

from commands.views import blocks
from commands.views.blocks import Message
from commands.views.text import escape_within, moment
from convertkit import subscriber_url
from storage.evidence import KnownVerdict

#: Characters of each fact that a message shows, escaped: five of them fit into one paragraph.
_FACT_LENGTH = 500
_ADDRESS_LENGTH = 1600


def evidence_message(known: KnownVerdict) -> Message:
    """Draw a verdict with everything that it rests on; only the person who asked sees it."""
    verdict, evidence = known.verdict, known.verdict.evidence
    address = escape_within(verdict.address, _ADDRESS_LENGTH)
    head = f"*{address}* is *{verdict.category.label}*. {verdict.reason.sentence}"
    lines = [
        ("Mail server", evidence.mail_host),
        ("Its reply", evidence.reply),
        ("Its reply to a made-up address", evidence.made_up_reply),
        ("The rule that decided", evidence.rule),
        ("Did you mean", verdict.suggestion),
    ]
    facts = "\n".join(
        f"• {name}: {escape_within(text, _FACT_LENGTH)}" for name, text in lines if text
    )
    flags = [
        words
        for words, holds in (
            ("a role address, such as info@", verdict.role),
            ("a free mail provider", verdict.free_provider),
        )
        if holds
    ]
    if not known.is_kept:
        facts = "What the mail server answered is no longer kept."
    return Message(
        text=f"{address} is {verdict.category.label}. {verdict.reason.sentence}",
        blocks=(
            blocks.section(head),
            *((blocks.section(facts),) if facts else ()),
            blocks.context(
                f"Found out {moment(verdict.decided_at)}"
                + (f", in run {known.run_id}." if known.run_id else ".")
                + (f" It is {' and '.join(flags)}." if flags else "")
                + (
                    f" <{subscriber_url(known.subscriber_id)}|Open in ConvertKit>"
                    if known.subscriber_id
                    else ""
                )
            ),
        ),
    )
