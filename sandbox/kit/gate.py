"""Decides who calls and whether they may: V4 asks for the key before the path, V3 after; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from sandbox.kit import v3, v4
from sandbox.kit.call import Answer, Call, Route
from sandbox.kit.limit import Limiter
from sandbox.kit.store import Account


@dataclass(frozen=True, slots=True)
class Caller:
    """Say whose credential came with a call: `refusal` holds the answer when it does not open."""

    account: Account | None
    #: What the rate limit counts by: one V3 pair, or one V4 key.
    key: str | None
    refusal: Answer | None = None


def identify(call: Call, accounts: Mapping[str, Account]) -> Caller:
    """Find the account of a call; `accounts` is keyed by every credential."""
    return _identify_v4(call, accounts) if call.version == "v4" else _identify_v3(call, accounts)


def _identify_v4(call: Call, accounts: Mapping[str, Account]) -> Caller:
    key = call.headers.get("X-Kit-Api-Key")
    if key is None:
        bearer = call.headers.get("Authorization", "").startswith("Bearer ")
        return Caller(None, None, v4.TOKEN_INVALID if bearer else v4.NOT_AUTHENTICATED)
    account = accounts.get(key)
    if account is None or key not in account.keys.v4:
        return Caller(None, None, v4.KEY_INVALID)
    return Caller(account, key)


def _identify_v3(call: Call, accounts: Mapping[str, Account]) -> Caller:
    if call.route is Route.UNKNOWN:
        return Caller(None, None, v3.NOT_FOUND)
    secret = _parameter(call, "api_secret")
    key = _parameter(call, "api_key")
    if secret is None and key is None:
        return Caller(None, None, v3.NO_KEY)
    account = accounts.get(secret if secret is not None else key or "")
    if account is None:
        return Caller(None, None, v3.KEY_INVALID)
    if secret is not None:
        right = secret == account.keys.v3_secret
        return Caller(account, secret) if right else Caller(None, None, v3.KEY_INVALID)
    if key != account.keys.v3_key:
        return Caller(None, None, v3.KEY_INVALID)
    if call.route not in v3.OPEN_TO_KEY:
        return Caller(account, account.keys.v3_secret, v3.NOT_PERMITTED)
    # ConvertKit counts by V3 key; the secret belongs to it.
    return Caller(account, account.keys.v3_secret)


def _parameter(call: Call, name: str) -> str | None:
    value = call.body.get(name, call.query.get(name))
    return value if isinstance(value, str) and value else None


def throttle(caller: Caller, limiter: Limiter, now: float) -> Answer | None:
    """Return 429 when the key has used up its window."""
    if caller.key is None:
        return None
    wait = limiter.wait(caller.key, now)
    if wait <= 0:
        return None
    headers = {"Retry-After": str(ceil(wait))} if limiter.limit.retry_after else {}
    return Answer(429, None, headers)
