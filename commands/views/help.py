"""The help: what there is, what each Category means, the plan, and the two commonest troubles."""

from commands.views import blocks
from commands.views.blocks import Block, Message
from commands.views.connect_dialog import WHERE_THE_SECRET_IS
from commands.views.wording import ACTIONS, CATEGORIES, MEANINGS
from storage.plans import PLAN_CATEGORIES, RECOMMENDED_PLAN

#: What a person can type, with what it does.
_COMMANDS = (
    ("/verify", "choose a list and get a quote; nothing is charged before Start"),
    ("/verify schedule", "verify a list every week or month, with a digest in a channel"),
    ("/verify status", "what is running, and what waits for somebody"),
    ("/verify why ADDRESS", "what the newest verdict on an address rests on; only you see it"),
    ("/verify credits", "the balance and its last changes"),
    ("/verify connect", "save the secret of a ConvertKit account"),
    ("/verify help", "this page"),
    ("/cleanup", "unsubscribe what a finished run found, once somebody approves"),
    ("/cleanup help", "this page"),
)

_NOT_SHOWN = (
    "ConvertKit can take 5 to 10 minutes to show somebody as Cancelled, so each one is read back "
    "at once, after 10 minutes and after an hour. Look under *Cancelled* in ConvertKit: the people "
    "are not deleted. Whoever is still subscribed after an hour is counted in the confirmation: "
    "contact ConvertKit support about them; the CSV has a link to each one."
)


def help_message(command: str) -> Message:
    """Draw the help of `/verify` or `/cleanup`: the same page, its own commands first."""
    ordered = sorted(_COMMANDS, key=lambda entry: entry[0].split()[0] != command)
    lines = "\n".join(f"`{typed}`  {does}" for typed, does in ordered)
    return Message(
        "Use /verify to check a ConvertKit list, and /cleanup to unsubscribe what it found.",
        (
            blocks.header("Keep a ConvertKit list clean"),
            blocks.section(lines),
            blocks.section("*What each category means*\n" + _categories()),
            blocks.section("*The recommended plan of a cleanup*\n" + _plan()),
            *_troubles(),
        ),
    )


def _categories() -> str:
    return "\n".join(f"• *{category.label}*: {MEANINGS[category]}" for category in CATEGORIES)


def _plan() -> str:
    rows = [
        f"• {category.label}: {ACTIONS[row.action]}, {'enabled' if row.enabled else 'not enabled'}"
        for category in PLAN_CATEGORIES
        for row in [RECOMMENDED_PLAN.rows[category]]
    ]
    return "\n".join([*rows, "Safe is always kept. Delete is unavailable on ConvertKit."])


def _troubles() -> tuple[Block, Block]:
    return (
        blocks.section(f'*"I cannot find the API Secret"*\n{WHERE_THE_SECRET_IS}'),
        blocks.section(f'*"Subscribers do not show up as unsubscribed"*\n{_NOT_SHOWN}'),
    )
