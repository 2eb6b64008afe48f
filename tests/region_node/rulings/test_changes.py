"""The change sequence: who has been told, what is forgotten, and for how long an answer is good."""

import asyncio

import pytest

from region_node.rulings.changes import (
    ASKED_WHILE_USED_S,
    GOOD_FOR_S,
    MARKS,
    READ_AGAIN_S,
    Changes,
    mark_of,
)
from region_node.storage.errors import StorageUnavailable


class Memory:
    """Remembers nothing, and what it was told to forget."""

    def __init__(self):
        self.forgotten = []

    def forget(self, mark):
        self.forgotten.append(mark)

    def forget_all(self):
        self.forgotten.append("all")


def process(stores, clock):
    memory = Memory()
    return Changes(stores.engine, memory, clock), memory


async def test_a_change_is_known_to_whoever_asks_afterwards(stores, clock):
    writer, own = process(stores, clock)
    reader, memory = process(stores, clock)
    await reader.ask()
    await writer.announce("t1", "eu_p1")
    assert [mark_of("t1", "eu_p1")] == own.forgotten
    assert ["all"] == memory.forgotten
    await reader.ask()
    assert ["all", mark_of("t1", "eu_p1")] == memory.forgotten
    await reader.ask()
    assert 2 == len(memory.forgotten)


async def test_changes_of_several_processes_are_all_known(stores, clock):
    writers = [process(stores, clock)[0] for _ in range(3)]
    reader, memory = process(stores, clock)
    await reader.ask()
    people = [f"eu_p{number}" for number in range(9)]
    await asyncio.gather(*(writers[n % 3].announce("t1", person) for n, person in enumerate(people)))
    await reader.ask()
    assert {mark_of("t1", person) for person in people} == set(memory.forgotten[1:])


async def test_after_more_changes_than_a_row_names_everything_is_forgotten(stores, clock):
    writer, _ = process(stores, clock)
    reader, memory = process(stores, clock)
    await reader.ask()
    await asyncio.gather(*(writer.announce("t1", f"eu_p{number}") for number in range(MARKS)))
    await reader.ask()
    assert MARKS == len(memory.forgotten[1:])
    await asyncio.gather(*(writer.announce("t1", f"eu_p{number}") for number in range(MARKS + 1)))
    await reader.ask()
    assert "all" == memory.forgotten[-1]


async def test_an_answer_is_good_for_75_ms_from_the_moment_of_asking(stores, clock):
    changes, _ = process(stores, clock)
    read_at = clock.now_s - 1
    assert not changes.is_good(read_at)
    await changes.ask()
    clock.now_s += GOOD_FOR_S - 0.001
    assert changes.is_good(read_at)
    clock.now_s += 0.002
    assert not changes.is_good(read_at)
    assert changes.is_good(read_at=clock.now_s), "what was read just now needs no asking"


async def test_what_was_read_half_a_minute_ago_is_read_again_though_nothing_was_announced(stores, clock):
    changes, _ = process(stores, clock)
    await changes.ask()
    assert changes.is_good(read_at=clock.now_s - READ_AGAIN_S)
    assert not changes.is_good(read_at=clock.now_s - READ_AGAIN_S - 0.001)


async def test_an_answer_that_took_long_counts_from_before(stores, clock, monkeypatch):
    changes, _ = process(stores, clock)
    slice_ = stores.engine.slice

    async def slow(*arguments):
        page = await slice_(*arguments)
        clock.now_s += GOOD_FOR_S + 0.001
        return page

    monkeypatch.setattr(stores.engine, "slice", slow)
    read_at = clock.now_s - 1
    await changes.ask()
    assert not changes.is_good(read_at)


async def test_a_change_that_could_not_be_written_is_not_accepted(stores, clock, monkeypatch):
    writer, _ = process(stores, clock)
    reader, memory = process(stores, clock)
    await reader.ask()
    write = stores.engine.write_everywhere

    async def away(*_):
        raise StorageUnavailable("away")

    monkeypatch.setattr(stores.engine, "write_everywhere", away)
    with pytest.raises(StorageUnavailable):
        await writer.announce("t1", "eu_p1")
    monkeypatch.setattr(stores.engine, "write_everywhere", write)
    await writer.announce("t1", "eu_p1")
    await reader.ask()
    assert {mark_of("t1", "eu_p1")} == set(memory.forgotten[1:])


async def test_an_idle_process_asks_nobody_until_it_is_asked(stores, clock, monkeypatch):
    changes, _ = process(stores, clock)
    asked = asyncio.Event()
    ask = changes.ask

    async def watched():
        await ask()
        asked.set()

    monkeypatch.setattr(changes, "ask", watched)
    running = asyncio.create_task(changes.run())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not asked.is_set()
    changes.is_good(0.0)
    await asyncio.wait_for(asked.wait(), 5)
    clock.now_s += ASKED_WHILE_USED_S + 1
    running.cancel()
