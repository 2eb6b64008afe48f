"""Days on the calendars of the Earth, periods, and which recordings are of one effort."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from region_node.features.workouts.history.model import (
    Figures,
    Period,
    day_bounds,
    period_start,
    place_of,
    repetitions,
    same_effort,
    sum_of,
)
from region_node.features.workouts.model import ListedWorkout
from tests.support.workouts import NO_HEALTH, heading

ODD_ZONES = [
    "America/Havana",  # clocks go forward at midnight, and back from one to midnight
    "America/Sao_Paulo",  # clocks went back at midnight into the day before
    "America/St_Johns",  # clocks went back at one minute past midnight
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # half an hour
    "Europe/Berlin",
    "Pacific/Apia",  # left out the 30th of December 2011
    "Pacific/Kiritimati",
    "Pacific/Niue",
]
START = datetime(2026, 5, 1, 8, tzinfo=UTC)


@settings(derandomize=True, deadline=None)
@given(
    st.datetimes(datetime(1987, 1, 1), datetime(2037, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    st.sampled_from(ODD_ZONES),
)
def test_every_instant_lies_between_the_bounds_of_its_day(instant, name):
    zone = ZoneInfo(name)
    begin, end = day_bounds(place_of(heading(instant), instant, zone).day, zone)
    assert begin <= instant < end
    assert end - begin <= timedelta(hours=26)


@pytest.mark.parametrize(
    ("instant", "zone", "day"),
    [
        ("2026-03-29T00:30:00+00:00", "Europe/Berlin", "2026-03-29"),
        ("2026-10-24T22:30:00+00:00", "Europe/Berlin", "2026-10-25"),
        ("2026-05-01T11:00:00+00:00", "Pacific/Kiritimati", "2026-05-02"),
        ("2026-05-01T10:00:00+00:00", "Pacific/Niue", "2026-04-30"),
        ("2011-12-30T09:59:59+00:00", "Pacific/Apia", "2011-12-29"),
        ("2011-12-30T10:00:00+00:00", "Pacific/Apia", "2011-12-31"),
        ("2026-12-31T23:30:00+00:00", "Europe/Berlin", "2027-01-01"),
    ],
)
def test_the_day_is_that_of_the_persons_calendar(instant, zone, day):
    moment = datetime.fromisoformat(instant)
    assert date.fromisoformat(day) == place_of(heading(moment), moment, ZoneInfo(zone)).day


@pytest.mark.parametrize(
    ("day", "week", "month", "year"),
    [
        ("2026-01-01", "2025-12-29", "2026-01-01", "2026-01-01"),
        ("2026-11-22", "2026-11-16", "2026-11-01", "2026-01-01"),
        ("2026-11-23", "2026-11-23", "2026-11-01", "2026-01-01"),
        ("2028-02-29", "2028-02-28", "2028-02-01", "2028-01-01"),
    ],
)
def test_periods_begin_on_monday_on_the_first_and_on_new_year(day, week, month, year):
    begins = [period_start(date.fromisoformat(day), period).isoformat() for period in Period]
    assert [week, month, year] == begins


def test_what_a_workout_does_not_have_counts_nothing():
    bare = heading(None, elapsed_s=None, moving_s=None, distance_m=None, ascent_m=None)
    assert Figures(workouts=1) == sum_of([bare])


def test_a_repetition_is_not_counted():
    assert sum_of([heading(START)]) == sum_of([heading(START), heading(START, duplicate_of="w1")])


SAME = [
    pytest.param({}, True, id="other-format"),
    pytest.param({"format": "fit"}, False, id="same-format"),
    pytest.param({"started_at": START + timedelta(seconds=120)}, True, id="two-minutes-late"),
    pytest.param({"started_at": START + timedelta(seconds=121)}, False, id="later"),
    pytest.param({"started_at": None}, False, id="no-clock"),
    pytest.param({"sport": "cycling"}, False, id="other-sport"),
    pytest.param({"sport": "generic"}, True, id="a-format-that-names-no-sport"),
    pytest.param({"distance_m": 5260.0}, True, id="nearly-as-long"),
    pytest.param({"distance_m": 5300.0}, False, id="longer"),
    pytest.param({"distance_m": None}, False, id="distance-unknown-in-one"),
    pytest.param({"elapsed_s": 1900.0}, False, id="took-longer"),
]


@pytest.mark.parametrize(("changes", "expected"), SAME)
def test_one_effort_by_sport_start_and_shape(changes, expected):
    other = heading(**{"started_at": START, "format": "gpx"} | changes)
    assert expected is same_effort(heading(START), other) is same_effort(other, heading(START))


def listed(workout_id, seconds=0, **changes):
    start = START + timedelta(seconds=seconds)
    head = heading(start, **changes)
    return ListedWorkout(workout_id=workout_id, listed_at=start, heading=head, health=NO_HEALTH)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_three_recordings_of_one_effort_count_once_whichever_came_first(order):
    workouts = [listed("a"), listed("b", 5, format="gpx"), listed("c", 9, format="tcx")]
    assert {"b": "a", "c": "a"} == repetitions(workouts[position] for position in order)


def test_a_chain_ends_at_what_repeats_nothing():
    chain = [listed("a"), listed("b", 100, format="gpx"), listed("c", 200, format="tcx")]
    assert {"b": "a"} == repetitions(chain)


def test_a_mark_stays_after_an_edit_and_goes_with_its_first():
    edited = listed("b", format="gpx", sport="cycling", duplicate_of="a")
    assert {"b": "a"} == repetitions([listed("a"), edited])
    assert {} == repetitions([edited])
    repeating = listed("a", format="tcx")
    assert {"a": "0", "b": "0"} == repetitions(
        [listed("0"), repeating, listed("b", format="gpx", duplicate_of="a")]
    )
