"""Sums of workouts, and when two recordings are of the same effort. Pure."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from region_node.features.workouts.model import Heading, ListedWorkout
from region_node.features.workouts.sports import known_sport

SAME_START = timedelta(seconds=120)
SAME_SHARE = 0.05
"""How far start, length in time and length in metres of two recordings of one effort may differ: a second
device or service starts late, rounds, and measures distance by other means."""


class Period(StrEnum):
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """Sums over workouts, duplicates left out; what a workout does not have counts 0."""

    workouts: int = 0
    distance_m: float = 0.0
    elapsed_s: float = 0.0
    moving_s: float = 0.0
    ascent_m: float = 0.0

    def plus(self, other: "Figures") -> "Figures":
        return Figures(
            workouts=self.workouts + other.workouts,
            distance_m=self.distance_m + other.distance_m,
            elapsed_s=self.elapsed_s + other.elapsed_s,
            moving_s=self.moving_s + other.moving_s,
            ascent_m=self.ascent_m + other.ascent_m,
        )

    def rounded(self) -> "Figures":
        """To what the sums of days are rounded to, so that the way of adding up does not show."""
        return Figures(
            workouts=self.workouts,
            distance_m=round(self.distance_m, 2),
            elapsed_s=round(self.elapsed_s, 3),
            moving_s=round(self.moving_s, 3),
            ascent_m=round(self.ascent_m, 2),
        )


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a workout counts: the day on its owner's calendar, and the sport."""

    day: date
    sport: str


def place_of(heading: Heading, listed_at: datetime, zone: ZoneInfo) -> Place:
    return Place(listed_at.astimezone(zone).date(), known_sport(heading.details.sport))


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """First instant of a day, and one after its last, in UTC; days of 23 and 25 hours included.

    Where clocks went back over midnight a day is not in one piece: instants between the bounds may belong
    to a neighbour, so ask `place_of` for each.
    """
    begin = datetime(day.year, day.month, day.day, tzinfo=zone)
    following = day + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=zone, fold=1)
    utc = ZoneInfo("UTC")
    return begin.astimezone(utc), end.astimezone(utc)


def sum_of(headings: Iterable[Heading]) -> Figures:
    """In a fixed order of summation, so that counting again gives the same bits."""
    counted = [heading for heading in headings if not heading.duplicate_of]
    return Figures(
        workouts=len(counted),
        distance_m=round(sum(h.distance_m or 0.0 for h in counted), 2),
        elapsed_s=round(sum(h.elapsed_s or 0.0 for h in counted), 3),
        moving_s=round(sum(h.moving_s or 0.0 for h in counted), 3),
        ascent_m=round(sum(h.ascent_m or 0.0 for h in counted), 2),
    )


def same_effort(one: Heading, other: Heading) -> bool:
    """Whether two recordings in different formats are of one effort, by sport, start and shape."""
    if one.format == other.format or one.started_at is None or other.started_at is None:
        return False
    if not _same_sport(one, other) or abs(one.started_at - other.started_at) > SAME_START:
        return False
    return _close(one.elapsed_s, other.elapsed_s) and _close(one.distance_m, other.distance_m)


def repetitions(workouts: Iterable[ListedWorkout]) -> dict[str, str]:
    """Which of these are second recordings of which: from the id of each to that of its first.

    The one with the greater id repeats the other, so the order of arrival does not matter. What was marked
    once stays so, whatever its owner edits, while its first stands and repeats nothing itself.
    """
    firsts: dict[str, Heading] = {}
    marks: dict[str, str] = {}
    for workout in sorted(workouts, key=lambda w: w.workout_id):
        heading = workout.heading
        first_id = heading.duplicate_of if heading.duplicate_of in firsts else ""
        first_id = first_id or next((i for i, first in firsts.items() if same_effort(first, heading)), "")
        if first_id:
            marks[workout.workout_id] = first_id
        else:
            firsts[workout.workout_id] = heading
    return marks


def _same_sport(one: Heading, other: Heading) -> bool:
    """A format that names no sport contradicts none."""
    sports = {one.details.sport, other.details.sport}
    return len(sports) == 1 or "generic" in sports


def _close(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one == other
    return abs(one - other) <= max(SAME_SHARE * max(one, other), 30.0)


def period_start(day: date, period: Period) -> date:
    """Weeks begin on Monday (ISO 8601)."""
    if period is Period.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period is Period.MONTH else day.replace(month=1, day=1)


def last_of_month(day: date) -> date:
    """The last day of the month of *day*."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def total_of(sums: Iterable[tuple[Place, Figures]], period: Period) -> dict[Place, Figures]:
    """Sums of days or months added up by period; a place's day is the first of its period."""
    totals: dict[Place, Figures] = {}
    for place, figures in sums:
        of_period = Place(period_start(place.day, period), place.sport)
        totals[of_period] = totals.get(of_period, Figures()).plus(figures)
    return {place: figures.rounded() for place, figures in totals.items()}
