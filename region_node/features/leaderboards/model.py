"""Entries of a board and the places that they come to. Pure.

A higher score is the better one. **Ties:** equal scores share the rank, and the next rank after them is as
much higher as there are of them (1, 2, 2, 4). Among equals who reached the score first stands first; where
that is equal too, by `ref`. So the order is total and the same everywhere, whatever arrived first.
"""

from dataclasses import dataclass

MAX_REF_BYTES = 40
MAX_SCORE = 2**62
MAX_REACHED_MS = 2**62


@dataclass(frozen=True, slots=True, order=False)
class Entry:
    """What a board knows of one person or team.

    Attributes:
        ref: Who, as the board names them: a pseudonym, ASCII, at most `MAX_REF_BYTES`.
        score: Whole thousandths of the board's unit, so that sums are exact in any order.
        reached_ms: When the score was reached, in ms since 1970: a fact of the workouts that made it, never
            of the time of arrival.
    """

    ref: str
    score: int
    reached_ms: int

    def __post_init__(self) -> None:
        if not self.ref or not self.ref.isascii() or len(self.ref) > MAX_REF_BYTES or "\0" in self.ref:
            raise ValueError("a ref is 1 to 40 characters of ASCII")
        if not 0 <= self.score <= MAX_SCORE or not 0 <= self.reached_ms <= MAX_REACHED_MS:
            raise ValueError("scores and instants are whole numbers from 0")

    @property
    def order(self) -> tuple[int, int, str]:
        """Sorts entries from first to last."""
        return (-self.score, self.reached_ms, self.ref)


@dataclass(frozen=True, slots=True)
class Place:
    """`rank` is shared by equals, `position` (from 0) is not: it is where the entry stands in the list."""

    rank: int
    position: int
    entry: Entry
