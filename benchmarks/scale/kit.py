"""A ConvertKit without a rate limit, in a process of its own, whose people are made up on the way.

Run as ``python -m benchmarks.scale.kit``; it prints its address. The size of an account is part of
its key. Only what the bot needs of V4 is here, shaped like the recorded answers, and strict: what
Kit does not know is refused, and counted for ``GET /seen``.
"""

import asyncio
import base64
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from benchmarks.scale.people import FIRST_ID, subscriber

KEY_START = "kit_"
PER_PAGE_MOST = 1_000
_QUERY = {"after", "per_page", "status", "slim"}


def key_of(size: int) -> str:
    """Give the key of an account with so many subscribers."""
    return f"{KEY_START}{size:032d}"


@dataclass(slots=True)
class Seen:
    """What was asked for."""

    pages: int = 0
    last_page_at: float = 0.0
    calls: int = 0
    strange: list[str] = field(default_factory=list)


class Kit:
    """Answer the bot's calls."""

    def __init__(self) -> None:
        self.seen = Seen()

    def app(self) -> web.Application:
        """Give the server's application."""
        app = web.Application(middlewares=[self._check])
        app.router.add_get("/v4/account", self._account)
        app.router.add_get("/v4/subscribers", self._subscribers)
        app.router.add_get("/v4/subscribers/{id:[0-9]+}", self._subscriber)
        app.router.add_post("/v4/subscribers/{id:[0-9]+}/unsubscribe", self._unsubscribe)
        app.router.add_get("/seen", self._tell)
        return app

    @web.middleware
    async def _check(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if request.path == "/seen":
            return await handler(request)
        self.seen.calls += 1
        key = request.headers.get("X-Kit-Api-Key", "")
        if not (key.startswith(KEY_START) and key[len(KEY_START) :].isdigit()):
            self.seen.strange.append(f"{request.path}: a key that was never given")
            return web.json_response({"errors": ["The API key is invalid"]}, status=401)
        try:
            return await handler(request)
        except web.HTTPException as refused:
            self.seen.strange.append(f"{request.method} {request.path}: {refused.status}")
            raise

    async def _account(self, request: web.Request) -> web.Response:
        size = _size(request)
        email = f"letters{size}@example.com"
        about = {
            "id": size + 1,
            "name": f"List of {size}",
            "plan_type": "creator",
            "primary_email_address": email,
            "created_at": "2020-07-01T07:40:11Z",
        }
        return web.json_response({"user": {"id": size + 2, "email": email}, "account": about})

    async def _subscribers(self, request: web.Request) -> web.Response:
        query = request.query
        per_page = query.get("per_page", "500")
        if set(query) - _QUERY or query.get("status") != "active":
            raise web.HTTPUnprocessableEntity
        if not (per_page.isdigit() and 1 <= int(per_page) <= PER_PAGE_MOST):
            raise web.HTTPUnprocessableEntity
        # Newest first, as Kit lists them; a cursor is the id of the last one on a page.
        end = _place(query["after"]) if "after" in query else _size(request)
        start = max(0, end - int(per_page))
        rows = [subscriber(number) for number in range(end - 1, start - 1, -1)]
        pagination = {
            "has_previous_page": "after" in query,
            "has_next_page": start > 0,
            "start_cursor": _cursor(end - 1) if rows else None,
            "end_cursor": _cursor(start) if rows else None,
            "per_page": int(per_page),
        }
        self.seen.pages += 1
        self.seen.last_page_at = time.time()
        return web.json_response({"subscribers": rows, "pagination": pagination})

    async def _subscriber(self, request: web.Request) -> web.Response:
        return web.json_response({"subscriber": {**subscriber(_number(request)), "fields": {}}})

    async def _unsubscribe(self, request: web.Request) -> web.Response:
        _number(request)
        return web.Response(status=204)

    async def _tell(self, request: web.Request) -> web.Response:
        seen = self.seen
        return web.json_response(
            {
                "pages": seen.pages,
                "last_page_at": seen.last_page_at,
                "calls": seen.calls,
                "strange": seen.strange[:10],
            }
        )


def _size(request: web.Request) -> int:
    return int(request.headers["X-Kit-Api-Key"][len(KEY_START) :])


def _number(request: web.Request) -> int:
    number = int(request.match_info["id"]) - FIRST_ID
    if not 0 <= number < _size(request):
        raise web.HTTPNotFound
    return number


def _cursor(number: int) -> str:
    return base64.b64encode(json.dumps([FIRST_ID + number]).encode()).decode()


def _place(cursor: str) -> int:
    try:
        (last,) = json.loads(base64.b64decode(cursor))
        return int(last) - FIRST_ID
    except ValueError as error:
        raise web.HTTPUnprocessableEntity from error


async def main() -> None:
    """Serve until the process is ended."""
    runner = web.AppRunner(Kit().app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
