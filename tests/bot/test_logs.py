"""Tests for bot.logs: nothing private leaves through a log line."""

import logging

import pytest

from bot.logs import Redacting


def line(message: str, **extra: object) -> str:
    record = logging.LogRecord("somewhere", logging.INFO, __file__, 1, message, None, None)
    record.__dict__.update(extra)
    return Redacting("%(levelname)s %(name)s: %(message)s").format(record)


@pytest.mark.parametrize(
    ("message", "private"),
    [
        pytest.param("to ann.lee+x@example.com now", "ann.lee", id="address"),
        pytest.param("<ann@example.co.uk>: unknown", "ann@", id="address-in-brackets"),
        pytest.param("token xoxb-1234-abcd was used", "1234-abcd", id="bot-token"),
        pytest.param("token xapp-1-A0-9-ff was used", "A0-9-ff", id="app-token"),
        pytest.param("key kit_0123456789abcdef refused", "0123456789", id="v4-key"),
        pytest.param("GET /v3/account?api_secret=s3cr3t&page=1", "s3cr3t", id="v3-secret"),
        pytest.param("GET /v3/tags?api_key=pub1ic", "pub1ic", id="v3-key"),
        pytest.param('to "john smith"@example.com now', "john smith", id="quoted-address"),
        pytest.param("from root@localhost: refused", "root@", id="address-without-a-dot"),
        pytest.param("to anna=b@example.com", "anna", id="address-with-an-equals-sign"),
        pytest.param("to o'brien@example.com", "o'", id="address-with-an-apostrophe"),
        pytest.param("('anna@example.com', 'x')", "anna", id="address-in-a-repr"),
        pytest.param("{'api_secret': 's3cr3t'}", "s3cr3t", id="secret-in-a-repr"),
        pytest.param("{'api_secret': b's3cr3t'}", "s3cr3t", id="secret-in-a-repr-of-bytes"),
        pytest.param('{"api_secret": "two s3cr3t"}', "s3cr3t", id="secret-in-json"),
        pytest.param('"{\\"api_key\\": \\"pub1ic\\"}"', "pub1ic", id="key-in-json-in-a-repr"),
        pytest.param("api_secret=s3cr3t", "s3cr3t", id="keyword"),
    ],
)
def test_what_is_private_is_replaced(message: str, private: str) -> None:
    assert private not in line(message)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        pytest.param(
            "GET /v3/account?api_secret=s3cr3t&page=1",
            "GET /v3/account?api_secret=<secret>&page=1",
            id="query",
        ),
        pytest.param(
            "{'api_secret': 's3cr3t', 'page': 1}", "{'api_secret': <secret>, 'page': 1}", id="repr"
        ),
        pytest.param("to 'anna@example.com' now", "to '<address>' now", id="address"),
        pytest.param("the api_key was refused", "the api_key was refused", id="no-value"),
    ],
)
def test_what_stands_around_stays_readable(message: str, expected: str) -> None:
    assert line(message) == f"INFO somewhere: {expected}"


def test_a_traceback_is_redacted_as_well() -> None:
    try:
        raise ValueError("cannot read ann@example.com")
    except ValueError as error:
        record = logging.LogRecord(
            "somewhere", logging.ERROR, __file__, 1, "failed", None, (ValueError, error, None)
        )
    assert "ann@" not in Redacting("%(message)s").format(record)


def test_a_line_ends_with_its_action_and_subject() -> None:
    assert line("A step failed", action="fetch_page", subject=7) == (
        "INFO somewhere: A step failed action=fetch_page subject=7"
    )


def test_an_action_that_contains_kit_stays_readable() -> None:
    assert line("x", action="convertkit_attempt_failed").endswith(
        "action=convertkit_attempt_failed"
    )
