"""Streaks go by the dates that people lived, wherever they were: travel breaks and doubles nothing."""

from datetime import UTC, date, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from region_node.features.achievements.days import days_of
from region_node.features.achievements.model import Day, Moment, StreakRule
from region_node.features.achievements.streaks import Run, after, alive
from tests.support.days import days, moment
from tests.support.efforts import effort

BERLIN, AUCKLAND, LOS_ANGELES = "Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles"
EVERY_DAY, ONE_REST = StreakRule(), StreakRule(rest_days=1)
THREE_A_WEEK = StreakRule(days_a_week=3)


def run_of(found, rule=EVERY_DAY):
    return reduce(lambda run, day: after(run, day, rule), found, Run())


def length(*runs, rule=EVERY_DAY):
    return run_of(days(*runs), rule).length


def dates(*numbers):
    """Active days of June 2026 in UTC, by their number."""
    found = days_of(effort(str(n), started_at=datetime(2026, 6, n, 8, tzinfo=UTC)) for n in numbers)
    return [found[day] for day in sorted(found)]


TRAVELS = [
    pytest.param(
        3,
        [("2026-06-01 08:00", BERLIN), ("2026-06-02 23:50", BERLIN), ("2026-06-03 00:10", BERLIN)],
        id="at-home",
    ),
    pytest.param(1, [("2026-06-01 08:00", BERLIN), ("2026-06-03 08:00", BERLIN)], id="a-missed-day"),
    pytest.param(1, [("2026-06-01 00:10", BERLIN), ("2026-06-01 23:50", BERLIN)], id="one-day-counts-once"),
    pytest.param(2, [("2026-03-28 23:30", BERLIN), ("2026-03-29 23:30", BERLIN)], id="clocks-forward"),
    pytest.param(2, [("2026-10-24 00:30", BERLIN), ("2026-10-25 23:30", BERLIN)], id="clocks-back"),
    pytest.param(2, [("2026-06-01 20:00", BERLIN), ("2026-06-02 06:00", LOS_ANGELES)], id="west"),
    pytest.param(2, [("2026-06-01 22:00", LOS_ANGELES), ("2026-06-02 23:00", BERLIN)], id="east"),
    pytest.param(
        3,
        [("2026-06-01 20:00", LOS_ANGELES), ("2026-06-03 10:00", AUCKLAND), ("2026-06-04 07:00", AUCKLAND)],
        id="a-date-that-never-was",
    ),
    pytest.param(
        2,
        [("2026-06-01 06:00", LOS_ANGELES), ("2026-06-03 21:00", AUCKLAND)],
        id="all-of-both-days-around-the-lost-one",
    ),
    pytest.param(
        1, [("2026-06-01 20:00", LOS_ANGELES), ("2026-06-04 10:00", AUCKLAND)], id="a-missed-day-beside-it"
    ),
    pytest.param(
        1, [("2026-06-01 18:00", AUCKLAND), ("2026-06-01 18:00", LOS_ANGELES)], id="a-date-lived-twice"
    ),
    pytest.param(
        3,
        [
            ("2026-06-01 18:00", AUCKLAND),
            ("2026-06-02 08:00", AUCKLAND),
            ("2026-06-01 20:00", LOS_ANGELES),
            ("2026-06-02 20:00", LOS_ANGELES),
            ("2026-06-03 20:00", LOS_ANGELES),
        ],
        id="back-over-the-line",
    ),
    pytest.param(
        2, [("2011-12-29 20:00", "Pacific/Apia"), ("2011-12-31 07:00", "Pacific/Apia")], id="samoa-2011"
    ),
]


@pytest.mark.parametrize(("expected", "runs"), TRAVELS)
def test_a_streak_goes_by_the_dates_that_were_lived(expected, runs):
    assert expected == length(*runs)


@pytest.mark.parametrize(
    ("rest_days", "numbers", "expected"),
    [(0, (1, 3), 1), (1, (1, 8, 10), 2), (2, (1, 5, 8, 10, 11), 4), (3, (1, 5, 8, 10, 11), 5)],
)
def test_rest_days_bridge_a_streak_and_do_not_make_it_longer(rest_days, numbers, expected):
    assert expected == run_of(dates(*numbers), StreakRule(rest_days=rest_days)).length


def test_a_day_with_too_little_on_it_neither_counts_nor_breaks():
    short = days_of([effort("x", started_at=datetime(2026, 6, 2, 8, tzinfo=UTC), moving_s=599.9)])
    one, three = dates(1, 3)
    assert not short[date(2026, 6, 2)].active
    assert 1 == run_of([one, short[date(2026, 6, 2)]]).length
    assert 1 == run_of([one, short[date(2026, 6, 2)], three]).length
    assert 2 == run_of([one, short[date(2026, 6, 2)], three], ONE_REST).length


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((1, 2), 0),
        ((1, 3, 5), 1),
        ((1, 2, 3, 4, 5, 6, 7), 1),
        ((1, 3, 5, 8), 1),
        ((1, 3, 5, 8, 10, 14), 2),
        ((1, 3, 5, 8, 9, 15, 16, 17), 1),
        ((1, 3, 5, 15, 16, 17), 1),
        ((5, 6, 7, 8, 9, 10, 15, 17, 21), 3),
    ],
)
def test_weeks_count_with_enough_days_from_monday_on(numbers, expected):
    assert expected == run_of(dates(*numbers), THREE_A_WEEK).length


