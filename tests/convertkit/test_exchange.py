"""A call is paced, repeated while waiting may help, logged without telling, and leaks nothing."""

import asyncio
import contextlib
import logging
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import httpx
import pytest
import respx

from convertkit import (
    ApiVersion,
    ConvertKit,
    ConvertKitError,
    Endpoints,
    Everybody,
    Gone,
    RateLimited,
    Rejected,
    RetryPolicy,
    Subscriber,
    SubscriberState,
    Unavailable,
    v3,
)
from convertkit.calls import Call
from convertkit.exchange import build_request
from tests.convertkit.conftest import SECRETS, V3, V4, Naps, Turns

Connect = Callable[[ApiVersion], ConvertKit]

ACCOUNT = {"account": {"name": "Paper Boats"}}
CALLS = v3.V3(V3, SECRETS[ApiVersion.V3])
BOB = Subscriber(7, "bob@example.com", SubscriberState.ACTIVE)
REQUEST_ID = "0b5c1d2e-3f40-4152-8364-75869708192a"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(httpx.Response(429, text="slow down"), id="429"),
        pytest.param(httpx.Response(500), id="500"),
        pytest.param(httpx.Response(503, html="<h1>Be right back</h1>"), id="503-html"),
        pytest.param(httpx.Response(200, html="<h1>Be right back</h1>"), id="200-html"),
        pytest.param(httpx.Response(404, html="<h1>Not here</h1>"), id="404-html"),
        pytest.param(httpx.DecodingError("not gzip"), id="broken-gzip"),
        pytest.param(httpx.ConnectError("refused"), id="connect-error"),
        pytest.param(httpx.ReadTimeout("slow"), id="read-timeout"),
        pytest.param(httpx.ReadError("reset"), id="connection-reset"),
        pytest.param(httpx.RemoteProtocolError("closed"), id="closed-without-answer"),
    ],
)
async def test_a_passing_fault_is_tried_again(
    fault: httpx.Response | httpx.HTTPError,
    connect: Connect,
    respx_mock: respx.MockRouter,
    turns: Turns,
    naps: Naps,
) -> None:
    respx_mock.get(f"{V4}/account").mock(
        side_effect=[fault, fault, httpx.Response(200, json=ACCOUNT)]
    )
    assert (await connect(ApiVersion.V4).account()).name == "Paper Boats"
    assert turns.taken == 3
    assert naps.seconds == [1.0, 2.0]


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        pytest.param(httpx.Response(429), RateLimited, id="429-storm"),
        pytest.param(httpx.Response(502), Unavailable, id="5xx"),
        pytest.param(httpx.ConnectTimeout("slow"), Unavailable, id="timeout"),
    ],
)
async def test_a_lasting_fault_ends_as_an_error(
    fault: httpx.Response | httpx.HTTPError,
    error: type[ConvertKitError],
    connect: Connect,
    respx_mock: respx.MockRouter,
    turns: Turns,
) -> None:
    respx_mock.get(f"{V4}/account").mock(side_effect=[fault] * 3)
    with pytest.raises(error, match=r"[Tt]ry again"):
        await connect(ApiVersion.V4).account()
    assert turns.taken == 3


async def test_retry_after_sets_the_wait_of_everybody(
    connect: Connect, respx_mock: respx.MockRouter, naps: Naps, turns: Turns
) -> None:
    storm = httpx.Response(429, headers={"Retry-After": "17"})
    respx_mock.get(f"{V4}/account").mock(side_effect=[storm, httpx.Response(200, json=ACCOUNT)])
    await connect(ApiVersion.V4).account()
    assert naps.seconds == turns.holds == [17.0]


async def test_a_429_without_a_word_lets_everybody_wait_as_long_as_whoever_got_it(
    connect: Connect, respx_mock: respx.MockRouter, naps: Naps, turns: Turns
) -> None:
    storm = [httpx.Response(429)] * 2
    respx_mock.get(f"{V4}/account").mock(side_effect=[*storm, httpx.Response(200, json=ACCOUNT)])
    await connect(ApiVersion.V4).account()
    assert naps.seconds == turns.holds == [1.0, 2.0]


