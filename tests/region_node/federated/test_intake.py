"""Lanes are pulled for as long as the node runs; what fails comes again, and holds up nothing else."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from federation import ingress, intake
from federation.envelope import Refusal
from federation.inbound import Way
from federation.intake import Intake
from federation.topology import Lane, federated_stream
from region_node.storage.errors import StorageUnavailable
from tests.support.federation import BR, EU, US
from tests.support.lanes import until
from tests.support.receiving import beat, handed, reference, retracted, send, workout

OTHER = reference(aggregate_id="other")


@pytest.fixture(autouse=True)
def _hasty(monkeypatch):
    monkeypatch.setattr(ingress, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(ingress, "LONGEST_PAUSE_S", 0.05)
    monkeypatch.setattr(intake, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(intake, "WAIT_S", 0.1)
    monkeypatch.setattr(intake, "LONGEST_PAUSE_S", 0.05)


@asynccontextmanager
async def pulling(region, *origins):
    async def opened(origin):
        return region.receiver(origin)

    made = Intake(region.ingress, opened, lambda said, fault: region.faults.append((said, fault)))
    for origin in origins or (EU,):
        made.join(origin)
    try:
        yield made
    finally:
        await made.close()


async def emptied(region, lanes=tuple(Lane)):
    streams = [region.network.brokers[EU].streams[federated_stream(EU, US, lane).name] for lane in lanes]
    await until(lambda: not any(kept.messages for kept in streams), 20)


async def is_seen(region, *references):
    """Once all is in, and a beacon behind it."""
    await emptied(region)
    await beat(region.network, EU, US, region.now)
    await emptied(region)
    return [one is not None for one in await region.seen(*references)]


async def test_what_is_sent_comes_in_by_every_lane(region):
    async with pulling(region):
        for count, lane in enumerate((Lane.BULK, Lane.INTERACTIVE), 1):
            await send(region.network, workout(count, aggregateid=lane), lane=lane)
        await send(region.network, retracted(3, aggregateid="bulk"))
        seen = await is_seen(region, *(reference(aggregate_id=one) for one in ("bulk", "interactive")))
        assert [False, True] == seen


async def test_a_handler_that_fails_now_and_then_is_called_until_it_does_not(region):
    calls = []

    async def fails_twice(arrived):
        calls.append(arrived.number)
        if len(calls) < 3:
            raise RuntimeError("planted")

    region.handlers.join("workout.created", fails_twice)
    async with pulling(region):
        await send(region.network, workout(1))
        assert [True] == await is_seen(region)
    assert (3, {}) == (len(calls), await region.refusals())


async def test_a_handler_that_always_fails_is_given_up_in_sight_of_all_and_the_lane_goes_on(region):
    async def fails(arrived):
        if arrived.envelope.aggregateid == "bad":
            raise RuntimeError("planted")

    region.handlers.join("workout.created", fails)
    async with pulling(region):
        await send(region.network, workout(1, aggregateid="bad"))
        await send(region.network, workout(2))
        assert [True] == await is_seen(region)
    assert {(EU, Refusal.NOT_HANDLED): 1} == await region.refusals()
    assert ingress.MAX_FAULTS == len(region.faults)


async def test_a_deletion_that_fails_is_never_given_up_and_no_lease_is_renewed_meanwhile(region, monkeypatch):
    await region.hand(handed(workout(1), 1))
    deletes, faults = region.projections._deletes, []

    def fails(arrived):
        faults.append(arrived)
        if len(faults) < 2 * ingress.MAX_FAULTS:
            raise RuntimeError("planted")
        return deletes(arrived)

    monkeypatch.setattr(type(region.projections), "_deletes", lambda _, arrived: fails(arrived))
    async with pulling(region):
        await send(region.network, retracted(2))
        await beat(region.network, EU, US, region.now)
        await until(lambda: len(faults) > ingress.MAX_FAULTS)
        assert region.lease.age_s(EU) is None
        assert [False] == await is_seen(region)
    assert (region.lease.age_s(EU), {}) == (0.0, await region.refusals())


async def test_a_handler_that_hangs_is_given_up_as_well(region, monkeypatch):
    monkeypatch.setattr(ingress, "PATIENCE_S", 0.02)

    async def hangs(_):
        await asyncio.Event().wait()

    region.handlers.join("workout.created", hangs)
    async with pulling(region):
        await send(region.network, workout(1))
        await emptied(region)
    assert {(EU, Refusal.NOT_HANDLED): 1} == await region.refusals()


async def test_a_store_that_is_away_is_waited_out_and_nothing_is_given_up(region, monkeypatch):
    write, tries = region.engine.write, []

    async def away(space, writes):
        tries.append(writes)
        if len(tries) < 3 * ingress.MAX_FAULTS:
            raise StorageUnavailable("planted")
        await write(space, writes)

    monkeypatch.setattr(region.engine, "write", away)
    async with pulling(region):
        await send(region.network, workout(1))
        assert [True] == await is_seen(region)
    assert {} == await region.refusals()


async def test_a_retraction_does_not_wait_for_a_lane_that_is_stuck(region):
    stuck = asyncio.Event()

    async def waits(_):
        await stuck.wait()

    await region.hand(handed(workout(1, aggregateid="other"), 1))
    region.handlers.join("workout.created", waits)
    async with pulling(region):
        for count in range(2, 40):
            await send(region.network, workout(count, aggregateid=str(count)))
        await send(region.network, retracted(40, aggregateid="other"))
        await emptied(region, [Lane.RETRACTION])
        assert region.ingress.taken["projection.retracted"] == 1
        assert region.ingress.taken["workout.created"] == 1
        stuck.set()


async def test_an_origin_that_is_away_holds_up_no_other_and_is_joined_when_it_is_back(region):
    region.network.brokers[BR].away = True
    async with pulling(region, BR, EU) as made:
        await send(region.network, workout(1))
        assert [True] == await is_seen(region)
        await until(lambda: made.states()[BR].fault)
        assert (True, False) == (made.states()[EU].up, made.states()[BR].up)
        region.network.brokers[BR].away = False
        await until(lambda: made.states()[BR].up)


async def test_what_is_left_is_pulled_no_more_until_it_is_joined_again(region):
    async with pulling(region) as made:
        made.join(EU)
        await made.leave(EU)
        await made.leave(EU)
        await send(region.network, workout(1))
        assert {} == made.states()
        assert 1 == (await region.network.sender(EU).lag(US, Lane.BULK)).waiting
        made.join(EU)
        assert [True] == await is_seen(region)


async def test_what_cannot_be_acknowledged_comes_again_and_has_effect_once(region):
    way, parcel = handed(workout(1), 1)
    await region.ingress.take(way, [parcel])
    await region.ingress.take(way, [parcel])
    assert ([True], 2) == ([one is not None for one in await region.shown()], parcel.acknowledged)
    assert await region.arrivals.has(Way(EU, Lane.BULK), [1])
