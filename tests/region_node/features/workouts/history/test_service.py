"""Sums that follow whatever becomes of workouts, and end as if counted from scratch."""

import asyncio
import tempfile
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.vocabulary import Purpose
from region_node.features.workouts.history.model import Period, Place, place_of, repetitions, sum_of, total_of
from region_node.features.workouts.history.service import FIRST_DAY, LAST_DAY
from region_node.features.workouts.model import PartKind
from region_node.schema import MIGRATIONS
from region_node.storage.engine import Slice
from tests.support.storage import known_person, open_stores
from tests.support.workouts import Person, heading

NOON = datetime(2026, 10, 24, 12, tzinfo=UTC)
ZONES = ["Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "UTC"]
FORMATS = ["fit", "gpx", "tcx"]


async def everything(person):
    found, _ = await person.workouts.page(Slice(partition=(person.person_id,), limit=1000))
    return found


async def sums(person):
    return dict(await person.history.history.days(person.person_id, FIRST_DAY, LAST_DAY))


async def months(person):
    return dict(await person.history.history.months(person.person_id, FIRST_DAY, LAST_DAY))


async def from_the_rows(person):
    """What the sums must be, worked out without the service."""
    by_place = {}
    for workout in await everything(person):
        place = place_of(workout.heading, workout.listed_at, person.zone)
        by_place.setdefault(place, []).append(workout.heading)
    expected = {place: sum_of(headings) for place, headings in by_place.items()}
    return {place: figures for place, figures in expected.items() if figures.workouts}


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(
            st.just("record"),
            st.sampled_from([0, 40, 100, 180, 43_100, 43_200, 43_260, 86_400]),
            st.sampled_from(["running", "cycling", "generic"]),
            st.sampled_from(FORMATS),
        ),
        st.tuples(st.just("edit"), st.integers(0, 9), st.sampled_from(["running", "cycling", "rowing"])),
        st.tuples(st.just("delete"), st.integers(0, 9)),
        st.tuples(st.just("move"), st.sampled_from(ZONES)),
        st.tuples(st.just("count"), st.integers(0, 9)),
    ),
    max_size=14,
)


async def apply(person, ids, operation):
    match operation:
        case "record", seconds, sport, file_format:
            start = NOON + timedelta(seconds=seconds)
            ids.append(await person.record(heading(start, sport=sport, format=file_format)))
        case "edit", index, sport if index < len(ids):
            await person.edit(ids[index], sport=sport)
        case "delete", index if index < len(ids):
            await person.delete(ids.pop(index))
        case "move", zone:
            person.zone = ZoneInfo(zone)
            await person.history.recount(person.person_id)
        case "count", index if index < len(person.announced):
            await person.history.count(person.person_id, [person.announced[index].aggregate_id])


@settings(max_examples=30, deadline=None, derandomize=True)
@given(operations=OPERATIONS, shuffled=st.randoms(use_true_random=False))
def test_any_sequence_ends_in_the_sums_of_a_count_from_scratch(rows, operations, shuffled):
    async def run():
        stores = await open_stores(rows, MIGRATIONS, held=("eu",))
        person, ids = Person(stores.of("t1", "eu", Purpose.ANALYSIS), await known_person(stores)), []
        for operation in operations:
            await apply(person, ids, operation)
        shuffled.shuffle(person.announced)
        await person.follow()
        counted = await sums(person)
        assert await from_the_rows(person) == counted
        by_month = await months(person)
        assert total_of(counted.items(), Period.MONTH) == by_month
        await person.history.recount(person.person_id)
        assert counted == await sums(person)
        assert by_month == await months(person)
        marks = {w.workout_id: w.heading.duplicate_of for w in await everything(person)}
        assert repetitions(await everything(person)) == {one: first for one, first in marks.items() if first}
        await stores.engine.close()

    asyncio.run(run())


@pytest.fixture(scope="module")
def rows():
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory)


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_recordings_of_one_effort_count_once_in_any_order_of_arrival(ana, order):
    for position in order:
        start = NOON + timedelta(seconds=position * 7)
        await ana.record(heading(start, format=FORMATS[position]), workout_id="abc"[position])
        await ana.follow()
    assert {"a": "", "b": "a", "c": "a"} == {
        w.workout_id: w.heading.duplicate_of for w in await everything(ana)
    }
    assert [1] == [figures.workouts for figures in (await sums(ana)).values()]


async def test_recordings_that_arrive_at_once_are_marked_once(ana):
    ids = [await ana.record(heading(NOON, format=kind)) for kind in FORMATS]
    await asyncio.gather(*(ana.history.count(ana.person_id, [workout_id]) for workout_id in ids))
    first = min(ids)
    assert {first: ""} | dict.fromkeys(sorted(ids)[1:], first) == {
        w.workout_id: w.heading.duplicate_of for w in await everything(ana)
    }
    assert await from_the_rows(ana) == await sums(ana)


