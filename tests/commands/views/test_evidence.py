"""The evidence of a verdict fits into a message, whatever a mail server replied."""

from dataclasses import replace

import pytest

from commands.views.evidence import evidence_message
from storage.evidence import KnownVerdict
from tests.commands.views.judging import judge_message, words
from tests.commands.views.samples import NOW
from verification import Evidence, Reason, Verdict


def known(reply: str, *, address: str = "reader@example.com") -> KnownVerdict:
    return KnownVerdict(
        run_id=31,
        subscriber_id=9,
        verdict=Verdict(
            address=address,
            reason=Reason.NO_SUCH_MAILBOX,
            evidence=Evidence(mail_host=reply, reply=reply, made_up_reply=reply, rule=reply),
            role=True,
            free_provider=True,
            suggestion=reply,
            decided_at=NOW,
            retry_after=None,
        ),
    )


def test_a_verdict_that_outlives_its_run_names_no_run_and_links_to_nobody() -> None:
    message = evidence_message(replace(known("250 OK"), run_id=None, subscriber_id=None))
    judge_message(message)
    assert "in run" not in words(message)
    assert "Open in ConvertKit" not in words(message)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param("&" * 3000, id="ampersands"),
        pytest.param("<>" * 1500, id="brackets"),
        pytest.param("x" * 3000, id="letters"),
    ],
)
def test_any_reply_is_within_limits(reply: str) -> None:
    judge_message_but_its_link(known(reply, address=f"{reply[:300]}@example.com"))


def test_a_reply_of_usual_length_is_shown_whole() -> None:
    reply = "550 5.1.1 <reader@example.com>: no such mailbox & no alias"
    assert (
        "Its reply: 550 5.1.1 &lt;reader@example.com&gt;: no such mailbox &amp; no alias"
        in words(evidence_message(known(reply)))
    )


def judge_message_but_its_link(verdict: KnownVerdict) -> None:
    """Judge the message; the link into ConvertKit is the view's own."""
    message = evidence_message(verdict)
    *rest, last = message.blocks
    link = f"<https://app.kit.com/subscribers/{verdict.subscriber_id}|Open in ConvertKit>"
    text = last["elements"][0]["text"]
    assert link in text
    last["elements"][0]["text"] = text.replace(link, "")
    judge_message(type(message)(message.text, (*rest, last)))
