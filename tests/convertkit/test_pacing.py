"""Waits grow, are jittered by half, honour Retry-After up to a cap, and come to an end."""

from datetime import timedelta

import pytest

from convertkit import FOR_DIALOG, FOR_JOB, RetryPolicy

POLICY = RetryPolicy(
    attempts=8,
    waits=timedelta(minutes=3),
    timeout=timedelta(seconds=10),
    first_wait=timedelta(seconds=2),
    longest_wait=timedelta(seconds=60),
)


def _wait(
    failed: int, *, waited: float = 0, asked: float | None = None, draw: float = 1.0
) -> float | None:
    wait = POLICY.wait(
        failed=failed,
        waited=timedelta(seconds=waited),
        asked=None if asked is None else timedelta(seconds=asked),
        draw=draw,
    )
    return None if wait is None else wait.total_seconds()


def test_waits_double_up_to_the_longest() -> None:
    assert [_wait(failed) for failed in range(1, 8)] == [2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize(
    ("draw", "seconds"), [pytest.param(0.0, 4, id="least"), pytest.param(0.5, 6, id="middle")]
)
def test_half_of_a_wait_is_jitter(draw: float, seconds: float) -> None:
    assert _wait(3, draw=draw) == seconds


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        pytest.param(30, 30, id="longer-than-backoff"),
        pytest.param(1, 2, id="shorter-than-backoff"),
        pytest.param(86_400, 60, id="capped"),
    ],
)
def test_retry_after_is_honoured_up_to_the_longest_wait(asked: float, seconds: float) -> None:
    assert _wait(1, asked=asked) == seconds


def test_it_gives_up_after_the_last_attempt() -> None:
    assert _wait(8) is None


def test_it_gives_up_when_the_waits_would_get_too_long() -> None:
    assert _wait(4, waited=164) == 16
    assert _wait(4, waited=165) is None


def test_a_policy_with_very_many_attempts_does_not_overflow() -> None:
    endless = RetryPolicy(10**9, waits=timedelta(days=999), timeout=timedelta(seconds=1))
    wait = endless.wait(failed=10**8, waited=timedelta(), asked=None, draw=1.0)
    assert wait == timedelta(seconds=60)


def test_a_dialog_knows_within_half_a_minute() -> None:
    assert FOR_DIALOG.attempts * FOR_DIALOG.timeout + FOR_DIALOG.waits <= timedelta(seconds=30)


def test_a_job_sits_out_five_minutes() -> None:
    waited, failed = timedelta(), 1
    while wait := FOR_JOB.wait(failed=failed, waited=waited, asked=None, draw=1.0):
        waited, failed = waited + wait, failed + 1
    assert waited >= timedelta(minutes=5)
