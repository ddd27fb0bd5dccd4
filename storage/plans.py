"""Plans: what is done with each Category, and the recommended one."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from storage.states import Action
from verification import Category

#: Categories that have a row in the Cleanup dialog, in its order. Safe is always kept.
PLAN_CATEGORIES = (
    Category.INVALID,
    Category.DISPOSABLE,
    Category.CATCH_ALL,
    Category.UNKNOWN,
    Category.RISKY,
)


@dataclass(frozen=True, slots=True)
class PlanRow:
    """What a Plan does with one Category: nothing unless it is enabled."""

    enabled: bool
    action: Action

    @property
    def unsubscribes(self) -> bool:
        """Tell whether this row unsubscribes its Category."""
        return self.enabled and self.action is Action.UNSUBSCRIBE


@dataclass(frozen=True, slots=True)
class Plan:
    """One row for each of PLAN_CATEGORIES."""

    rows: Mapping[Category, PlanRow]

    @property
    def unsubscribed(self) -> tuple[Category, ...]:
        """Name the Categories that this Plan unsubscribes, in dialog order."""
        return tuple(c for c in PLAN_CATEGORIES if self.rows[c].unsubscribes)


#: The defaults that the Cleanup dialog opens with.
RECOMMENDED_PLAN = Plan(
    MappingProxyType(
        {
            Category.INVALID: PlanRow(enabled=True, action=Action.UNSUBSCRIBE),
            Category.DISPOSABLE: PlanRow(enabled=True, action=Action.UNSUBSCRIBE),
            Category.CATCH_ALL: PlanRow(enabled=False, action=Action.KEEP),
            Category.UNKNOWN: PlanRow(enabled=False, action=Action.KEEP),
            Category.RISKY: PlanRow(enabled=False, action=Action.KEEP),
        }
    )
)


def dump_plan(plan: Plan) -> dict[str, Any]:
    """Write a Plan as JSON."""
    return {
        category.value: {"enabled": row.enabled, "action": row.action.value}
        for category, row in plan.rows.items()
    }


def load_plan(data: dict[str, Any]) -> Plan:
    """Read what `dump_plan` wrote."""
    return Plan(
        MappingProxyType(
            {
                category: PlanRow(
                    enabled=data[category]["enabled"], action=Action(data[category]["action"])
                )
                for category in PLAN_CATEGORIES
            }
        )
    )
