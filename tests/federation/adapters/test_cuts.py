"""What was acknowledged arrives, whatever breaks in between, and what comes again is the same."""

import asyncio
import time

import pytest

from federation.topology import Lane
from tests.support.federation import EU, US, places
from tests.support.lanes import HASTY, send_for_certain, send_many, settled, subject_of, taking, until
from tests.support.proxy import proxy_to


@pytest.fixture
async def place(tmp_path):
    async with places(tmp_path, EU, US) as made:
        yield made[EU]


@pytest.fixture
async def sender(place):
    opened = await place.sender(limits=HASTY)
    await opened.prepare([EU, US])
    yield opened
    await opened.close()


def all_of(count, name="m"):
    return {f"{name}{number}" for number in range(count)}


async def test_nothing_is_lost_or_stored_twice_when_the_origins_broker_is_killed_under_load(place, sender):
    count = 3000
    receiver = await place.receiver(US)
    async with taking(receiver, Lane.BULK) as taken:
        sending = asyncio.create_task(send_many(sender, count, in_flight=16))
        for share in (0.2, 0.4, 0.6):
            await until(lambda most=share * count: len(taken.first_at) >= most)
            await asyncio.to_thread(place.server.kill)
            await asyncio.to_thread(place.server.start)
        await sending
        await until(lambda: len(taken.first_at) == count)
        await settled(sender, Lane.BULK)
    assert all_of(count) == taken.first_at.keys()
    assert set(range(1, count + 1)) == taken.numbers, "resent under the same id, each has one number"
    assert receiver._link.connections > 1
    await receiver.close()


async def test_a_link_that_breaks_again_and_again_loses_nothing(place, sender):
    count = 2000
    async with proxy_to(place.server.url) as proxy:
        receiver = await place.receiver(US, proxy.url)
        await send_many(sender, count)
        async with taking(receiver, Lane.BULK, most=20, work_s=0.01) as taken:
            for share in (0.1, 0.3, 0.5, 0.7):
                await until(lambda most=share * count: len(taken.first_at) >= most)
                proxy.break_off()
            await settled(sender, Lane.BULK)
        assert all_of(count) == taken.first_at.keys()
        await receiver.close()


async def test_a_cut_link_is_noticed_and_goes_on_when_it_is_whole(place, sender):
    """Nothing is said when packets are dropped: the region has to find out by asking."""
    async with proxy_to(place.server.url) as proxy:
        receiver = await place.receiver(US, proxy.url)
        async with taking(receiver, Lane.INTERACTIVE) as taken:
            await send_many(sender, 20, lane=Lane.INTERACTIVE, name="before")
            await settled(sender, Lane.INTERACTIVE)
            proxy.cut()
            begin = time.monotonic()
            await send_many(sender, 20, lane=Lane.INTERACTIVE, name="during")
            assert time.monotonic() - begin < 2, "the origin's own broker is not concerned"
            await until(lambda: receiver._link._client is None)
            assert 1 < time.monotonic() - begin < 12
            proxy.heal()
            healed = time.monotonic()
            await until(lambda: len(taken.first_at) == 40)
        assert all_of(20, "before") | all_of(20, "during") == taken.first_at.keys()
        assert 0 < max(taken.first_at.values()) - healed < 10
        await receiver.close()


async def test_a_broker_that_stands_still_is_waited_for(place, sender):
    receiver = await place.receiver(US)
    async with taking(receiver, Lane.RETRACTION) as taken:
        await send_for_certain(sender, subject_of(Lane.RETRACTION), b"one", "one")
        await asyncio.to_thread(place.server.pause)
        begin = time.monotonic()
        sending = asyncio.create_task(send_for_certain(sender, subject_of(Lane.RETRACTION), b"two", "two"))
        await until(lambda: sender._link._client is None)
        assert time.monotonic() - begin < 12
        await asyncio.to_thread(place.server.resume)
        await sending
        await until(lambda: len(taken.first_at) == 2)
    assert {"one", "two"} == taken.first_at.keys()
    assert {1, 2} == taken.numbers
    await receiver.close()


async def test_a_retraction_overtakes_a_backlog(place, sender):
    count = 4000
    await send_many(sender, count)
    receiver = await place.receiver(US)
    async with (
        taking(receiver, Lane.BULK, most=32, work_s=0.005) as bulk,
        taking(receiver, Lane.RETRACTION) as urgent,
    ):
        await until(lambda: len(bulk.first_at) >= 100)
        sent = time.monotonic()
        await send_for_certain(sender, subject_of(Lane.RETRACTION), b"back", "back")
        await until(lambda: urgent.first_at)
        assert urgent.first_at["back"] - sent < 0.5
        assert len(bulk.first_at) < count / 2
    await receiver.close()


async def test_what_a_request_of_a_broken_connection_was_handed_arrives_at_the_next_one(place, sender):
    async with proxy_to(place.server.url) as proxy:
        receiver = await place.receiver(US, proxy.url)
        async with taking(receiver, Lane.BULK) as taken:
            await send_many(sender, 1)
            await until(lambda: taken.first_at)
            proxy.break_off()
            await send_many(sender, 50, name="later")
            await until(lambda: len(taken.first_at) == 51, most_s=10)
        assert {"m0"} | all_of(50, "later") == taken.first_at.keys()
        await receiver.close()
