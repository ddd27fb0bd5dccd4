"""The decoders accept each answer that was recorded of, or documented by, the real ConvertKit."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from convertkit import ConvertKitError, CredentialRefused, NotAllowed, v3, v4
from convertkit.calls import Answer

RECORDED = Path(__file__).parents[2].parent / "shared" / "reference" / "kit"

Decoder = Callable[[Answer], object]
Case = tuple[str, int, Any]


def _recordings(name: str) -> Iterator[Case]:
    path = RECORDED / name
    if path.exists():
        for one in json.loads(path.read_text())["responses"]:
            yield one["request"], one["status"], one["body"]


def _examples() -> Iterator[Case]:
    path = RECORDED / "kit-v4.examples.json"
    if path.exists():
        for operation in json.loads(path.read_text())["operations"]:
            for status, response in operation["responses"].items():
                request = f"{operation['method']} {operation['path']}"
                yield request, int(status), response.get("example")


def _cases(cases: Iterator[Case]) -> list[Any]:
    found = [
        pytest.param(request, status, body, id=f"{index}-{status}")
        for index, (request, status, body) in enumerate(cases)
    ]
    absent = pytest.mark.skip(reason=f"the recorded answers are not there: {RECORDED}")
    return found or [pytest.param("", 0, None, marks=absent, id="absent")]


def _answer(status: int, body: Any) -> Answer:
    return Answer(status, {}, b"" if body is None else json.dumps(body).encode())


def _asked(request: str) -> str:
    """Return method and path, with 1 for every id: "GET /v3/forms/1/subscriptions"."""
    method, path = re.split(r"[ ?]", request)[:2] if request else ("", "")
    return f"{method} {re.sub(r'/(?:[0-9]+|{[a-z_]+})', '/1', path)}"


def _v3_decoder(request: str, body: dict[str, Any]) -> Decoder | None:
    subscriber_id = body.get("subscriber", {}).get("id")
    decoders: dict[str, Decoder] = {
        "GET /v3/account": v3.account,
        "GET /v3/tags": v3.tags,
        "GET /v3/forms": v3.forms,
        "GET /v3/subscribers": partial(v3.page, asked=1),
        "GET /v3/forms/1/subscriptions": partial(v3.subscription_page, asked=1, gone=None),
        "PUT /v3/unsubscribe": partial(v3.unsubscribed, wanted=subscriber_id),
    }
    return decoders.get(_asked(request))


def _v4_decoder(request: str, body: dict[str, Any] | None) -> Decoder | None:
    listed = partial(v4.page, at=None, gone=None)
    subscriber_id = (body or {}).get("subscriber", {}).get("id")
    decoders: dict[str, Decoder] = {
        "GET /v4/account": v4.account,
        "GET /v4/tags": partial(v4.tags, at=None),
        "GET /v4/forms": partial(v4.forms, at=None),
        "GET /v4/subscribers": listed,
        "GET /v4/tags/1/subscribers": listed,
        "GET /v4/forms/1/subscribers": listed,
        "GET /v4/subscribers/1": partial(v4.one_subscriber, wanted=subscriber_id),
        "POST /v4/subscribers/1/unsubscribe": v4.unsubscribed,
    }
    return decoders.get(_asked(request))


@pytest.mark.parametrize(
    ("request_", "status", "body"), _cases(_recordings("kit-v3.fixtures.json"))
)
def test_recorded_v3_answers_are_understood(request_: str, status: int, body: Any) -> None:
    if status < 400:
        if decode := _v3_decoder(request_, body):
            decode(_answer(status, body))
        return
    refused = body["message"] == "API Key not valid"
    with pytest.raises(ConvertKitError) as caught:
        v3.account(_answer(status, body))
    assert isinstance(caught.value, CredentialRefused) == refused


@pytest.mark.parametrize(
    ("request_", "status", "body"),
    _cases(iter([*_recordings("kit-v4.live-fixtures.json"), *_examples()])),
)
def test_recorded_v4_answers_are_understood(request_: str, status: int, body: Any) -> None:
    if status < 400:
        if decode := _v4_decoder(request_, body):
            decode(_answer(status, body))
        return
    with pytest.raises(ConvertKitError) as caught:
        v4.account(_answer(status, body))
    if status == 401:
        assert isinstance(caught.value, CredentialRefused | NotAllowed)


@pytest.mark.skipif(not RECORDED.exists(), reason=f"the recorded answers are not there: {RECORDED}")
def test_every_decoder_meets_a_recorded_answer() -> None:
    third = [_v3_decoder(request, body) for request, _, body in _recordings("kit-v3.fixtures.json")]
    fourth = [_v4_decoder(request, body) for request, status, body in _examples() if status < 400]
    assert len({_name(decode) for decode in third if decode}) == 6
    assert len({_name(decode) for decode in fourth if decode}) == 6


def _name(decode: Decoder) -> str:
    named = decode.func if isinstance(decode, partial) else decode
    return str(getattr(named, "__name__", named))
