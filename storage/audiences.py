"""Audiences as JSON, the way that runs and schedules store them."""

from typing import Any

from storage.records import Audience
from storage.states import AudienceKind


def dump(audience: Audience) -> dict[str, Any]:
    """Write an Audience as JSON."""
    return {"kind": audience.kind, "ids": list(audience.ids), "names": list(audience.names)}


def load(data: dict[str, Any]) -> Audience:
    """Read what `dump` wrote."""
    return Audience(AudienceKind(data["kind"]), tuple(data["ids"]), tuple(data["names"]))
