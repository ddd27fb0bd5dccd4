"""Where a walk through cursor pages stands, in a form that notices when the walk goes in a circle.

Kit V4's cursors are opaque, so that a page which sends the walk back cannot be told by its cursor
alone, and the walk may go on in another process. The bookmark therefore carries one earlier cursor
along and renews it at each power of two (Brent's cycle detection): however long the circle, the
walk ends soon after having gone round it.
"""

import json
from dataclasses import dataclass
from typing import Self

from convertkit.errors import Rejected, Unavailable


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Hold the cursor to go on from, an earlier one to recognise, and how many there were."""

    cursor: str
    milestone: str
    steps: int

    @classmethod
    def first(cls, cursor: str) -> Self:
        """Return the bookmark behind the first page."""
        return cls(cursor=cursor, milestone=cursor, steps=1)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the bookmark that `str` wrote.

        Raises: Rejected for anything else, such as a place in a list of the other API version.
        """
        try:
            cursor, milestone, steps = json.loads(text)
        except (ValueError, TypeError):
            steps = None
        if not (isinstance(steps, int) and isinstance(cursor, str) and isinstance(milestone, str)):
            raise Rejected(
                "The list cannot be continued where it stopped, because the connection changed "
                "in between. Start again from the beginning."
            )
        return cls(cursor=cursor, milestone=milestone, steps=steps)

    def moved_to(self, cursor: str) -> Self:
        """Return the bookmark behind the next page.

        Raises: Unavailable when the walk has been at this cursor before.
        """
        if cursor in (self.cursor, self.milestone):
            raise Unavailable(
                "ConvertKit's list repeats itself instead of going on. "
                "It was not read to its end; try again in a few minutes."
            )
        steps = self.steps + 1
        is_power_of_two = steps & (steps - 1) == 0
        milestone = cursor if is_power_of_two else self.milestone
        return type(self)(cursor=cursor, milestone=milestone, steps=steps)

    def __str__(self) -> str:
        return json.dumps([self.cursor, self.milestone, self.steps])
