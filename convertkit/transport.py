"""The HTTP client that all accounts share; nothing of an account is in it."""

from collections.abc import Callable
from typing import TypeAlias

import httpx

HttpClient: TypeAlias = httpx.AsyncClient

#: Connections at a time: one account makes few calls, but several accounts work side by side.
CONNECTIONS = 20


def open_http(on_answer: Callable[[int], None] | None = None) -> HttpClient:
    """Open the shared client; use it as an async context manager.

    Args:
        on_answer: Is told the status of every answer, to be counted.
    """

    async def tell(response: httpx.Response) -> None:
        if on_answer is not None:
            on_answer(response.status_code)

    return httpx.AsyncClient(
        limits=httpx.Limits(max_connections=CONNECTIONS), event_hooks={"response": [tell]}
    )
