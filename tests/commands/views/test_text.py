"""Numbers, times and names, as a person reads them."""

from datetime import timedelta

import pytest
from hypothesis import given

from commands.views.text import (
    as_sentence,
    bar,
    channel,
    counted,
    duration,
    escape,
    escape_within,
    moment,
    number,
    percent,
    person,
    shorten,
)
from tests.commands.views import strategies as any_
from tests.commands.views.samples import NOW


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        pytest.param("VIP <!channel>", "VIP &lt;!channel&gt;", id="channel-mention"),
        pytest.param("<@U0EVIL>", "&lt;@U0EVIL&gt;", id="person-mention"),
        pytest.param("Salt & Pepper", "Salt &amp; Pepper", id="ampersand"),
        pytest.param("&lt;", "&amp;lt;", id="entity"),
        pytest.param("*bold*", "\u2217bold\u2217", id="bold"),
        pytest.param("_italic_", "\u02cditalic_", id="italic"),
        pytest.param("~gone~", "\u223cgone~", id="strike"),
        pytest.param("`code`", "\u02cbcode\u02cb", id="code"),
        pytest.param("newsletter_2026", "newsletter_2026", id="underscore-inside"),
        pytest.param("starts with kit_.", "starts with kit_.", id="underscore-behind"),
        pytest.param("2*3", "2*3", id="star-inside"),
        pytest.param("9:30", "9:30", id="time"),
        pytest.param("a :tada: b", "a \ua789tada: b", id="emoji-code"),
        pytest.param("one\ntwo\tthree", "one two three", id="line-break"),
        pytest.param("abc\u202edef", "abcdef", id="direction"),
    ],
)
def test_a_name_is_drawn_literally(name: str, drawn: str) -> None:
    assert escape(name) == drawn


def test_a_long_name_ends_in_an_ellipsis() -> None:
    assert shorten("n" * 300, 60) == "n" * 59 + "…"
    assert shorten("n" * 60, 60) == "n" * 60


@given(any_.texts)
def test_a_shortened_text_is_one_line_within_its_limit(text: str) -> None:
    line = shorten(text, 40)
    assert len(line) <= 40
    assert len(line.splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        pytest.param("It broke", "It broke.", id="without-stop"),
        pytest.param("It broke.", "It broke.", id="with-stop"),
        pytest.param("Why?", "Why?", id="question"),
        pytest.param("", "", id="nothing"),
        pytest.param("Ask <@U0ANNA> & co", "Ask <@U0ANNA> &amp; co.", id="person"),
        pytest.param("See <#C0LIST>", "See <#C0LIST>.", id="channel"),
        pytest.param("<!channel> <@u0>", "&lt;!channel&gt; &lt;@u0&gt;.", id="not-a-mention"),
        pytest.param("*Read* this", "\u2217Read\u2217 this.", id="markup"),
    ],
)
def test_a_sentence_ends(text: str, drawn: str) -> None:
    assert as_sentence(text) == drawn


def test_counts_are_readable() -> None:
    assert number(12345) == "12,345"
    assert counted(1, "credit") == "1 credit"
    assert counted(0, "credit") == "0 credits"
    assert counted(2, "address", "addresses") == "2 addresses"


@pytest.mark.parametrize(
    ("part", "whole", "drawn"),
    [
        pytest.param(0, 100, "0 %", id="nothing"),
        pytest.param(0, 0, "0 %", id="of-nothing"),
        pytest.param(34, 1000, "3.4 %", id="usual"),
        pytest.param(1, 1_000_000, "< 0.1 %", id="almost-nothing"),
        pytest.param(999_999, 1_000_000, "> 99.9 %", id="almost-all"),
        pytest.param(100, 100, "100 %", id="all"),
        pytest.param(120, 100, "100 %", id="more-than-all"),
    ],
)
def test_a_share_never_rounds_to_nothing_or_all(part: int, whole: int, drawn: str) -> None:
    assert percent(part, whole) == drawn


def test_the_bar_is_full_only_at_the_end() -> None:
    assert bar(0, 100, 4) == "░░░░"
    assert bar(99, 100, 4) == "███░"
    assert bar(100, 100, 4) == "████"
    assert bar(0, 0, 4) == "░░░░"


@pytest.mark.parametrize(
    ("length", "drawn"),
    [
        pytest.param(timedelta(seconds=10), "less than a minute", id="seconds"),
        pytest.param(timedelta(seconds=60), "1 minute", id="one"),
        pytest.param(timedelta(minutes=59), "59 minutes", id="minutes"),
        pytest.param(timedelta(hours=2), "2 hours", id="even"),
        pytest.param(timedelta(hours=1, minutes=5), "1 hour 5 minutes", id="two-units"),
        pytest.param(timedelta(days=1, hours=2, minutes=3), "1 day 2 hours", id="days"),
        pytest.param(timedelta(seconds=-5), "less than a minute", id="clock-went-back"),
    ],
)
def test_a_length_of_time_has_two_units_at_most(length: timedelta, drawn: str) -> None:
    assert duration(length) == drawn


def test_a_moment_has_a_fallback_in_utc() -> None:
    token = moment(NOW)
    assert token.startswith(f"<!date^{int(NOW.timestamp())}^")
    assert token.endswith("|04 Mar 2026, 09:30 UTC>")


def test_only_a_slack_id_becomes_a_mention() -> None:
    assert person("U0ANNA") == "<@U0ANNA>"
    assert person("<!channel>") == "&lt;!channel&gt;"
    assert person(None) == "Somebody"
    assert channel("C0LIST") == "<#C0LIST>"
    assert channel("<!here>") == "&lt;!here&gt;"


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        pytest.param("550 no", "550 no", id="short"),
        pytest.param("a" * 30, "a" * 19 + "…", id="long"),
        pytest.param("&" * 20, "&amp;" * 3 + "…", id="escapes"),
        pytest.param("a & b", "a &amp; b", id="escape-that-fits"),
    ],
)
def test_escaped_text_fits_as_it_is_sent(text: str, drawn: str) -> None:
    assert escape_within(text, 20) == drawn


@given(any_.texts)
def test_any_escaped_text_fits(text: str) -> None:
    assert len(escape_within(text, 100)) <= 100
