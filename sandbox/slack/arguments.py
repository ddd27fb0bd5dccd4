"""How Slack reads the arguments of a Web API call: query, form and JSON merged into one object."""

import json
from typing import Any

from aiohttp import web

from sandbox.slack.errors import Refusal
from sandbox.slack.records import Json

#: Accepted by every method: the SDKs send it along for installations in an organisation.
_EVERYWHERE = ("team_id",)
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no", ""})


async def read_arguments(request: web.Request) -> Json:
    """Return a request's arguments, whichever way they were sent.

    Raises:
        Refusal: invalid_json, json_not_object, or invalid_form_data.
    """
    arguments: Json = dict(request.query)
    if request.content_type == "application/json":
        body = await request.text()
        if body:
            arguments |= _json_object(body)
    elif request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        form = await request.post()
        arguments |= {name: value for name, value in form.items() if isinstance(value, str)}
    return arguments


def _json_object(body: str) -> Json:
    try:
        decoded = json.loads(body)
    except ValueError as problem:
        raise Refusal("invalid_json") from problem
    if not isinstance(decoded, dict):
        raise Refusal("json_not_object")
    return decoded


def bearer_token(request: web.Request, arguments: Json) -> str | None:
    """Return the token of a call: from the header, or from the query or form.

    A token inside a JSON body does not count, as https://docs.slack.dev/apis/web-api says.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    given = arguments.pop("token", None)
    if scheme.lower() == "bearer" and token:
        return token.strip()
    if request.content_type == "application/json":
        return request.query.get("token")
    return given if isinstance(given, str) and given else None


def check_names(arguments: Json, *, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    """Refuse missing and unknown arguments.

    Raises:
        Refusal: `invalid_arguments`, naming each of them.
    """
    known = {*required, *optional, *_EVERYWHERE}
    problems = [
        f"missing required field: {name}" for name in required if arguments.get(name) in (None, "")
    ]
    problems += [f"invalid additional property: {name}" for name in arguments if name not in known]
    if problems:
        raise Refusal("invalid_arguments", messages=tuple(problems))


def text_argument(arguments: Json, name: str) -> str:
    """Return a string argument, or "" when it was not given.

    Raises:
        Refusal: `invalid_arguments` when it is something else.
    """
    value = arguments.get(name)
    if value is None:
        return ""
    if isinstance(value, bool | dict | list):
        raise Refusal("invalid_arguments", messages=(f"must be a string [json-pointer:/{name}]",))
    return str(value)


def flag_argument(arguments: Json, name: str) -> bool:
    """Return a yes-or-no argument, given as JSON or as a word.

    Raises:
        Refusal: `invalid_arguments` when it is neither.
    """
    value = arguments.get(name)
    if value is None or isinstance(value, bool):
        return bool(value)
    word = str(value).lower()
    if word not in _TRUE | _FALSE:
        raise Refusal("invalid_arguments", messages=(f"must be a boolean [json-pointer:/{name}]",))
    return word in _TRUE


def json_argument(arguments: Json, name: str, *, error: str) -> Any:
    """Return an argument that may be JSON or a string of JSON; None when it was not given.

    Raises:
        Refusal: `error` when the string is not JSON.
    """
    value = arguments.get(name)
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        return json.loads(value)
    except ValueError as problem:
        raise Refusal(error) from problem
