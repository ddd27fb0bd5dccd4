"""The make-believe Slack itself: starts on loopback, hands out people, lets tests look inside."""

import random
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from sandbox.slack.clock import Clock
from sandbox.slack.faults import Buckets, Fault, Faults, PostRate
from sandbox.slack.interactions import Interactions, Parts
from sandbox.slack.looking import Looking
from sandbox.slack.methods.chat import Chat
from sandbox.slack.methods.directory import Directory
from sandbox.slack.methods.files import Files
from sandbox.slack.methods.history import History
from sandbox.slack.methods.views import Views
from sandbox.slack.page_api import PageApi
from sandbox.slack.person import Person
from sandbox.slack.records import Delivery, Json, Message
from sandbox.slack.response_urls import Responder
from sandbox.slack.socket_mode import SocketMode
from sandbox.slack.store import Store
from sandbox.slack.tickets import ResponseUrls, Triggers
from sandbox.slack.web_api import WebApi
from sandbox.slack.workspace import Channel, Workspace

#: Slack sends an unacknowledged event again at once, after a minute and after five.
EVENT_RETRY_DELAYS = (0.0, 60.0, 300.0)
_MOST_UPLOADED_BYTES = 256 * 1024 * 1024


class FakeSlack(Looking):
    """Be a Slack workspace on 127.0.0.1 while the context is open.

    `post_rate` (None: no limit) may be set at any time; `clock.forward` lets time pass;
    `sockets` refreshes, drops or counts the app's connections.
    """

    def __init__(
        self,
        workspace: Workspace | None = None,
        *,
        port: int = 0,
        post_rate: PostRate | None = None,
        event_retry_delays: tuple[float, ...] = EVENT_RETRY_DELAYS,
        seed: int = 0,
    ) -> None:
        self.workspace = workspace or Workspace()
        self.clock = Clock()
        self.post_rate = post_rate
        super().__init__(Store(self.workspace, self.clock))
        self.sockets = SocketMode(self.store, random.Random(seed).randrange)
        self._port = port
        self._faults = Faults()
        self._buckets = Buckets()
        self._triggers, self._urls = Triggers(), ResponseUrls()
        self._chat = Chat(self.store, self._before_post)
        self._files = Files(self.store, self._chat, lambda: self._root, self._faults)
        self._responder = Responder(self.store, self._urls)
        views = Views(self.store, self._triggers)
        directory = Directory(self.store, self._link)
        self.methods = {
            **self._chat.methods(),
            **views.methods(),
            **self._files.methods(),
            **directory.methods(),
            **History(self.store).methods(),
        }
        self._web_api = WebApi(self.store, self._faults, self.methods)
        self._interactions = Interactions(
            Parts(
                self.store,
                self.sockets,
                self._triggers,
                self._urls,
                self._responder,
                views,
                event_retry_delays,
            )
        )
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Start to listen."""
        app = web.Application(client_max_size=_MOST_UPLOADED_BYTES)
        app.router.add_route("*", "/api/{method}", self._web_api.handle)
        app.router.add_route("*", "/by/{by}/api/{method}", self._web_api.handle)
        app.router.add_get("/link/", self.sockets.serve)
        app.router.add_post("/upload/v1/{file_id}", self._files.receive)
        app.router.add_get("/files/{file_id}", self._files.download)
        app.router.add_post("/response/{key}", self._responder.handle)
        self._page = PageApi(self.store, self.person, lambda: bool(self.sockets.connections))
        self._page.add_routes(app)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self._urls.base = f"{self._root}response/"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close every connection and stop to listen."""
        self._page.close()
        await self._interactions.stop()
        await self.sockets.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # -- addresses

    @property
    def _root(self) -> str:
        return f"http://127.0.0.1:{self._port}/"

    @property
    def url(self) -> str:
        """Return the Web API's address, for SLACK_API_URL."""
        return f"{self._root}api/"

    def url_of(self, process: str) -> str:
        """Return the Web API's address for one process, whose calls then carry its name."""
        return f"{self._root}by/{process}/api/"

    @property
    def page_url(self) -> str:
        """Return the address of the page for the browser."""
        return self._root

    @property
    def bot_token(self) -> str:
        """Return the token for SLACK_BOT_TOKEN."""
        return self.workspace.app.bot_token

    @property
    def app_token(self) -> str:
        """Return the token for SLACK_APP_TOKEN."""
        return self.workspace.app.app_token

    def _link(self) -> str:
        app_id = self.workspace.app.app_id
        return f"ws://127.0.0.1:{self._port}/link/?ticket={self.sockets.ticket()}&app_id={app_id}"

    def _before_post(self, channel: str) -> None:
        if self.post_rate is not None:
            self._buckets.spend(channel, rate=self.post_rate, now=self.clock.now())

    # -- people

    def person(self, key: str) -> Person:
        """Return somebody to act as, by id or handle ("owner")."""
        return Person(self.store.user(key), self.store, self._interactions)

    # -- what goes wrong on demand

    def fail_next(self, method: str, *, times: int = 1, **fault: Any) -> None:
        """Let the next call or calls of a method fail; see `Fault` for the keywords.

        `status=429, retry_after=1`; `status=503`; `error="is_archived"`; `is_lost=True` (done, but
        the answer is lost); `body="<html>..."` with a status; `delay=2.0`. The bytes of a file are
        the method "upload".
        """
        self._faults.add(method, Fault(**fault), times=times)

    def deliver_next_twice(self) -> None:
        """Let the next click, command or event reach the app two times."""
        self.sockets.repeat_next(2)

    async def send_event(self, event: Json) -> Delivery | None:
        """Send an event of a subscribed type; send it again while it is not acknowledged.

        Returns the first delivery; None when the type is not subscribed or nobody is connected.
        """
        if event["type"] not in self.workspace.app.events:
            return None
        return await self._interactions.event(event)

    async def uninstall(self) -> None:
        """Remove the app: tokens stop working, and the app is told."""
        self._web_api.revoke()
        await self.send_event(
            {"type": "tokens_revoked", "tokens": {"bot": [self.workspace.app.bot_user]}}
        )
        await self.send_event({"type": "app_uninstalled"})

    def delete_message(self, message: Message) -> None:
        """Delete a message by hand."""
        self.store.remove(message)

    def invite_bot(self, channel: str) -> Channel:
        """Bring the app into a channel."""
        members = self.store.channel(channel).members | {self.workspace.app.bot_user}
        return self.store.change_channel(channel, members=members)

    def kick_bot(self, channel: str) -> Channel:
        """Remove the app from a channel."""
        members = self.store.channel(channel).members - {self.workspace.app.bot_user}
        return self.store.change_channel(channel, members=members)

    def archive(self, channel: str) -> Channel:
        """Archive a channel."""
        return self.store.change_channel(channel, is_archived=True)

    # -- waiting

    async def connected(self, count: int = 1, within: float = 30.0) -> None:
        """Wait until the app has this many Socket Mode connections."""
        await self.until(lambda: len(self.sockets.connections) >= count, within)
