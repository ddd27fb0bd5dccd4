"""The audit at the end of the story: what the worlds saw, added up against what the bot said."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass

from sandbox.people import State
from sandbox.stage import Stage

#: What the files call the categories that the recommended plan unsubscribes.
UNSUBSCRIBED = {"Invalid", "Disposable"}


@dataclass(frozen=True, slots=True)
class Check:
    """One sum that has to come out."""

    claim: str
    left: int
    right: int

    @property
    def holds(self) -> bool:
        """Tell whether both sides are the same."""
        return self.left == self.right

    def __str__(self) -> str:
        """Write the sum as a line of the transcript."""
        mark = "ok   " if self.holds else "WRONG"
        return f"{mark}  {self.claim}: {self.left:,} = {self.right:,}"


def rows_of(content: bytes) -> list[dict[str, str]]:
    """Read a CSV of the bot's."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def number_in(text: str, pattern: str) -> int:
    """Find a number in a text, such as r"([\\d,]+) credits held"; 0 where it is not there."""
    found = re.search(pattern, text)
    return int(found[1].replace(",", "")) if found else 0


def active_ids(stage: Stage) -> set[int]:
    """Name the subscribers that ConvertKit mails, by id."""
    return {each.id for each in stage.world.account.subscribers if each.facts.state is State.ACTIVE}


def audit(
    stage: Stage,
    *,
    active_before: set[int],
    touched_by_hand: set[int],
    results: list[dict[str, str]],
    summary: str,
    proof: list[dict[str, str]],
) -> list[Check]:
    """Add everything up.

    Args:
        stage: The worlds with their own records of what happened.
        active_before: The active subscribers when the list was read.
        touched_by_hand: Those whom the story itself changed in ConvertKit, not through the bot.
        results: The rows of the CSV of the verification.
        summary: The text of the summary message.
        proof: The rows of the CSV of the cleanup.
    """
    verified = {int(row["subscriber_id"]) for row in results}
    categories = Counter(row["category"] for row in results)
    free = categories["Unknown"]
    approved = {int(r["subscriber_id"]) for r in results if r["category"] in UNSUBSCRIBED}
    listed = {int(row["subscriber_id"]) for row in proof}
    called = {each.subscriber for each in stage.world.kit.unsubscribes}
    changed = active_before - active_ids(stage) - touched_by_hand
    held = number_in(summary, r"([\d,]+) credits held")
    charged = number_in(summary, r"([\d,]+) charged")
    released = number_in(summary, r"([\d,]+) given back")
    return [
        Check("every subscriber counted once", len(results), len(active_before)),
        Check("and nobody else", len(verified & active_before), len(active_before)),
        Check("six categories", len(categories), 6),
        Check("credits held = charged + given back", held, charged + released),
        Check("credits given back = Unknown", released, free),
        Check("the list that was proven = the list that was approved", len(listed), len(approved)),
        Check("and the same people", len(listed & approved), len(approved)),
        Check("unsubscribe calls outside the approved list", len(called - approved), 0),
        Check("people changed in ConvertKit outside the approved list", len(changed - approved), 0),
        Check("unsubscribe calls made twice", len(stage.world.kit.unsubscribes) - len(called), 0),
        Check("messages and dialogs that Slack refused", len(stage.slack.refusals()), 0),
        Check("calls to everybody in the channel", len(stage.slack.broadcasts), 0),
        Check("mail commands that no verifier sends", len(stage.world.mail.journal.alarms), 0),
    ]


def proof_checks(proof: list[dict[str, str]], message: str) -> list[Check]:
    """Compare the confirmation message with its own file."""
    states = Counter(row["state"] for row in proof)
    return [
        Check("confirmed, in the message and in the file", number_in(message, r"([\d,]+) of"), n)
        for n in [sum(count for state, count in states.items() if state.startswith("Confirmed"))]
    ]