async def test_when_the_first_recording_is_deleted_the_second_counts_again(ana):
    await ana.record(heading(NOON, distance_m=5000.0), workout_id="a")
    await ana.record(heading(NOON, format="gpx", distance_m=5010.0), workout_id="b")
    await ana.record(heading(NOON, format="tcx", distance_m=5020.0), workout_id="c")
    await ana.follow()
    await ana.delete("a")
    await ana.follow()
    assert {"b": "", "c": "b"} == {w.workout_id: w.heading.duplicate_of for w in await everything(ana)}
    assert [5010.0] == [figures.distance_m for figures in (await sums(ana)).values()]


async def test_the_first_may_be_deleted_before_it_was_ever_counted(ana):
    await ana.record(heading(NOON), workout_id="a")
    await ana.record(heading(NOON, format="gpx"), workout_id="b")
    ana.announced.clear()
    await ana.history.count(ana.person_id, ["b"])
    await ana.delete("a")
    await ana.follow()
    assert [""] == [w.heading.duplicate_of for w in await everything(ana)]


async def test_the_mark_goes_although_the_owner_has_moved_to_the_other_side_of_the_date_line(ana):
    ana.zone = ZoneInfo("Pacific/Kiritimati")
    late = datetime(2026, 5, 1, 10, tzinfo=UTC)
    await ana.record(heading(late), workout_id="a")
    await ana.record(heading(late, format="gpx"), workout_id="b")
    await ana.follow()
    ana.zone = ZoneInfo("Pacific/Niue")
    await ana.delete("a")
    await ana.follow()
    assert [""] == [w.heading.duplicate_of for w in await everything(ana)]


async def test_a_change_of_time_zone_moves_what_lies_near_midnight(ana):
    await ana.record(heading(datetime(2026, 5, 1, 23, 30, tzinfo=UTC)))
    await ana.follow()
    assert {Place(date(2026, 5, 1), "running")} == set(await sums(ana))
    ana.zone = ZoneInfo("Europe/Berlin")
    await ana.history.recount(ana.person_id)
    assert {Place(date(2026, 5, 2), "running")} == set(await sums(ana))


async def test_an_edited_sport_moves_the_workout_to_its_new_sums(ana):
    workout_id = await ana.record(heading(NOON, sport="running"))
    await ana.follow()
    await ana.edit(workout_id, sport="rowing")
    await ana.follow()
    assert {Place(NOON.date(), "rowing")} == set(await sums(ana))


async def test_what_is_deleted_leaves_no_sum_and_no_parts(ana):
    workout_id = await ana.record(heading(NOON))
    await ana.follow()
    await ana.delete(workout_id)
    await ana.follow()
    assert {} == await sums(ana)
    assert await ana.workouts.part(ana.person_id, workout_id, PartKind.CHART) is None


async def test_more_workouts_than_one_read_takes_are_counted_together(ana):
    ids = [await ana.record(heading(NOON + timedelta(days=n))) for n in range(130)]
    await ana.history.count(ana.person_id, ids)
    assert 130 == sum(figures.workouts for figures in (await sums(ana)).values())


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        (Period.WEEK, [("2025-12-29", 3), ("2026-01-05", 1)]),
        (Period.MONTH, [("2025-12-01", 1), ("2026-01-01", 3)]),
        (Period.YEAR, [("2025-01-01", 1), ("2026-01-01", 3)]),
    ],
)
async def test_totals_by_week_month_and_year(ana, period, expected):
    for day in ("2025-12-31", "2026-01-01", "2026-01-04", "2026-01-05", "2026-02-01"):
        await ana.record(heading(datetime.fromisoformat(f"{day}T12:00:00+00:00")))
    await ana.follow()
    totals = await ana.history.totals(ana.person_id, period, date(2025, 12, 31), date(2026, 1, 31))
    assert expected == [(begins.isoformat(), figures.workouts) for begins, _, figures in totals]


@pytest.fixture
async def two_years(ana):
    starts = [datetime(2025, 1, 1, 12, tzinfo=UTC) + timedelta(days=5 * n) for n in range(130)]
    sports = ("running", "cycling")
    ids = [await ana.record(heading(s, sport=sports[n % 2])) for n, s in enumerate(starts)]
    await ana.history.count(ana.person_id, ids)
    return ana


@pytest.mark.parametrize("period", [Period.MONTH, Period.YEAR])
@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2025-01-01", "2026-12-31"),
        ("2025-01-15", "2026-03-31"),
        ("2025-02-01", "2025-02-28"),
        ("2025-02-10", "2025-02-20"),
        ("2025-02-10", "2025-03-05"),
        ("2025-02-10", "2025-04-05"),
        ("2025-12-31", "2026-01-01"),
        ("2024-06-15", "2026-10-09"),
        ("2026-10-08", "2026-10-12"),
        ("0001-01-01", "0001-01-05"),
        ("0001-01-02", "0001-02-05"),
        ("9999-11-15", "9999-12-31"),
        ("9999-12-15", "9999-12-20"),
    ],
)
async def test_totals_are_those_of_the_days_however_the_span_cuts_months(two_years, period, first, last):
    person, span = two_years, (date.fromisoformat(first), date.fromisoformat(last))
    by_day = total_of(await person.history.history.days(person.person_id, *span), period)
    expected = [(place.day, place.sport, figures) for place, figures in sorted(by_day.items())]
    assert expected == await person.history.totals(person.person_id, period, *span)
