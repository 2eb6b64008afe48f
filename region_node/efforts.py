"""A workout as challenges and achievements see it: the facts that scores, points and streaks are made of.
Pure.

What a score is made of is a whole number of thousandths, so that sums are exact in whatever order they
are made, and a figure that was corrected by adding and taking away is the one that counting anew gives.
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import msgspec

MILLI = 1000

NOT_BY_OWN_POWER = frozenset(
    {
        "boating",
        "driving",
        "flying",
        "hang_gliding",
        "jumpmaster",
        "motorcycling",
        "sky_diving",
        "snowmobiling",
        "transition",
    }
)
"""Sports of the FIT profile in which a machine or gravity does the work, and the way between two sports."""
CARRIED_UP = NOT_BY_OWN_POWER | {"alpine_skiing", "snowboarding"}
"""Their climb is a lift's, an engine's or the wind's: it never counts."""

IMPLAUSIBLE = frozenset({"implausible_speed", "implausible_value"})
TIME_IN_DOUBT = frozenset({"clock_not_set", "no_time", "time_in_future", "time_jump"})
"""Warnings of the analysis with which a workout is kept, and counts for nothing."""


class Quantity(StrEnum):
    """What a workout has an amount of. Values are stored: add, never rename."""

    DISTANCE = "distance"
    CLIMB = "climb"
    MOVING_TIME = "moving-time"
    WORKOUTS = "workouts"


class Effort(msgspec.Struct, frozen=True, kw_only=True):
    """One version of a workout.

    Attributes:
        version: Of the workout; a greater one replaces a smaller one, whichever comes first.
        started_at: UTC; None where the device's clock was never set.
        offset_s: What the clock on the wall was ahead of UTC where and when it started: a fact of
            the workout, which no later move and no later edition of the time zones changes.
        moving_s: In motion; the timer where no speed is known.
        recorded: False where a person has typed the figures in.
        longest_gap_s: The longest time without a position while moving; None where nobody looked.
        warnings: Codes of the analysis, such as ``implausible_speed``.
        received_at: When the workout, or its last edit, reached its home region.
    """

    workout_id: str
    version: int
    sport: str
    sub_sport: str = "generic"
    started_at: datetime | None
    offset_s: int = 0
    elapsed_s: float | None = None
    moving_s: float | None = None
    distance_m: float | None = None
    ascent_m: float | None = None
    recorded: bool = True
    longest_gap_s: float | None = None
    warnings: frozenset[str] = frozenset()
    duplicate_of: str = ""
    received_at: datetime

    @property
    def local_day(self) -> date | None:
        """The date on the wall where it started."""
        return None if self.started_at is None else local_day(self.started_at, self.offset_s)

    @property
    def ended_at(self) -> datetime | None:
        """Start and elapsed time; the start where that is not known."""
        return self.started_at and self.started_at + timedelta(seconds=self.elapsed_s or 0.0)

    def amount(self, quantity: Quantity) -> int | None:
        """In thousandths of metres, seconds or workouts; None where the workout does not have it."""
        if quantity is Quantity.WORKOUTS:
            return MILLI
        if quantity is Quantity.CLIMB and self.sport in CARRIED_UP:
            return None
        value = {
            Quantity.DISTANCE: self.distance_m,
            Quantity.CLIMB: self.ascent_m,
            Quantity.MOVING_TIME: self.moving_s,
        }[quantity]
        return None if value is None else round(value * MILLI)


def local_day(instant: datetime, offset_s: int) -> date:
    return (instant.astimezone(UTC) + timedelta(seconds=offset_s)).date()


def instant_ms(instant: datetime) -> int:
    """Whole milliseconds since 1970, rounded down, without going through a float."""
    return (instant - datetime.fromtimestamp(0, UTC)) // timedelta(milliseconds=1)
