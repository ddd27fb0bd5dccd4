"""Text is escaped once, and only marks that Slack knows survive."""

import pytest

from sandbox.slack.mrkdwn import calls_everybody, escaped, unescaped
from sandbox.slack.plain import plain


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        pytest.param("a & b", "a &amp; b", id="ampersand"),
        pytest.param("a &amp; b", "a &amp; b", id="already-escaped"),
        pytest.param("1 < 2 > 0", "1 &lt; 2 &gt; 0", id="brackets"),
        pytest.param("<@U0OWNER> <#C0GENERAL>", "<@U0OWNER> <#C0GENERAL>", id="mentions"),
        pytest.param("<owner@example.com>", "&lt;owner@example.com&gt;", id="address"),
        pytest.param(
            "<mailto:owner@example.com|owner>", "<mailto:owner@example.com|owner>", id="mailto"
        ),
        pytest.param("<script>", "&lt;script&gt;", id="script"),
    ],
)
def test_text_is_stored_escaped(text: str, stored: str) -> None:
    assert escaped(text) == stored
    assert escaped(stored) == stored


@pytest.mark.parametrize("mark", ["<!channel>", "<!here|here>", "<!everyone>"])
def test_these_call_everybody(mark: str) -> None:
    assert calls_everybody(f"hey {mark}")


def test_reading_turns_entities_back() -> None:
    assert unescaped("&amp;lt; &lt;b&gt;") == "&lt; <b>"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        pytest.param("*Bold* _it_ ~no~", "Bold it no", id="styles"),
        pytest.param("j***@d***.com", "j***@d***.com", id="masked-address"),
        pytest.param("<@U1> in <#C1>", "@owner in #general", id="names"),
        pytest.param("<https://example.com|Site>", "Site (https://example.com)", id="link"),
        pytest.param(
            "<!date^1767225600^{date_short} at {time}|x>", "1 Jan 2026 at 00:00", id="date"
        ),
        pytest.param("<!channel>", "@channel", id="channel"),
    ],
)
def test_a_transcript_reads(text: str, read: str) -> None:
    assert plain(text, {"U1": "owner", "C1": "general"}) == read
