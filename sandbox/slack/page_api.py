"""The browser page's own small API: what a person sees, and what they do, through the driver."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

from aiohttp import web

from sandbox.slack.errors import BadAnswer, NotAcknowledged, NotDrawn, SandboxSlackError
from sandbox.slack.page_state import page_state
from sandbox.slack.person import Person
from sandbox.slack.records import Json, Message, View
from sandbox.slack.store import Store

_FOLDER = Path(__file__).parent / "page"
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
#: The page loads nothing from anywhere else and runs no script but its own.
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
#: Changes that come in quick succession are told to the page at most this often (seconds).
_PAUSE = 0.05
_HEARTBEAT = 15.0

Deed = Callable[[Person, Json], Awaitable[Json]]


class PageApi:
    """Serve the page, tell it about changes and do what the person at it wants."""

    def __init__(
        self, store: Store, person: Callable[[str], Person], is_connected: Callable[[], bool]
    ) -> None:
        self._store = store
        self._person = person
        self._is_connected = is_connected
        self._is_closing = False
        self._deeds: Mapping[str, Deed] = {
            "slash": self._slash,
            "say": self._say,
            "home": self._home,
            "click": self._click,
            "choose": self._choose,
            "fill": self._fill,
            "suggest": self._suggest,
            "submit": self._submit,
            "close": self._close,
        }

    def add_routes(self, app: web.Application) -> None:
        """Add the page, its files and its API to the server."""
        app.router.add_get("/", self._page)
        app.router.add_get("/page/{name}", self._page)
        app.router.add_get("/sandbox/state", self._state)
        app.router.add_get("/sandbox/live", self._live)
        app.router.add_post("/sandbox/do", self._do)

    def close(self) -> None:
        """End the live streams, so that the server can stop."""
        self._is_closing = True
        self._store.bell.ring()

    async def _page(self, request: web.Request) -> web.Response:
        name = request.match_info.get("name", "index.html")
        found = {path.name: path for path in _FOLDER.iterdir() if path.suffix in _TYPES}
        if name not in found:
            return web.Response(status=404, text="not found")
        text = await asyncio.to_thread(found[name].read_text, encoding="utf-8")
        kind = _TYPES[found[name].suffix]
        return web.Response(text=text, content_type=kind, charset="utf-8", headers=_HEADERS)

    async def _state(self, request: web.Request) -> web.Response:
        user = request.query.get("user") or next(iter(self._store.users))
        if user not in self._store.users:
            return web.json_response({"error": "Nobody here is called that."}, status=404)
        state = page_state(self._store, user) | {"is_connected": self._is_connected()}
        return web.json_response(state, headers=_HEADERS)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers=_HEADERS | {"Content-Type": "text/event-stream"})
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            async for revision in self._revisions():
                await response.write(f"data: {revision}\n\n".encode())
        return response

    async def _revisions(self) -> AsyncIterator[int]:
        while not self._is_closing:
            told = self._store.bell.revision
            yield told
            await asyncio.sleep(_PAUSE)
            if self._store.bell.revision == told and not self._is_closing:
                await self._store.bell.wait(_HEARTBEAT)

    async def _do(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            # A form on another site cannot send JSON, so it cannot act as a person here.
            return web.json_response({"words": "Send JSON."}, status=415)
        try:
            wish = json.loads(await request.text())
            answer = await self._deeds[wish["deed"]](self._person(wish["user"]), wish)
        except (NotAcknowledged, BadAnswer) as silence:
            return web.json_response({"words": silence.words}, status=502)
        except (NotDrawn, SandboxSlackError) as problem:
            return web.json_response({"words": str(problem)}, status=409)
        except (ValueError, KeyError, TypeError):
            return web.json_response({"words": "That is not a deed."}, status=400)
        return web.json_response(answer)

    def _where(self, wish: Json) -> Message | View:
        if "view" in wish:
            view = self._store.views.get(str(wish["view"]))
            if view is not None:
                return view
            raise NotDrawn("This dialog is closed.")
        message = self._store.find_message(str(wish["channel"]), str(wish["ts"]))
        if message is None:
            raise NotDrawn("This message was deleted.")
        return message

    def _view(self, wish: Json) -> View:
        where = self._where(wish)
        if not isinstance(where, View):
            raise NotDrawn("This is not a dialog.")
        return where

    async def _slash(self, person: Person, wish: Json) -> Json:
        await person.slash(str(wish["command"]), str(wish["text"]), channel=str(wish["channel"]))
        return {}

    async def _say(self, person: Person, wish: Json) -> Json:
        thread = str(wish["thread"]) if wish.get("thread") else None
        await person.say(str(wish["text"]), channel=str(wish["channel"]), thread=thread)
        return {}

    async def _home(self, person: Person, wish: Json) -> Json:
        await person.open_home(tab=str(wish["tab"]))
        return {}

    async def _click(self, person: Person, wish: Json) -> Json:
        where = self._where(wish)
        await person.click(where, action_id=wish["action_id"], block_id=wish["block_id"])
        return {}

    async def _choose(self, person: Person, wish: Json) -> Json:
        where, wanted = self._where(wish), [str(value) for value in wish["values"]]
        await person.choose(where, wish["action_id"], *wanted, block_id=wish["block_id"])
        return {}

    async def _fill(self, person: Person, wish: Json) -> Json:
        await person.fill(
            self._where(wish),
            wish["action_id"],
            str(wish["text"]),
            block_id=wish["block_id"],
            enter=bool(wish.get("enter")),
        )
        return {}

    async def _suggest(self, person: Person, wish: Json) -> Json:
        options = await person.suggest(
            self._where(wish), wish["action_id"], str(wish["typed"]), block_id=wish["block_id"]
        )
        return {"options": list(options)}

    async def _submit(self, person: Person, wish: Json) -> Json:
        submission = await person.submit(self._view(wish))
        return {"errors": submission.errors}

    async def _close(self, person: Person, wish: Json) -> Json:
        await person.close(self._view(wish), whole=bool(wish.get("whole")))
        return {}
