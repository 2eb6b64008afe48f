"""Kept days and years of achievements: after any change they are what counting from scratch gives."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from policies.vocabulary import Purpose
from region_node.features.achievements.counting import Counter, span_of
from region_node.features.achievements.days import days_of
from region_node.features.achievements.model import StreakRule
from region_node.features.achievements.progress import progress_of
from region_node.features.achievements.store import AchievementStore
from region_node.schema import MIGRATIONS
from region_node.storage.leases import Leases
from tests.support.efforts import MORNING, effort, efforts
from tests.support.scores import Workouts
from tests.support.storage import known_person, open_stores

EVERY_DAY = StreakRule()
YEARS = efforts(days=900, ids="abcdefghij")
CHANGES = st.lists(
    st.one_of(
        YEARS.map(lambda one: ("put", one)),
        st.sampled_from("abcdefghij").map(lambda workout_id: ("delete", workout_id)),
        st.integers(0, 3).map(lambda rest_days: ("rule", StreakRule(rest_days=rest_days))),
        st.just(("scratch", None)),
    ),
    max_size=14,
)


class Scene:
    """Somebody whose workouts change, and the counter that follows."""

    def __init__(self, stores, person_id):
        store = stores.of("t1", "eu", Purpose.ANALYSIS)
        self.person_id, self.rule, self.workouts = person_id, EVERY_DAY, Workouts()
        self.store = AchievementStore(store)
        self.counter = Counter(self.store, self.workouts, Leases(store))

    async def change(self, kind, what):
        standing, touched = self.workouts.standing, set()
        if kind == "rule":
            self.rule = what
        elif kind == "scratch":
            return await self.counter.recount(self.person_id, self.rule)
        else:
            workout_id = what if kind == "delete" else what.workout_id
            former = standing.pop(workout_id, None)
            touched |= {former.local_day} if former else set()
            if kind == "put":
                standing[workout_id] = what
                touched.add(what.local_day)
        return await self.counter.count(self.person_id, touched, self.rule)

    def from_scratch(self):
        return progress_of(days_of(self.workouts.standing.values()).values(), self.rule)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A loop and stores for all examples; each has a person of its own."""
    with asyncio.Runner() as runner:
        stores = runner.run(open_stores(tmp_path_factory.mktemp("scene"), MIGRATIONS, held=("eu",)))
        yield runner, stores
        runner.run(stores.engine.close())


@settings(derandomize=True, deadline=None, max_examples=25)
@given(CHANGES)
def test_after_any_changes_all_is_as_if_counted_from_scratch(world, changes):
    async def follow(stores):
        one = Scene(stores, await known_person(stores))
        for change in changes:
            assert await one.change(*change) == one.from_scratch()
        years = await one.store.years(one.person_id)
        days = [day for year in years for day in await one.store.days(one.person_id, year)]
        assert {day.day: day for day in days} == days_of(one.workouts.standing.values())

    runner, stores = world
    runner.run(follow(stores))


@pytest.fixture
async def ana(tmp_path):
    stores = await open_stores(tmp_path, MIGRATIONS, held=("eu",))
    yield Scene(stores, await known_person(stores))
    await stores.engine.close()


async def test_a_change_of_today_reads_the_workouts_of_its_day_and_counts_on(ana):
    for days in (0, 300, 600):
        await ana.change("put", effort(str(days), started_at=MORNING + timedelta(days=days)))
    ana.workouts.reads.clear()
    today = effort("today", started_at=MORNING + timedelta(days=601))
    progress = await ana.change("put", today)
    assert [(ana.person_id, *span_of(today.local_day))] == ana.workouts.reads
    assert ana.from_scratch() == progress == await ana.store.progress(ana.person_id)
    assert [2026, 2027, 2028] == await ana.store.years(ana.person_id)


async def test_what_older_formulas_counted_is_counted_anew(ana):
    await ana.change("put", effort("old"))
    progress = await ana.store.progress(ana.person_id)
    await ana.store.put_progress(ana.person_id, 2026, replace(progress, formulas="0", points=9_999))
    (old,) = await ana.store.days(ana.person_id, 2026)
    await ana.store.put_day(ana.person_id, old.day, replace(old, points=9_999))
    assert ana.from_scratch() == await ana.counter.count(ana.person_id, [], EVERY_DAY)
