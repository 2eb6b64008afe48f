"""What the broker of a region promises, proven on the real nats-server and on the one in memory."""

import asyncio
import time
import uuid
from dataclasses import replace

import pytest

from cli.servers.nats import NatsServer
from federation.adapters.memory_bus import MemoryBus
from federation.adapters.nats_bus import NatsBus
from federation.adapters.nats_login import NatsPassword
from federation.errors import BusUnavailable
from federation.ports import Backlog
from federation.topology import Consumer, Retention, Stream
from region_node.settings import read_secret


def address(server):
    password = read_secret(server.password_file)
    return NatsPassword(url=server.url, username=server.username, password=password)


class Place:
    """A stream and a consumer that no other test has."""

    def __init__(self, **stream):
        self.name = f"T{uuid.uuid4().hex[:12]}"
        settings = {"retention": Retention.WORK, "max_bytes": 1024 * 1024, "max_age_s": 3600.0} | stream
        self.stream = Stream(name=self.name, subjects=(f"{self.name}.>",), **settings)
        self.consumer = Consumer(stream=self.name, name="c", subject=f"{self.name}.>", ack_wait_s=1.0)
        self.subject = f"{self.name}.a"


@pytest.fixture
def place():
    return Place()


@pytest.fixture(params=["memory", "nats"])
async def bus(request):
    if request.param == "memory":
        yield MemoryBus()
        return
    opened = await NatsBus.open(address(request.getfixturevalue("nats_server")))
    yield opened
    await opened.close()


@pytest.fixture
async def pull(bus, place):
    await bus.prepare([place.stream], [place.consumer])
    return await bus.pull(place.consumer)


async def bodies(pull, most=10, wait_s=0.3):
    return [delivery.body for delivery in await pull.next(most, wait_s)]


async def test_what_was_published_is_delivered_until_it_is_acknowledged(bus, place, pull):
    await bus.publish(place.subject, b"one", "1")
    counted = None
    async with asyncio.timeout(10):  # the broker counts a little after it has acknowledged
        while counted != Backlog(waiting=1, in_hand=0):
            counted = await bus.backlog(place.consumer)
    (delivery,) = await pull.next(10, 1.0)
    assert (b"one", 1) == (delivery.body, delivery.attempt)
    await delivery.ack()
    assert [] == await bodies(pull)


async def test_one_id_is_stored_once(bus, place, pull):
    for body in (b"first", b"again", b"and again"):
        await bus.publish(place.subject, body, "same")
    await bus.publish(place.subject, b"other", "other")
    assert [b"first", b"other"] == await bodies(pull)


async def test_what_nobody_acknowledged_comes_again_with_its_count(bus, place, pull):
    await bus.publish(place.subject, b"one", "1")
    (first,) = await pull.next(1, 1.0)
    assert [] == await bodies(pull)
    (second,) = await pull.next(1, 3.0)
    assert (1, 2) == (first.attempt, second.attempt)


async def test_still_working_keeps_a_delivery_longer_than_its_wait(bus, place, pull):
    await bus.publish(place.subject, b"one", "1")
    (delivery,) = await pull.next(1, 1.0)
    for _ in range(3):
        await asyncio.sleep(0.6)
        await delivery.still_working()
    await delivery.ack()
    assert [] == await bodies(pull, wait_s=1.3)


async def test_what_is_handed_back_comes_no_earlier_than_asked(bus, place, pull):
    await bus.publish(place.subject, b"one", "1")
    (delivery,) = await pull.next(1, 1.0)
    begin = time.monotonic()
    await delivery.retry_after(0.5)
    (again,) = await pull.next(1, 3.0)
    assert time.monotonic() - begin >= 0.45
    assert 2 == again.attempt


async def test_several_are_taken_at_once_and_an_empty_queue_is_no_fault(bus, place, pull):
    for number in range(7):
        await bus.publish(place.subject, str(number).encode(), str(number))
    assert [5, 2, 0] == [len(await bodies(pull, 5)) for _ in range(3)]


async def test_preparing_again_keeps_what_waits(bus, place, pull):
    await bus.publish(place.subject, b"one", "1")
    await bus.prepare([replace(place.stream, max_age_s=7200.0)], [place.consumer])
    assert [b"one"] == await bodies(pull)


async def test_a_subject_that_nobody_keeps_is_not_acknowledged(bus):
    with pytest.raises(BusUnavailable):
        await bus.publish(f"nobody.{uuid.uuid4().hex}", b"one", "1")


async def test_a_full_stream_refuses_and_keeps_the_old(bus):
    full = Place(max_bytes=2048)
    await bus.prepare([full.stream], [full.consumer])
    await bus.publish(full.subject, b"old", "old")
    with pytest.raises(BusUnavailable):
        await asyncio.gather(*(bus.publish(full.subject, b"x" * 1000, str(n)) for n in range(10)))
    assert b"old" == (await bodies(await bus.pull(full.consumer)))[0]


async def test_events_wait_for_every_consumer_that_is_interested(bus):
    events = Place(retention=Retention.INTEREST)
    other = replace(events.consumer, name="other")
    await bus.prepare([events.stream], [events.consumer, other])
    await bus.publish(events.subject, b"one", "1")
    for consumer in (events.consumer, other):
        (delivery,) = await (await bus.pull(consumer)).next(1, 1.0)
        await delivery.ack()
    assert 0 == (await bus.backlog(other)).waiting


async def test_a_wrong_password_is_refused_and_not_shown(nats_server):
    wrong = replace(address(nats_server), password="planted-secret")
    with pytest.raises(BusUnavailable) as caught:
        await NatsBus.open(wrong)
    assert "planted-secret" not in f"{caught.value} {wrong}"


async def test_where_nobody_listens_it_is_away():
    with pytest.raises(BusUnavailable):
        await NatsBus.open(NatsPassword(url="nats://127.0.0.1:1"))


async def test_away_is_said_at_once_and_what_was_acknowledged_is_there_after_a_kill(tmp_path, place):
    server = NatsServer(tmp_path)
    await asyncio.to_thread(server.start)
    try:
        bus = await NatsBus.open(address(server))
        await bus.prepare([place.stream], [place.consumer])
        pull = await bus.pull(place.consumer)
        for number in range(20):
            await bus.publish(place.subject, str(number).encode(), str(number))
        await asyncio.to_thread(server.kill)
        await until_away(bus)
        begin = time.monotonic()
        for call in (bus.publish(place.subject, b"lost", "lost"), bus.ping(), pull.next(1, 5.0)):
            with pytest.raises(BusUnavailable):
                await call
        assert time.monotonic() - begin < 1
        await asyncio.to_thread(server.start)
        await until_back(bus)
        pull = await bus.pull(place.consumer)
        assert {str(number).encode() for number in range(20)} == set(await bodies(pull, 30, 2.0))
        await bus.close()
    finally:
        await asyncio.to_thread(server.stop)


async def until_away(bus):
    async with asyncio.timeout(20):
        while True:
            try:
                await bus.ping()
            except BusUnavailable:
                return


async def until_back(bus):
    async with asyncio.timeout(20):
        while True:
            try:
                return await bus.ping()
            except BusUnavailable:
                await asyncio.sleep(0.05)
