"""The ports: what jobs need from outside, as the protocols that `bot` fulfils."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

#: Tells the time, UTC-aware.
Clock = Callable[[], datetime]


class Notifier(Protocol):
    """Says in Slack what there is to say.

    A Run and a Cleanup have one message each, which always shows how they stand now: the
    implementation reads that itself, so that an old state never overwrites a newer one.
    """

    async def open_run(self, run_id: int) -> None:
        """Post a new Run's message.

        Raises:
            CannotPost: The channel does not take it; the sentence says what to do.
        """

    async def open_cleanup(self, cleanup_id: int) -> None:
        """Post a new Cleanup's message.

        Raises:
            CannotPost: The channel does not take it; the sentence says what to do.
        """

    async def show_run(self, run_id: int, *, now: bool) -> None:
        """Update the Run's message; without `now` it may skip an update, to stay slow.

        It never raises: what cannot be shown is logged, and shown by the next call.
        """

    async def show_cleanup(self, cleanup_id: int, *, now: bool) -> None:
        """Update the Cleanup's message, as `show_run` does."""

    async def tell_run(self, run_id: int, sentence: str) -> None:
        """Tell who asked for a Run what its message cannot show; it never raises."""

    async def tell_cleanup(self, cleanup_id: int, sentence: str) -> None:
        """Tell who asked for a Cleanup, as `tell_run` does."""

    async def deliver_results(self, run_id: int) -> None:
        """Put a finished Run's results, with masked addresses, into its thread; tell the asker.

        Raises:
            SlackUnavailable: Slack does not answer just now.
        """

    async def deliver_proof(self, cleanup_id: int) -> None:
        """Put a finished Cleanup's proof into its thread, as `deliver_results` does.

        Raises:
            SlackUnavailable: Slack does not answer just now.
        """

    async def tell_stuck_run(self, run_id: int) -> bool:
        """Tell who asked for a Run, in private, that it does not move, and what they can do.

        What cannot be told is logged.

        Returns:
            False where it is worth to try again later.

        Raises:
            DatabaseFault: There is no telling just now how the Run stands.
        """

    async def tell_stuck_cleanup(self, cleanup_id: int) -> bool:
        """Tell who asked for a Cleanup that it does not move, as `tell_stuck_run` does."""

    async def send_results(self, user_id: str, run_id: int) -> None:
        """Send a Run's results with full addresses to one person, in private."""

    async def send_proof(self, user_id: str, cleanup_id: int) -> None:
        """Send a Cleanup's proof with full addresses to one person, in private."""
