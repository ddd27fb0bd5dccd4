"""The HTTP client that all accounts share; nothing of an account is in it."""

from typing import TypeAlias

import httpx

HttpClient: TypeAlias = httpx.AsyncClient

#: Connections at a time: one account makes few calls, but several accounts work side by side.
CONNECTIONS = 20


def open_http() -> HttpClient:
    """Open the shared client; use it as an async context manager."""
    return httpx.AsyncClient(limits=httpx.Limits(max_connections=CONNECTIONS))