async def test_everybody_waits_although_whoever_got_the_429_gives_up(
    connect: Connect, respx_mock: respx.MockRouter, turns: Turns
) -> None:
    respx_mock.get(f"{V4}/account").respond(429, headers={"Retry-After": "600"})
    with pytest.raises(RateLimited):
        await connect(ApiVersion.V4).account()
    assert turns.holds == [600.0] * 3


async def test_a_fault_that_is_not_about_the_pace_holds_nobody(
    connect: Connect, respx_mock: respx.MockRouter, turns: Turns
) -> None:
    storm = httpx.Response(503, headers={"Retry-After": "17"})
    respx_mock.get(f"{V4}/account").mock(side_effect=[storm, httpx.Response(200, json=ACCOUNT)])
    await connect(ApiVersion.V4).account()
    assert turns.holds == []


async def test_a_turn_that_does_not_come_ends_the_call_and_asks_nothing(
    connect: Connect, respx_mock: respx.MockRouter, turns: Turns, naps: Naps
) -> None:
    turns.fault = RateLimited("Not in time. Try again.")
    with pytest.raises(RateLimited, match="Not in time"):
        await connect(ApiVersion.V4).account()
    assert not respx_mock.calls
    assert turns.holds == naps.seconds == []


@pytest.mark.parametrize(
    ("status", "error"), [pytest.param(404, Gone, id="gone"), pytest.param(422, Rejected, id="422")]
)
async def test_a_refusal_is_not_tried_again(
    status: int,
    error: type[ConvertKitError],
    connect: Connect,
    respx_mock: respx.MockRouter,
    turns: Turns,
) -> None:
    respx_mock.post(f"{V4}/subscribers/7/unsubscribe").respond(status, json={"errors": ["No"]})
    with pytest.raises(error):
        await connect(ApiVersion.V4).unsubscribe(BOB)
    assert turns.taken == 1


async def test_an_unsubscribe_is_repeated_after_a_lost_answer(
    connect: Connect, respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.post(f"{V4}/subscribers/7/unsubscribe").mock(
        side_effect=[httpx.ReadTimeout("lost"), httpx.Response(204)]
    )
    await connect(ApiVersion.V4).unsubscribe(BOB)
    assert route.call_count == 2


async def test_each_failed_attempt_is_one_line_that_tells_no_secret(
    connect: Connect, respx_mock: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    respx_mock.put(f"{V3}/unsubscribe").mock(
        side_effect=[
            httpx.Response(503, headers={"X-Request-Id": REQUEST_ID}),
            httpx.Response(404, json={"error": "Not Found", "message": ""}),
        ]
    )
    with caplog.at_level(logging.INFO), pytest.raises(Gone):
        await connect(ApiVersion.V3).unsubscribe(BOB)
    lines = [record for record in caplog.records if record.name.startswith("convertkit")]
    told = [(vars(line)["action"], vars(line)["status"], vars(line)["fault"]) for line in lines]
    assert told == [
        ("convertkit_attempt_failed", 503, "Unavailable"),
        ("convertkit_attempt_failed", 404, "Gone"),
    ]
    assert vars(lines[0])["request_id"] == REQUEST_ID
    assert REQUEST_ID in lines[0].getMessage()
    assert "example.com" not in caplog.text
    assert "https:" not in "".join(line.getMessage() for line in lines)


async def test_a_request_id_of_another_shape_is_not_logged(
    connect: Connect, respx_mock: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    claimed = {"X-Request-Id": SECRETS[ApiVersion.V4]}
    respx_mock.get(f"{V4}/account").respond(422, headers=claimed)
    with pytest.raises(Rejected):
        await connect(ApiVersion.V4).account()
    assert SECRETS[ApiVersion.V4] not in caplog.text


async def test_nothing_of_one_account_travels_with_anothers_call(
    connect: Connect, http: httpx.AsyncClient, respx_mock: respx.MockRouter
) -> None:
    http.headers["X-Left-Over"] = "yes"
    route = respx_mock.get(f"{V4}/account").respond(
        200, json=ACCOUNT, headers={"Set-Cookie": "session=first"}
    )
    for _ in range(2):
        await connect(ApiVersion.V4).account()
    assert "cookie" not in route.calls.last.request.headers
    assert "x-left-over" not in route.calls.last.request.headers


@pytest.mark.parametrize("version", ApiVersion)
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(httpx.ConnectError("refused"), id="transport"),
        pytest.param(httpx.Response(200, html="<h1>Be right back</h1>"), id="html"),
        pytest.param("echo-of-the-secret", id="echo"),
    ],
)
async def test_an_error_and_its_causes_show_no_secret(
    version: ApiVersion,
    fault: httpx.Response | httpx.HTTPError | str,
    connect: Connect,
    respx_mock: respx.MockRouter,
) -> None:
    secret = SECRETS[version]
    echo = httpx.Response(403, json={"errors": [secret], "error": secret, "message": secret})
    respx_mock.get(path__regex="/account").mock(
        side_effect=[echo if isinstance(fault, str) else fault] * 3
    )
    with pytest.raises(ConvertKitError) as caught:
        await connect(version).account()
    assert secret not in "".join(traceback.format_exception(caught.value))
    cause: BaseException | None = caught.value
    while cause is not None:
        assert secret not in f"{cause!s} {cause!r}"
        if isinstance(cause, httpx.RequestError):
            assert secret not in f"{cause.request.url} {list(cause.request.headers.values())}"
        cause = cause.__cause__


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(CALLS.account(), id="without-query"),
        pytest.param(CALLS.subscribers(Everybody(), "3"), id="with-query"),
        pytest.param(CALLS.tags_with_key_only(), id="key"),
    ],
)
def test_the_url_of_a_request_has_no_secret_but_its_target_has(call: Call[object]) -> None:
    request = build_request(call, 5)
    assert SECRETS[ApiVersion.V3] not in str(request.url)
    assert SECRETS[ApiVersion.V3].encode() in request.extensions["target"]


