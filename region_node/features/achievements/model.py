"""Days of a person, and what becomes of them: points, levels, badges, streaks. Pure.

Everything here is a function of the person's workouts and of the formulas, whose version stands in each
result: it can be counted again at any time, and then says the same. A workout that is edited or deleted
takes back what it had brought.
"""

from datetime import date
from enum import StrEnum

import msgspec

from region_node.efforts import Quantity

FORMULAS = "1"
"""Version of the formulas of this package; raise it with any change that alters a result."""


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Thousandths of metres, seconds and workouts."""

    distance: int = 0
    climb: int = 0
    moving_time: int = 0
    workouts: int = 0

    def of(self, quantity: Quantity) -> int:
        return {
            Quantity.DISTANCE: self.distance,
            Quantity.CLIMB: self.climb,
            Quantity.MOVING_TIME: self.moving_time,
            Quantity.WORKOUTS: self.workouts,
        }[quantity]

    def plus(self, other: "Totals") -> "Totals":
        return Totals(
            distance=self.distance + other.distance,
            climb=self.climb + other.climb,
            moving_time=self.moving_time + other.moving_time,
            workouts=self.workouts + other.workouts,
        )

    def or_more(self, other: "Totals") -> "Totals":
        """The greater of each."""
        return Totals(
            distance=max(self.distance, other.distance),
            climb=max(self.climb, other.climb),
            moving_time=max(self.moving_time, other.moving_time),
            workouts=max(self.workouts, other.workouts),
        )


class SportDay(msgspec.Struct, frozen=True, kw_only=True):
    total: Totals
    best: Totals
    """The most of each in a single workout."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """An instant (ms since 1970) and what the clock on the wall was ahead of UTC."""

    at_ms: int
    offset_s: int


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """All workouts that began on one date of the clock where they began.

    `first` and `last` are the starts of the first and the last of them; `active` says whether it counts for
    a streak.
    """

    day: date
    points: int
    active: bool
    sports: dict[str, SportDay]
    first: Moment
    last: Moment


class StreakRule(msgspec.Struct, frozen=True, kw_only=True):
    """What keeps a streak alive; each person chooses, and a change counts for the past as well.

    Either days, with at most `rest_days` missed in a row; or, where `days_a_week` is set, weeks
    (from Monday) with at least so many active days.
    """

    rest_days: int = 0
    days_a_week: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.rest_days <= MOST_REST_DAYS or not 0 <= self.days_a_week <= DAYS_OF_WEEK:
            raise ValueError("0 to 6 rest days, or 1 to 7 days a week")
        if self.rest_days and self.days_a_week:
            raise ValueError("rest days are for streaks of days, not of weeks")


DAYS_OF_WEEK = 7
MOST_REST_DAYS = 6


class BadgeKind(StrEnum):
    """How a badge is earned. Values are stored: add, never rename."""

    TOTAL = "total"
    """By all workouts together."""
    SINGLE = "single"
    """By one workout."""
    POINTS = "points"
    STREAK = "streak"
    """By the longest streak: days or weeks, as the person's rule counts."""
    ACTIVE_DAYS = "active-days"


class Badge(msgspec.Struct, frozen=True, kw_only=True):
    """`tiers` ascend, in the unit of the kind; `sports` empty means all.

    A `hidden` one is not shown before it is earned.
    """

    id: str
    name: str
    kind: BadgeKind
    tiers: tuple[int, ...]
    quantity: Quantity = Quantity.WORKOUTS
    sports: frozenset[str] = frozenset()
    hidden: bool = False


class Award(msgspec.Struct, frozen=True, kw_only=True):
    """`tier` counts from 1; `day` is the date on which it was earned."""

    badge_id: str
    tier: int
    day: date
