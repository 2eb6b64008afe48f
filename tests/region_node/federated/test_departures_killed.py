"""A home that is killed while it sends: what may have gone is in its book, and nothing is forgotten."""

import asyncio
from contextlib import suppress

import pytest

from federation.outgoing import Person
from region_node.storage.errors import StorageUnavailable
from region_node.storage.sqlite import SqliteEngine
from tests.support.departures import FEED, TENANT, open_home
from tests.support.dying import CONTEXT, die, killed
from tests.support.federation import BR, EU, US

PERSON = Person(tenant=TENANT, person_id="eu_01hv0000000000000000000007")
WRITES = ("write", "claim", "swap")
NUMBERS_EACH = 40


class DyingEngine(SqliteEngine):
    """Dies before the write number `left`, counted from when that is set."""

    left = None

    def __getattribute__(self, name):
        if name in WRITES and self.left is not None:
            self.left -= 1
            if self.left < 0:
                die()
        return super().__getattribute__(name)


async def send(directory, left, dies_at_broker):
    home = await open_home(directory, engine_class=DyingEngine)
    await home.stores.keys.create(TENANT, PERSON.person_id)
    await home.allows(PERSON, FEED)
    if dies_at_broker:
        home.network.brokers[EU].store = die
    home.stores.engine.left = left
    await home.runs_now(PERSON)
    await home.stores.engine.close()


async def takes_numbers(directory, numbers):
    home = await open_home(directory)
    while len(numbers) < NUMBERS_EACH:
        with suppress(StorageUnavailable):
            numbers.append(await home.book.next_number(PERSON))
    await home.stores.engine.close()


def numbers_to(pipe, directory):
    numbers = []
    asyncio.run(takes_numbers(directory, numbers))
    pipe.send(numbers)


async def reopened(directory):
    home = await open_home(directory)
    home.runs.at[PERSON, "w1"] = {"version": 1, "sport": "running", "title": "Am See"}
    return home


WRITES_OF_THE_FIRST = len(("row of the number", "number", "send"))


@pytest.mark.parametrize("left", range(5))
async def test_after_a_kill_at_any_write_the_pointer_is_carried_out_again(tmp_path, left):
    died = await asyncio.to_thread(killed, send, tmp_path, left, False)
    assert died == (left < WRITES_OF_THE_FIRST)
    home = await reopened(tmp_path)
    await home.update(PERSON)
    for region in (EU, BR, US):
        assert {(PERSON.person_id, "w1")} == home.held_by(region).keys()
    await home.stores.engine.close()


async def test_what_may_have_gone_before_the_kill_is_taken_back_with_the_rest(tmp_path):
    assert await asyncio.to_thread(killed, send, tmp_path, None, True)
    home = await reopened(tmp_path)
    assert [EU, BR, US] == [one.region for one in (await home.book.sent(PERSON, "workout"))[0]]
    await home.allows(PERSON)
    await home.withdrawals.follow(PERSON)
    assert {EU, BR, US} == {one.region for one in await home.book.missing(PERSON)}
    await home.stores.engine.close()


async def test_two_processes_never_get_the_same_number(tmp_path):
    home = await open_home(tmp_path)
    await home.stores.engine.close()
    ours, theirs = CONTEXT.Pipe()
    both = [CONTEXT.Process(target=numbers_to, args=(theirs, tmp_path)) for _ in range(2)]
    for process in both:
        process.start()
    found = [await asyncio.to_thread(ours.recv) for _ in both]
    for process in both:
        await asyncio.to_thread(process.join, 60)
    assert 2 * NUMBERS_EACH == len({number for numbers in found for number in numbers})
    assert all(numbers == sorted(numbers) for numbers in found)
