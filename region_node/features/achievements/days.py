"""From workouts to days. Pure: a day is a function of the set of its workouts."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from region_node.efforts import MILLI, Effort, Quantity, instant_ms
from region_node.features.achievements.model import Day, Moment, SportDay, Totals
from region_node.features.achievements.points import MOST_A_DAY, earns, points_of

ACTIVE_MS = 10 * 60 * MILLI
"""A day counts for a streak from ten minutes in motion on, in one workout or several."""


def days_of(efforts: Iterable[Effort]) -> dict[date, Day]:
    """By the date on the clock where each workout began; each `workout_id` once."""
    by_day: dict[date, list[Effort]] = defaultdict(list)
    for effort in efforts:
        if effort.local_day is not None and earns(effort):
            by_day[effort.local_day].append(effort)
    return {day: _day(day, of_day) for day, of_day in by_day.items()}


def day_of(day: date, efforts: Iterable[Effort]) -> Day | None:
    """One day of `days_of`; *efforts* may hold others' as well. None where nothing counts."""
    return days_of(effort for effort in efforts if effort.local_day == day).get(day)


def _day(day: date, efforts: list[Effort]) -> Day:
    starts = [
        (instant_ms(effort.started_at), effort.offset_s)
        for effort in efforts
        if effort.started_at is not None
    ]
    first, last = min(starts), max(starts)
    sports: dict[str, SportDay] = {}
    for effort in sorted(efforts, key=lambda effort: effort.sport):
        single = _totals(effort)
        known = sports.get(effort.sport, SportDay(total=Totals(), best=Totals()))
        sports[effort.sport] = SportDay(total=known.total.plus(single), best=known.best.or_more(single))
    return Day(
        day=day,
        points=min(MOST_A_DAY, sum(points_of(effort) for effort in efforts)),
        active=sum(one.total.moving_time for one in sports.values()) >= ACTIVE_MS,
        sports=sports,
        first=Moment(at_ms=first[0], offset_s=first[1]),
        last=Moment(at_ms=last[0], offset_s=last[1]),
    )


def _totals(effort: Effort) -> Totals:
    return Totals(
        distance=effort.amount(Quantity.DISTANCE) or 0,
        climb=effort.amount(Quantity.CLIMB) or 0,
        moving_time=effort.amount(Quantity.MOVING_TIME) or 0,
        workouts=MILLI,
    )
