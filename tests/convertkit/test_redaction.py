"""Neither Kit's words nor the HTTP library's log lines carry a secret, an address or a query."""

import logging

import pytest

from convertkit.redaction import hide_queries_in_http_logs, quotable


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        pytest.param("Name can't be blank", "Name can't be blank", id="plain"),
        pytest.param("ann@example.com is taken", "… is taken", id="address"),
        pytest.param("see https://kit.example/a?api_secret=x", "see …", id="url"),
        pytest.param("key inventedKey-0123456789ab is bad", "key … is bad", id="key"),
        pytest.param("one\n\ttwo\x00  three\u202e", "one two three", id="controls"),
        pytest.param("", "", id="empty"),
    ],
)
def test_words_are_cleaned(words: str, shown: str) -> None:
    assert quotable(words) == shown


def test_words_are_cut_at_200_letters() -> None:
    shown = quotable("word " * 100)
    assert len(shown) <= 200
    assert shown.endswith("word…")


def test_an_http_log_line_loses_its_query(caplog: pytest.LogCaptureFixture) -> None:
    hide_queries_in_http_logs()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("httpx").info("GET %s ok", "https://kit.example/v3/tags?api_key=abc")
        logging.getLogger("httpcore.http11").debug(
            "headers=%r", [(b"Location", b"https://kit.example/?api_secret=abc&page=2")]
        )
    assert "abc" not in caplog.text
    assert "https://kit.example/v3/tags?… ok" in caplog.text


def test_hiding_queries_twice_adds_one_filter() -> None:
    hide_queries_in_http_logs()
    before = list(logging.getLogger("httpx").filters)
    hide_queries_in_http_logs()
    assert logging.getLogger("httpx").filters == before