def test_a_client_shows_no_secret(connect: Connect) -> None:
    for version in ApiVersion:
        kit = connect(version)
        assert (
            SECRETS[version] not in f"{kit!r} {kit!s} {[repr(part) for part in vars(kit).values()]}"
        )


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def _server(serve: Serve) -> AsyncIterator[str]:
    ended: list[asyncio.Event] = []

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(end := asyncio.Event())
        with contextlib.suppress(ConnectionError):
            await serve(reader, writer)
            writer.close()
            await writer.wait_closed()
        end.set()

    server = await asyncio.start_server(once, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v3"
        for event in ended:
            await event.wait()


def _client_of(url: str, http: httpx.AsyncClient, *, timeout: timedelta) -> ConvertKit:
    return ConvertKit(
        secret=SECRETS[ApiVersion.V3],
        version=ApiVersion.V3,
        http=http,
        pace=Turns(),
        endpoints=Endpoints(v3=url),
        retries=RetryPolicy(attempts=1, waits=timedelta(), timeout=timeout),
    )


async def test_the_wire_carries_the_secret_and_no_log_at_any_level_does(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[bytes] = []

    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        asked.append(request)
        target = request.split()[1]
        writer.write(b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n")
        writer.write(b"Location: https://kit.example" + target + b"\r\n\r\n")
        await writer.drain()

    with caplog.at_level(logging.DEBUG):
        async with _server(redirect) as url:
            with pytest.raises(Unavailable, match="status 301"):
                await _client_of(url, http, timeout=timedelta(seconds=5)).subscribers(Everybody())
    secret = SECRETS[ApiVersion.V3]
    assert f"GET /v3/subscribers?page=1&sort_order=asc&api_secret={secret} ".encode() in asked[0]
    assert "HTTP Request: GET http" in caplog.text
    assert "receive_response_headers.complete" in caplog.text
    assert secret not in caplog.text


async def test_an_answer_that_drips_is_given_up(http: httpx.AsyncClient) -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with _server(drip) as url:
        with pytest.raises(Unavailable, match="does not answer in time"):
            await _client_of(url, http, timeout=timedelta(seconds=0.3)).account()
