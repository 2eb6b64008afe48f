"""Streaks by the dates that people lived (formula version 1).

A workout belongs to the date on the clock where it began, and stays there wherever its owner goes later. A
streak of days counts *dates*, each once:

- **Nothing counts double.** Who flies east over the date line has one date twice; both workouts are of one
  day.
- **Nobody loses a day that never was.** Who flies west over the line has one date less. So the time
  between two active days is judged by the kindest of three clocks: the dates as they were, the clock of the
  first day kept on, the clock of the second day all along. By at least one of them a day must have been
  missed for the streak to end; that needs a day between them that was really lived and not used.
- Clocks that change by an hour change nothing, as dates are compared and never hours.

Rest days: up to so many dates in a row may be missed; they bridge a streak but do not make it longer.
Streaks of weeks go by the Monday of each date (ISO 8601); there a lost date is no more than one chance less.
"""

from datetime import UTC, date, datetime, timedelta

import msgspec

from region_node.efforts import local_day
from region_node.features.achievements.model import DAYS_OF_WEEK, Day, Moment, StreakRule


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A streak up to its last active day; `length` in days or weeks, as the rule counts.

    `weeks` and `days_in_week` are for streaks of weeks: full ones before that of `day`, and active days in
    it.
    """

    length: int = 0
    day: date | None = None
    last: Moment | None = None
    weeks: int = 0
    days_in_week: int = 0


def after(run: Run, day: Day, rule: StreakRule) -> Run:
    """The streak with one more day, later than all before. One that is not active changes nothing."""
    if not day.active:
        return run
    return _after_by_week(run, day, rule) if rule.days_a_week else _after_by_day(run, day, rule)


def alive(run: Run, now: Moment, rule: StreakRule) -> int:
    """The length that a streak has at this moment: 0 when it can no longer be gone on with today."""
    if run.day is None or run.last is None:
        return 0
    today = local_day(_instant(now), now.offset_s)
    if rule.days_a_week:
        weeks_since = (_monday(today) - _monday(run.day)).days // DAYS_OF_WEEK
        if weeks_since <= 0:
            return run.length
        return run.length if weeks_since == 1 and run.days_in_week >= rule.days_a_week else 0
    return run.length if missed(run.day, run.last, today, now) <= rule.rest_days else 0


def missed(day: date, last: Moment, later_day: date, first: Moment) -> int:
    """Days between two active ones that were lived and not used.

    *last* is the start of the last workout of the earlier day, *first* that of the first of the later.
    """
    by_date = later_day - day
    by_earlier_clock = local_day(_instant(first), last.offset_s) - day
    by_later_clock = later_day - local_day(_instant(last), first.offset_s)
    return max(0, min(by_date, by_earlier_clock, by_later_clock).days - 1)


def _after_by_day(run: Run, day: Day, rule: StreakRule) -> Run:
    goes_on = (
        run.day is not None
        and run.last is not None
        and missed(run.day, run.last, day.day, day.first) <= rule.rest_days
    )
    return Run(length=run.length + 1 if goes_on else 1, day=day.day, last=day.last)


def _after_by_week(run: Run, day: Day, rule: StreakRule) -> Run:
    weeks, days_in_week = run.weeks, 1
    if run.day is None:
        weeks = 0
    elif _monday(day.day) == _monday(run.day):
        days_in_week = run.days_in_week + 1
    else:
        next_week = _monday(day.day) - _monday(run.day) == timedelta(days=DAYS_OF_WEEK)
        weeks = weeks + 1 if next_week and run.days_in_week >= rule.days_a_week else 0
    length = weeks + (days_in_week >= rule.days_a_week)
    return Run(length=length, day=day.day, last=day.last, weeks=weeks, days_in_week=days_in_week)


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _instant(moment: Moment) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=moment.at_ms)
