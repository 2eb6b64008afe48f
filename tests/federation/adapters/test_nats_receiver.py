"""A puller always has a request at the server, and is never handed more than it asked for."""

import asyncio
import time

import pytest

from federation.adapters import nats_receiver
from federation.adapters.nats_link import NatsLink
from federation.topology import LANE_LIMITS, Lane
from tests.support.federation import EU, US, places
from tests.support.lanes import send_for_certain, send_many, subject_of, taking, until


@pytest.fixture
async def place(tmp_path):
    async with places(tmp_path, EU, US) as made:
        yield made[EU]


@pytest.fixture
async def sender(place):
    opened = await place.sender()
    await opened.prepare([EU, US])
    yield opened
    await opened.close()


async def test_a_request_that_ends_is_followed_by_the_next_at_once(place, sender, monkeypatch):
    monkeypatch.setattr(nats_receiver, "EXPIRES_S", 1.0)
    monkeypatch.setattr(nats_receiver, "HEARTBEAT_S", 0.4)
    receiver = await place.receiver(US)
    waits = []
    async with taking(receiver, Lane.INTERACTIVE) as taken:
        for number in range(60):
            name = f"m{number}"
            begin = time.monotonic()
            await send_for_certain(sender, subject_of(Lane.INTERACTIVE), name.encode(), name)
            await until(lambda wanted=name: wanted in taken.first_at)
            waits.append(taken.first_at[name] - begin)
            await asyncio.sleep(0.05)
    assert max(waits) < 0.4, "shorter than any of its own waits"
    await receiver.close()


async def test_no_more_is_in_hand_than_a_batch_while_it_is_busy(place, sender):
    batch = LANE_LIMITS[Lane.RETRACTION].batch
    await send_many(sender, 3 * batch, lane=Lane.RETRACTION)
    receiver = await place.receiver(US)
    pull = await receiver.pull(Lane.RETRACTION)
    (first, *_) = await pull.next(1, 5.0)
    async with asyncio.timeout(10):
        while (lag := await sender.lag(US, Lane.RETRACTION)).in_hand < batch:
            continue
    assert (batch, 2 * batch) == (lag.in_hand, lag.waiting)
    assert 1 == first.number
    await receiver.close()


async def test_both_wait_where_a_lane_is_not_there_yet(place, sender):
    """The server says that nobody answers; the puller asks again without haste until somebody does."""
    await without_lanes(place)
    receiver = await place.receiver(US)
    async with taking(receiver, Lane.BULK) as taken:
        await asyncio.sleep(1.0)
        await sender.prepare([US])
        await send_many(sender, 1)
        await until(lambda: taken.first_at, most_s=10)
    assert {"m0"} == taken.first_at.keys()
    await receiver.close()


async def without_lanes(place):
    """Its operator ends the lanes to us-west."""
    link = await NatsLink.open(place.login_of("operator"))
    for lane in Lane:
        await link.client.request(f"$JS.API.STREAM.DELETE.FED_{EU}_{US}_{lane}", b"", timeout=5)
    await link.close()
