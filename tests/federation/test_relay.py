"""From outbox to stream: real rows, a real broker; what the hand-over lost the sweep finds."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from ulid import ULID

from cli.servers.nats import NatsServer
from federation.adapters.nats_bus import NatsBus
from federation.catalogue import CATALOGUE, CatalogueError, catalogue_of
from federation.errors import BusUnavailable
from federation.relay import Relay, decode_event, encode_event
from federation.topology import EVENT_STREAM, HISTORY
from policies.vocabulary import Purpose
from region_node.schema import MIGRATIONS
from region_node.storage.outbox import EVENT, WORK, Outbox, bucket_of, buckets_between
from region_node.storage.store import TenantStore
from region_node.workers import outboxes
from region_node.workers.outboxes import NodeOutboxes
from tests.contracts.bus.test_bus import address, until_away, until_back
from tests.support.storage import open_stores

TYPES = ("workout.created", "workout.updated", "workout.deleted", "person.created", "person.updated")


@pytest.fixture
async def stores(tmp_path):
    opened = await open_stores(tmp_path, MIGRATIONS)
    yield opened
    await opened.engine.close()


@pytest.fixture
async def server(tmp_path):
    started = NatsServer(tmp_path / "nats")
    await asyncio.to_thread(started.start)
    yield started
    await asyncio.to_thread(started.stop)


@pytest.fixture
async def bus(server):
    opened = await NatsBus.open(address(server))
    await opened.prepare([EVENT_STREAM], [HISTORY])
    yield opened
    await opened.close()


class Node:
    """A relay over the outboxes of two tenants; `faults` is what it complained of."""

    def __init__(self, stores, bus):
        self.views = [
            stores.of(tenant, place, Purpose.ACCOUNT, rights=True)
            for tenant in ("t1", "t2")
            for place in sorted(stores.held)
        ]
        self.outboxes = NodeOutboxes(lambda: self.views)
        self.faults = []
        self.relay = Relay(bus, self.outboxes, self.faults.append)

    async def written(self, view=0, type_=TYPES[0], kind=EVENT, age=timedelta(0)):
        """A pointer in its row, as if made *age* ago."""
        outbox = Outbox(self.views[view])
        pointer = outbox.pointer(kind, type_, "eu_p1", "w1", 3)
        if age:
            pointer = aged(pointer, age)
        await self.views[view].write(pointer.put())
        return pointer

    async def left_open(self, kind=EVENT):
        """Every open pointer of this kind, however young."""
        now = datetime.now(UTC)
        buckets = buckets_between(now - timedelta(hours=3), now + timedelta(minutes=1))
        return [p for view in self.views async for p in Outbox(view).open_pointers(buckets) if p.kind == kind]


def aged(pointer, age):
    moment = pointer.made_at - age
    names = {name: getattr(pointer, name) for name in pointer.__slots__}
    made = str(ULID.from_datetime(moment)).lower()
    return type(pointer)(**names | {"pointer_id": made, "bucket": bucket_of(moment)})


@pytest.fixture
def node(stores, bus):
    return Node(stores, bus)


async def received(bus, wait_s=0.4):
    pull, events = await bus.pull(HISTORY), []
    while deliveries := await pull.next(50, wait_s):
        for delivery in deliveries:
            events.append(decode_event(delivery.body))
            await delivery.ack()
    return events


async def test_a_pointer_that_is_handed_over_is_published_and_marked(node, bus):
    pointers = [await node.written(view, type_) for view in range(4) for type_ in TYPES]
    running = asyncio.create_task(node.relay.run())
    for pointer in pointers:
        node.relay.hand_over(pointer)
    events = await received(bus)
    running.cancel()
    assert {p.pointer_id for p in pointers} == {event.event_id for event in events}
    assert {("t1", "br"), ("t1", "eu"), ("t2", "br"), ("t2", "eu")} == {
        (event.tenant, event.jurisdiction) for event in events
    }
    assert [] == await node.left_open()


async def test_what_the_hand_over_lost_is_found_by_the_sweep(node, bus):
    lost = await node.written(age=timedelta(seconds=10))
    late = await node.written(view=3, age=timedelta(hours=2))
    assert 2 == await node.relay.sweep()
    assert {lost.pointer_id, late.pointer_id} == {event.event_id for event in await received(bus)}
    assert [] == await node.left_open()
    assert 0 == await node.relay.sweep()


async def test_a_sweep_leaves_the_youngest_to_the_hand_over_and_work_to_others(node):
    young = await node.written()
    work = await node.written(kind=WORK, type_="upload.import", age=timedelta(seconds=10))
    assert 0 == await node.relay.sweep()
    assert [young] == await node.left_open()
    assert [work] == [pointer async for pointer in node.outboxes.open_work()]


async def test_later_sweeps_go_back_to_the_oldest_open_row_and_no_further(node, monkeypatch):
    asked = []

    def watched(first, last):
        asked.append(first)
        return buckets_between(first, last)

    monkeypatch.setattr(outboxes, "buckets_between", watched)
    open_work = await node.written(kind=WORK, type_="upload.import", age=timedelta(minutes=30))
    for _ in range(2):
        assert [open_work] == [pointer async for pointer in node.outboxes.open_work()]
    recent = [begin for begin in asked if datetime.now(UTC) - begin < timedelta(minutes=5)]
    assert [open_work.bucket] * 2 == sorted(set(asked) - set(recent)) * 2 == [asked[0], asked[4]]
    assert 6 == len(recent)


async def test_what_was_published_but_not_marked_is_stored_once(node, bus):
    pointer = await node.written(age=timedelta(seconds=10))
    await bus.publish("event.br.workout-created", encode_event(pointer), pointer.pointer_id)
    await node.relay.sweep()
    assert [pointer.pointer_id] == [event.event_id for event in await received(bus)]
    assert [] == await node.left_open()


async def test_a_type_that_nobody_declared_never_leaves_and_holds_nothing_back(node, bus):
    await node.written(type_="person.leaked", age=timedelta(seconds=20))
    good = await node.written(age=timedelta(seconds=10))
    assert 1 == await node.relay.sweep()
    assert [good.pointer_id] == [event.event_id for event in await received(bus)]
    assert ["person.leaked" in str(fault) for fault in node.faults] == [True]
    assert ["person.leaked"] == [pointer.type for pointer in await node.left_open()]


async def test_while_the_broker_is_away_nothing_is_lost_or_marked(node, bus, server):
    pointers = [await node.written(age=timedelta(seconds=10 + n)) for n in range(3)]
    await asyncio.to_thread(server.kill)
    await until_away(bus)
    with pytest.raises(BusUnavailable):
        await node.relay.sweep()
    assert 3 == len(await node.left_open())
    await asyncio.to_thread(server.start)
    await until_back(bus)
    assert 3 == await node.relay.sweep()
    assert {p.pointer_id for p in pointers} == {event.event_id for event in await received(bus, 1.0)}


def test_a_message_carries_ids_and_nothing_else():
    view = TenantStore(None, None, "t1", "eu")
    pointer = Outbox(view).pointer(EVENT, TYPES[0], "eu_p1", "w1", 3)
    event = decode_event(encode_event(pointer))
    assert (pointer.pointer_id, TYPES[0], "t1", "eu", "eu_p1", "w1", 3) == (
        event.event_id,
        event.type,
        event.tenant,
        event.jurisdiction,
        event.person_id,
        event.aggregate_id,
        event.version,
    )


def test_a_number_or_a_name_is_used_once():
    one, other = list(CATALOGUE.values())[:2]
    with pytest.raises(CatalogueError):
        catalogue_of(one, one)
    assert {one.name: one, other.name: other} == catalogue_of(one, other)


async def test_a_pointer_is_done_when_egress_is_through_as_well(node, bus):
    left, fails = [], [True]

    async def leave(pointer):
        if fails.pop():
            raise OSError
        left.append(pointer.aggregate_id)

    node.relay = Relay(bus, node.outboxes, node.faults.append, leave)
    await node.written(age=timedelta(minutes=1))
    assert 0 == await node.relay.sweep()
    assert 1 == len(await node.left_open())
    fails.append(False)
    assert 1 == await node.relay.sweep()
    assert (["w1"], []) == (left, await node.left_open())


async def test_what_takes_back_goes_before_the_bulk_that_waits(node, bus):
    left, through = [], asyncio.Event()

    async def leave(pointer):
        left.append(pointer.type)
        if len(left) == 4:
            through.set()

    node.relay = Relay(bus, node.outboxes, node.faults.append, leave)
    for type_ in ("workout.created", "workout.updated", "standing.changed", "workout.deleted"):
        node.relay.hand_over(await node.written(type_=type_))
    running = asyncio.create_task(node.relay.run())
    await through.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert {"standing.changed", "workout.deleted"} == set(left[:2])
