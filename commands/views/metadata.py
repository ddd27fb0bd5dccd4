"""What a dialog remembers between its clicks: ids only, as the JSON of private_metadata."""

import json
from dataclasses import dataclass

from storage.states import AudienceKind


@dataclass(frozen=True, slots=True)
class Metadata:
    """The ids that a dialog was drawn for; never a secret, an address or a name."""

    connection_id: int | None = None
    run_id: int | None = None
    #: Where the conversation began.
    channel_id: str | None = None
    #: The audience whose tags or forms the dialog shows.
    kind: AudienceKind | None = None
    #: How often the inputs were reset; part of their block ids.
    generation: int = 0


def pack(metadata: Metadata) -> str:
    """Write what a dialog remembers, far below Slack's 3,000 characters."""
    facts = {
        "connection": metadata.connection_id,
        "run": metadata.run_id,
        "channel": metadata.channel_id,
        "kind": metadata.kind.value if metadata.kind else None,
        "generation": metadata.generation or None,
    }
    return json.dumps({key: fact for key, fact in facts.items() if fact is not None})


def unpack(private_metadata: str) -> Metadata:
    """Read what `pack` wrote; a dialog without it remembers nothing."""
    facts = json.loads(private_metadata or "{}")
    kind = facts.get("kind")
    return Metadata(
        connection_id=facts.get("connection"),
        run_id=facts.get("run"),
        channel_id=facts.get("channel"),
        kind=AudienceKind(kind) if kind else None,
        generation=facts.get("generation", 0),
    )
