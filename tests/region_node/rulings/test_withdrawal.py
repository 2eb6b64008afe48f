"""A withdrawal binds every process of a node within 100 ms, also one whose loop was held up.

Two processes are two views of the same stores, and there is no queue. Readers never stop; each notes when a
read began, by the clock that the withdrawal is measured with, and whether it got the figures.
"""

import asyncio
import time

import pytest

from policies.vocabulary import Purpose
from region_node.features.workouts.tables import WORKOUTS
from region_node.schema import MIGRATIONS
from region_node.storage.engine import Put
from region_node.stores import Stores
from tests.support.standings import HEALTH, stand, standing
from tests.support.storage import HELD, known_person, open_stores

BOUND_S = 0.1
READERS = 40
WITHDRAWALS = 12
HELD_UP_S = 0.2


@pytest.fixture
async def processes(tmp_path):
    """Two views of the same stores, each with memory of its own, that follow the change sequence."""
    first = await open_stores(tmp_path, MIGRATIONS)
    second = Stores(type(first.engine)(tmp_path / "rows"), first.ring, frozenset(HELD))
    following = [asyncio.create_task(stores.changes.run()) for stores in (first, second)]
    yield first, second
    for task in following:
        task.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    await first.engine.close()
    await second.engine.close()


async def workout_of(stores, person_id):
    row = dict.fromkeys(("workout_id", "upload_id", "content_key", "duplicate_of"), "")
    moment = HEALTH.given_at
    values = {"person_id": person_id, "version": 1, "listed_at": moment}
    texts = {"details": b"details", "analysis": b"analysis", "health": b"140 bpm"}
    store = stores.of("t1", "eu", Purpose.ANALYSIS)
    await store.write(Put(WORKOUTS, {**row, **values, **texts}))


async def read_on(stores, person_id, reads, stop):
    """Read until told to stop; notes begin and whether the figures were there."""
    store = stores.of("t1", "eu", Purpose.ANALYSIS)
    while not stop.is_set():
        begin = time.monotonic()
        row = await store.get(WORKOUTS, person_id, "")
        reads.append((begin, "health" in row))
        await asyncio.sleep(0.001)


async def race(processes, *, held_up):
    """Reads of both processes, and the instants at which withdrawals were accepted, by person."""
    people = [await known_person(processes[0]) for _ in range(WITHDRAWALS)]
    for person_id in people:
        await workout_of(processes[0], person_id)
    stop = asyncio.Event()
    reads = {person_id: [] for person_id in people}
    readers = []
    for number in range(READERS):
        person_id = people[number // 2 % WITHDRAWALS]
        reading = read_on(processes[number % 2], person_id, reads[person_id], stop)
        readers.append(asyncio.create_task(reading))
    await asyncio.sleep(0.2)
    accepted = {}
    for number, person_id in enumerate(people):
        await stand(processes[number % 2], "t1", standing(person_id, version=2))
        accepted[person_id] = time.monotonic()
        if held_up:
            time.sleep(HELD_UP_S)  # noqa: ASYNC251 - the loop is to be held up
        await asyncio.sleep(0.01)
    await asyncio.sleep(BOUND_S + 0.1)
    stop.set()
    await asyncio.gather(*readers)
    return reads, accepted


@pytest.mark.parametrize("held_up", [False, True], ids=["running", "held up"])
async def test_no_read_that_begins_after_the_bound_shows_the_figures(processes, held_up):
    reads, accepted = await race(processes, held_up=held_up)
    late = [
        begin - accepted[person_id]
        for person_id, of_person in reads.items()
        for begin, shown in of_person
        if shown and begin > accepted[person_id] + BOUND_S
    ]
    assert [] == late
    for person_id, of_person in reads.items():
        assert any(shown for begin, shown in of_person if begin < accepted[person_id])
        assert any(begin > accepted[person_id] + BOUND_S for begin, _ in of_person)


async def test_what_both_processes_remember_is_used_without_reading_it_again(processes, monkeypatch):
    first, second = processes
    person_id = await known_person(first)
    await workout_of(first, person_id)
    store = second.of("t1", "eu", Purpose.ANALYSIS)
    read = []
    standing_of = type(second.gate).standing

    async def watched(gate, *where):
        read.append(where)
        return await standing_of(gate, *where)

    monkeypatch.setattr(type(second.gate), "standing", watched)
    await store.get(WORKOUTS, person_id, "")
    for _ in range(20):
        await asyncio.sleep(0.02)
        assert "health" in await store.get(WORKOUTS, person_id, "")
    assert len(read) < 10
