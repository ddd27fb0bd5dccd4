"""The Web API's front door: who calls, may they, is the call well formed, and what is answered."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from sandbox.slack.arguments import bearer_token, check_names, read_arguments
from sandbox.slack.errors import Refusal
from sandbox.slack.faults import Fault, Faults
from sandbox.slack.records import Call, Json
from sandbox.slack.store import Store


@dataclass(frozen=True, slots=True)
class Method:
    """Describe one Web API method: its arguments, its scope (any one of them) and what it does."""

    act: Callable[[Json], Json]
    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    needs_app_token: bool = False


class WebApi:
    """Answer `POST /api/<method>` as Slack does, and keep a journal of every call."""

    def __init__(self, store: Store, faults: Faults, methods: Mapping[str, Method]) -> None:
        self._store = store
        self._faults = faults
        self._methods = methods
        self._is_revoked = False

    def revoke(self) -> None:
        """Stop accepting the bot's token, as after an uninstall."""
        self._is_revoked = True

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call."""
        name = request.match_info["method"]
        fault = self._faults.take(name)
        arguments: Json = {}
        try:
            arguments = await read_arguments(request)
            token = bearer_token(request, arguments)
            if fault is not None:
                await asyncio.sleep(fault.delay)
                _fail(fault)
            answer, status, retry_after = self._run(name, token, arguments), 200, None
        except Refusal as refusal:
            answer, status, retry_after = refusal.body(), refusal.status, refusal.retry_after
        now, by = self._store.clock.now(), request.match_info.get("by", "")
        self._store.calls.append(Call(now, name, arguments, status, answer, by))
        self._store.bell.ring()
        if fault is not None and fault.is_lost and request.transport is not None:
            request.transport.abort()
        return self._response(answer, status, retry_after, fault)

    def _run(self, name: str, token: str | None, arguments: Json) -> Json:
        method = self._methods.get(name)
        if method is None:
            raise Refusal("unknown_method", extra={"req_method": name})
        self._authorize(method, token)
        check_names(arguments, required=method.required, optional=method.optional)
        return {"ok": True, **method.act(arguments)}

    def _authorize(self, method: Method, token: str | None) -> None:
        app = self._store.app
        if not token:
            raise Refusal("not_authed")
        if token not in (app.bot_token, app.app_token):
            raise Refusal("invalid_auth")
        if (token == app.app_token) != method.needs_app_token:
            raise Refusal("not_allowed_token_type")
        if self._is_revoked:
            raise Refusal("account_inactive")
        if method.scopes and not app.scopes.intersection(method.scopes):
            raise missing_scope(method.scopes, app.scopes)

    def _response(
        self, answer: Json, status: int, retry_after: int | None, fault: Fault | None
    ) -> web.Response:
        headers = {"X-OAuth-Scopes": ",".join(sorted(self._store.app.scopes))}
        if retry_after is not None:
            headers["Retry-After"] = str(retry_after)
        if fault is not None and fault.body is not None:
            return web.Response(
                status=status, text=fault.body, content_type="text/html", headers=headers
            )
        return web.json_response(answer, status=status, headers=headers)


def missing_scope(needed: tuple[str, ...], provided: frozenset[str]) -> Refusal:
    """Return the refusal that names the scopes needed and provided."""
    scopes = {"needed": ",".join(needed), "provided": ",".join(sorted(provided))}
    return Refusal("missing_scope", extra=scopes)


def _fail(fault: Fault) -> None:
    if fault.status == 429:
        raise Refusal("ratelimited", status=429, retry_after=fault.retry_after)
    if fault.status >= 500:
        raise Refusal(
            fault.error or "internal_error", status=fault.status, retry_after=fault.retry_after
        )
    if fault.error is not None:
        raise Refusal(fault.error, status=fault.status)