@pytest.mark.parametrize(
    ("rule", "now", "expected"),
    [
        (EVERY_DAY, "2026-06-03 23:59", 3),
        (EVERY_DAY, "2026-06-04 23:59", 3),
        (EVERY_DAY, "2026-06-05 00:00", 0),
        (ONE_REST, "2026-06-05 23:59", 3),
        (ONE_REST, "2026-06-06 00:00", 0),
        (THREE_A_WEEK, "2026-06-14 23:59", 1),
        (THREE_A_WEEK, "2026-06-15 00:00", 0),
    ],
)
def test_a_streak_lives_until_it_can_no_longer_be_gone_on_with(rule, now, expected):
    run = run_of(dates(1, 2, 3), rule)
    assert expected == alive(run, moment(now, "UTC"), rule)
    assert 0 == alive(Run(), moment(now, "UTC"), rule)


def test_a_week_that_has_not_enough_days_yet_is_still_alive():
    run = run_of(dates(1, 2, 3, 8), THREE_A_WEEK)
    assert 1 == alive(run, moment("2026-06-12 12:00", "UTC"), THREE_A_WEEK)
    assert 0 == alive(run, moment("2026-06-15 12:00", "UTC"), THREE_A_WEEK)


def test_a_streak_is_alive_after_a_flight_over_the_date_line():
    run = run_of(days(("2026-06-01 20:00", LOS_ANGELES)))
    assert 1 == alive(run, moment("2026-06-03 10:00", AUCKLAND), EVERY_DAY)
    assert 0 == alive(run, moment("2026-06-04 10:00", AUCKLAND), EVERY_DAY)


@pytest.mark.parametrize(
    "facts", [{"rest_days": 7}, {"days_a_week": 8}, {"rest_days": -1}, {"rest_days": 1, "days_a_week": 3}]
)
def test_a_rule_that_makes_no_sense_is_refused(facts):
    with pytest.raises(ValueError, match="rest days"):
        StreakRule(**facts)


STARTS = st.lists(
    st.tuples(st.integers(0, 12 * 24 * 4), st.integers(-12 * 4, 14 * 4)), min_size=1, max_size=25
)
BEGIN = datetime(2026, 6, 1, tzinfo=UTC)


def anywhere(starts):
    """Runs at quarters of hours, each on the clock of some place."""
    found = days_of(
        effort(str(n), started_at=BEGIN + timedelta(minutes=15 * quarters), offset_s=900 * offset)
        for n, (quarters, offset) in enumerate(starts)
    )
    return [found[day] for day in sorted(found)]


@settings(derandomize=True, deadline=None, max_examples=300)
@given(STARTS, st.integers(0, 6))
def test_nobody_gains_more_than_a_date_by_changing_clocks(starts, rest_days):
    found = anywhere(starts)
    instants = [quarters for quarters, _ in starts]
    lived = (max(instants) - min(instants)) / 96
    run = run_of(found, StreakRule(rest_days=rest_days))
    assert 1 <= run.length <= len(found) <= lived + 1 + 26 / 24 + 1


@settings(derandomize=True, deadline=None, max_examples=300)
@given(STARTS, st.integers(0, 6))
def test_on_one_clock_a_streak_is_what_the_calendar_says(starts, rest_days):
    found = anywhere([(quarters, 0) for quarters, _ in starts])
    ends = found[-1].day
    expected, day, rested = 0, ends, 0
    active = {one.day for one in found}
    while rested <= rest_days:
        expected, rested = (expected + 1, 0) if day in active else (expected, rested + 1)
        day -= timedelta(days=1)
    assert expected == run_of(found, StreakRule(rest_days=rest_days)).length


@settings(derandomize=True, deadline=None, max_examples=300)
@given(st.lists(st.integers(-12 * 4, 14 * 4), min_size=2, max_size=12), st.integers(0, 95))
def test_who_runs_every_24_hours_never_loses_a_streak_wherever_they_are(offsets, first):
    found = anywhere([(first + 96 * n, offset) for n, offset in enumerate(offsets)])
    assert len(found) == run_of(found).length


@settings(derandomize=True, deadline=None, max_examples=200)
@given(STARTS, st.integers(0, 5))
def test_a_milder_rule_never_makes_a_streak_shorter(starts, rest_days):
    found = anywhere(starts)
    assert run_of(found, StreakRule(rest_days=rest_days)).length <= (
        run_of(found, StreakRule(rest_days=rest_days + 1)).length
    )


def test_a_day_that_is_not_active_changes_nothing():
    moment_ = Moment(at_ms=0, offset_s=0)
    idle = Day(day=date(2026, 6, 2), points=0, active=False, sports={}, first=moment_, last=moment_)
    run = run_of(dates(1))
    assert run is after(run, idle, EVERY_DAY)
