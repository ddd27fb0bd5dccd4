"""Records what the mail world was asked, so that a test can say what must never happen."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Command:
    """Hold one SMTP command and the code of its reply (None when the connection ended instead)."""

    at: float
    connection: int
    server: str
    verb: str
    argument: str
    code: int | None


@dataclass(frozen=True, slots=True)
class Question:
    """Hold one DNS question. `transport` is "udp" or "tcp"; `outcome` is an rcode or "silence"."""

    at: float
    name: str
    kind: str
    transport: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Alarm:
    """Say what a well-behaved verifier never does, and where it was done."""

    connection: int
    server: str
    what: str


@dataclass(slots=True)
class Journal:
    """Hold everything in the order in which it happened."""

    commands: list[Command] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)
    #: Connections taken so far, and how many were open at once to each server address.
    connections: int = 0
    most_open: dict[str, int] = field(default_factory=dict)
    _moments: dict[str, Callable[[], None]] = field(default_factory=dict)

    def before(self, verb: str, event: Callable[[], None]) -> None:
        """Let something happen just before the next command of a kind is answered, once."""
        self._moments[verb] = event

    def write(self, command: Command) -> None:
        """Write a command down."""
        if event := self._moments.pop(command.verb, None):
            event()
        self.commands.append(command)

    def verbs(self, connection: int | None = None) -> list[str]:
        """Return the verbs seen, of one connection or of all."""
        return [c.verb for c in self.commands if connection in {None, c.connection}]

    def recipients(self) -> list[str]:
        """Return each address that was asked for with RCPT TO, as often as it was."""
        rcpts = (c.argument for c in self.commands if c.verb == "RCPT")
        return [text.partition("<")[2].partition(">")[0] for text in rcpts]
