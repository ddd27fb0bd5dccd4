"""The Cleanup dialog: the plan for each Category of a finished Run."""

from collections.abc import Mapping
from dataclasses import dataclass

from commands.views import blocks
from commands.views.blocks import Block, View
from commands.views.ids import Button, Dialog, Field
from commands.views.inputs import checkbox, modal, option, select
from commands.views.metadata import Metadata
from commands.views.text import counted, escape, number, percent
from commands.views.wording import ACTIONS, MEANINGS, audience_of, verified_at
from storage.plans import PLAN_CATEGORIES, Plan
from storage.records import Connection, Run
from verification import Category

BANNER = (
    "*ConvertKit only supports unsubscribe.* People become Cancelled and keep their tags and "
    "history. To remove somebody fully, delete them by hand in ConvertKit's dashboard."
)

_DISPOSABLE_NOTE = "Delete unavailable on ConvertKit"


@dataclass(frozen=True, slots=True)
class CleanupDialog:
    """What the Cleanup dialog is drawn from."""

    run: Run
    counts: Mapping[Category, int]
    plan: Plan
    connection: Connection
    #: Counts the resets: another number makes Slack forget what was chosen before.
    generation: int = 0


def cleanup_dialog(dialog: CleanupDialog) -> View:
    """Build the dialog with the plan as it stands; after each change it is built again."""
    recommended = blocks.button("Use recommended settings", Button.PLAN_RECOMMENDED, dialog.run.id)
    return modal(
        Dialog.CLEANUP,
        "Clean up",
        [
            blocks.section(_title(dialog)),
            blocks.section(BANNER),
            blocks.actions(recommended),
            *(block for c in PLAN_CATEGORIES for block in _row(dialog, c)),
            blocks.divider(),
            blocks.context(_safe(dialog)),
            blocks.section(_effect(dialog)),
        ],
        submit="Ask for approval",
        close="Cancel",
        metadata=Metadata(
            connection_id=dialog.connection.id,
            run_id=dialog.run.id,
            channel_id=dialog.run.channel_id,
            generation=dialog.generation,
        ),
    )


def _title(dialog: CleanupDialog) -> str:
    audience = audience_of(dialog.run.audience, dialog.connection)
    return f"Clean up {audience}\n{verified_at(dialog.run)}".rstrip()


def _row(dialog: CleanupDialog, category: Category) -> tuple[Block, Block]:
    count = number(dialog.counts.get(category, 0))
    note = f"\n_{_DISPOSABLE_NOTE}_" if category is Category.DISPOSABLE else ""
    plan = dialog.plan.rows[category]
    actions = {action: option(words, action.value) for action, words in ACTIONS.items()}
    return (
        blocks.section(f"*{category.label}: {count}*\n{MEANINGS[category].capitalize()}.{note}"),
        blocks.actions(
            checkbox(Field.PLAN_ENABLED, option("Enabled", "enabled"), checked=plan.enabled),
            select(Field.PLAN_ACTION, list(actions.values()), actions[plan.action]),
            block_id=plan_block_id(category, dialog.generation),
        ),
    )


def plan_block_id(category: Category, generation: int) -> str:
    """Name the inputs of one row of the plan."""
    return f"plan:{category.value}:{generation}"


def _safe(dialog: CleanupDialog) -> str:
    safe = counted(dialog.counts.get(Category.SAFE, 0), "subscriber")
    return f"Safe: {safe}, always kept."


def _effect(dialog: CleanupDialog) -> str:
    chosen = sum(dialog.counts.get(category, 0) for category in dialog.plan.unsubscribed)
    if chosen == 0:
        return "*This plan unsubscribes nobody.* Enable a row and choose Unsubscribe."
    share = escape(percent(chosen, sum(dialog.counts.values())))
    return (
        f"*This plan asks to unsubscribe {counted(chosen, 'subscriber')}* ({share} of the list). "
        "Nobody is unsubscribed before the request is approved."
    )
