"""Careful: calls to Slack that everybody sees, and that no client may repeat by itself."""

import asyncio

from aiohttp import ClientError
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

#: What a call to Slack may end with.
FAULTS = (SlackClientError, ClientError, asyncio.TimeoutError)
#: What asks for a repetition although Slack may have done what it was asked for.
_CARELESS = (AsyncConnectionErrorRetryHandler, AsyncServerErrorRetryHandler)


def careful(client: AsyncWebClient) -> AsyncWebClient:
    """Make a client like another one that repeats only what Slack has surely not done (429)."""
    kept = [each for each in client.retry_handlers if not isinstance(each, _CARELESS)]
    if not any(isinstance(each, AsyncRateLimitErrorRetryHandler) for each in kept):
        kept.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
    return AsyncWebClient(
        token=client.token,
        base_url=client.base_url,
        timeout=client.timeout,
        ssl=client.ssl,
        proxy=client.proxy,
        trust_env_in_session=client.trust_env_in_session,
        retry_handlers=kept,
    )


def is_unsure(error: Exception) -> bool:
    """Tell whether Slack may have done what it did not confirm."""
    if not isinstance(error, SlackApiError):
        return isinstance(error, ClientError | TimeoutError)
    return int(getattr(error.response, "status_code", 200)) >= 500
