"""Carries calls to the make-believe ConvertKit over HTTP on loopback; it decides nothing."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from aiohttp import web

from sandbox.kit.call import Answer, Call, find_route
from sandbox.kit.trouble import Fault, Trouble

Answering = Callable[[Call], Awaitable[Answer | Trouble]]


class Server:
    """Listen on loopback and hand each request to `answering`."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._closing = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """Return scheme, host and port, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Open a free port."""
        app = web.Application()
        app.router.add_route("*", "/by/{by}{path:/.*}", self._handle)
        app.router.add_route("*", "/{path:.*}", self._handle)
        # A client that hangs up must end its handler, also one that never answers.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.5
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close the port and every connection, also those that wait for an answer."""
        self._closing.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        outcome = await self._answering(await _read(request))
        if isinstance(outcome, Trouble):
            await self._leave_unanswered(request, outcome)
            return web.Response(status=500)
        return _response(outcome)

    async def _leave_unanswered(self, request: web.Request, trouble: Trouble) -> None:
        if trouble.fault is Fault.TIME_OUT:
            await self._closing.wait()
        transport = request.transport
        if transport is not None:
            connection = transport.get_extra_info("socket")
            # Closing with linger 0 sends RST, as a crashed load balancer does.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()


async def _read(request: web.Request) -> Call:
    path = "/" + request.match_info["path"].lstrip("/")
    version = path.strip("/").split("/")[0]
    route, target = find_route(version, request.method, path)
    return Call(
        version=version,
        method=request.method,
        path=path,
        query=dict(request.query),
        body=await _body(request),
        headers=request.headers,
        route=route,
        target=target,
        by=request.match_info.get("by", ""),
    )


async def _body(request: web.Request) -> dict[str, Any]:
    """Return the parameters of a body, JSON or form, as Rails would; none if it is neither."""
    if request.content_type == "application/x-www-form-urlencoded":
        return dict(await request.post())
    if request.content_type != "application/json":
        return {}
    try:
        body = json.loads(await request.text() or "{}")
    except json.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def _response(answer: Answer) -> web.Response:
    headers = {
        "Server": "nginx",
        "X-Request-Id": str(uuid4()),
        "Cache-Control": "max-age=0, private, must-revalidate",
        **answer.headers,
    }
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers)
    if isinstance(answer.body, str):
        return web.Response(
            status=answer.status, text=answer.body, content_type="text/html", headers=headers
        )
    return web.json_response(answer.body, status=answer.status, headers=headers)
