"""Socket Mode: the connections of the app, the envelopes sent down them and the acks coming back.

https://docs.slack.dev/apis/events-api/using-socket-mode
"""

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

from aiohttp import WSMessage, WSMsgType, web

from sandbox.slack.records import Delivery, Json
from sandbox.slack.store import Store

#: Slack waits this long (seconds) for an acknowledgement.
ACK_WITHIN = 3.0
#: An app may hold ten connections; each payload goes to any one of them.
MOST_CONNECTIONS = 10
#: A connection that answers no ping for one and a half of this (seconds) is dropped.
HEARTBEAT = 10.0


@dataclass(slots=True)
class Connection:
    """Hold one WebSocket of the app."""

    number: int
    socket: web.WebSocketResponse
    request: web.Request
    is_draining: bool = False
    is_deaf: bool = False


@dataclass(slots=True)
class _Waiting:
    delivery: Delivery
    started: float
    answered: asyncio.Event = field(default_factory=asyncio.Event)


class SocketMode:
    """Accept connections, deliver envelopes to any one of them and record the acks."""

    def __init__(self, store: Store, choose: Callable[[int], int]) -> None:
        self.ack_within = ACK_WITHIN
        self.heartbeat = HEARTBEAT
        self._store = store
        self._choose = choose
        self._tickets: set[str] = set()
        self._connections: list[Connection] = []
        self._waiting: dict[str, _Waiting] = {}
        self._numbers = count(1)
        self._copies = 1

    @property
    def connections(self) -> tuple[Connection, ...]:
        """Return the connections that payloads may go to now."""
        return tuple(c for c in self._connections if not c.is_draining)

    def ticket(self) -> str:
        """Return a ticket for one connection (apps.connections.open)."""
        ticket = secrets.token_urlsafe(12)
        self._tickets.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Talk to one connection until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403, text="invalid ticket")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False, heartbeat=self.heartbeat)
        await socket.prepare(request)
        if len(self.connections) >= MOST_CONNECTIONS:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        connection = Connection(next(self._numbers), socket, request)
        self._connections.append(connection)
        try:
            await socket.send_json(self._hello())
            self._store.bell.ring()
            async for message in socket:
                await self._hear(connection, message)
        finally:
            self._connections.remove(connection)
            self._store.bell.ring()
        return socket

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "debug_info": {
                "host": "sandbox",
                "build_number": 1,
                "approximate_connection_time": 18060,
            },
            "connection_info": {"app_id": self._store.app.app_id},
        }

    async def _hear(self, connection: Connection, message: WSMessage) -> None:
        if connection.is_deaf:
            return
        if message.type is WSMsgType.PING:
            await connection.socket.pong(message.data)
        elif message.type is WSMsgType.TEXT:
            self._acknowledge(json.loads(message.data))

    def _acknowledge(self, envelope: Any) -> None:
        waiting = self._waiting.get(str(envelope.get("envelope_id")))
        if waiting is None or waiting.answered.is_set():
            return
        delivery = waiting.delivery
        delivery.latency = asyncio.get_running_loop().time() - waiting.started
        delivery.is_late = delivery.latency > self.ack_within
        delivery.answer = envelope.get("payload") or {}
        waiting.answered.set()
        self._store.bell.ring()

    def repeat_next(self, copies: int = 2) -> None:
        """Deliver the next payload this many times, each in an envelope of its own."""
        self._copies = copies

    async def deliver(self, kind: str, payload: Json, *, attempt: int = 0) -> Delivery | None:
        """Send a payload and wait for its ack, at most `ack_within` seconds.

        Returns None when no connection is there to send it to. When the payload is repeated on
        demand, the first copy's delivery is returned after all copies were answered or given up.
        """
        copies, self._copies = self._copies, 1
        sent = [self._send(kind, payload, attempt) for _ in range(copies)]
        deliveries = await asyncio.gather(*sent)
        return deliveries[0]

    async def _send(self, kind: str, payload: Json, attempt: int) -> Delivery | None:
        connections = self.connections
        if not connections:
            return None
        connection = connections[self._choose(len(connections))]
        envelope = self._envelope(kind, payload, attempt)
        delivery = Delivery(
            envelope["envelope_id"],
            kind,
            payload,
            self._store.clock.now(),
            connection.number,
            attempt,
        )
        waiting = _Waiting(delivery, asyncio.get_running_loop().time())
        self._waiting[delivery.envelope_id] = waiting
        self._store.deliveries.append(delivery)
        try:
            await connection.socket.send_json(envelope)
            await asyncio.wait_for(waiting.answered.wait(), self.ack_within)
        except (TimeoutError, ConnectionError):
            self._store.bell.ring()
        return delivery

    @staticmethod
    def _envelope(kind: str, payload: Json, attempt: int) -> Json:
        envelope: Json = {
            "envelope_id": str(uuid4()),
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        return envelope

    async def refresh(self, *, close_after: float = 10.0) -> None:
        """Ask every connection to be replaced, wait for the new ones, then close the old ones."""
        old = self.connections
        for connection in old:
            connection.is_draining = True
            await connection.socket.send_json(
                {
                    "type": "disconnect",
                    "reason": "refresh_requested",
                    "debug_info": {"host": "sandbox"},
                }
            )
        deadline = asyncio.get_running_loop().time() + close_after
        while len(self.connections) < len(old):
            if asyncio.get_running_loop().time() > deadline:
                break
            await self._store.bell.wait(0.05)
        for connection in old:
            await connection.socket.close()

    def abort(self) -> None:
        """Drop every connection without a word, as a broken network does."""
        for connection in self._connections:
            connection.is_draining = True
            if connection.request.transport is not None:
                connection.request.transport.abort()

    def deafen(self) -> None:
        """Keep the connections open but neither hear nor answer them, pings included."""
        for connection in self._connections:
            connection.is_deaf = True

    async def close(self) -> None:
        """Close every connection politely."""
        for connection in list(self._connections):
            await connection.socket.close()
