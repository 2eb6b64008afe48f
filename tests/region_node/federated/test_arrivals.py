"""Holes are found, asked for once, and hide what may have been taken back; leases rest on what was heard."""

import asyncio
from datetime import timedelta

import pytest

from federation.beacons import LaneSign
from federation.inbound import Way
from federation.topology import Lane
from region_node.federated import arrivals
from region_node.federated.arrivals import LeaseClock
from region_node.storage.errors import StorageUnavailable
from tests.support.envelopes import NOON
from tests.support.federation import BR, EU, US
from tests.support.receiving import (
    beat,
    handed,
    receiving,
    reference,
    retracted,
    send,
    signed_beacon,
    workout,
)

LEASE_S = workout(1)[0].lease_s
BULK, BACK = Way(EU, Lane.BULK), Way(EU, Lane.RETRACTION)


async def told(region, number, *, at=NOON, behind=0, attempt=1, **lanes):
    """Hand over a beacon with that number, by which lanes are empty unless told otherwise."""
    empty = {lane: LaneSign(first_kept=1, last=0) for lane in Lane}
    way, parcel = signed_beacon(number, at, empty | {Lane[name]: sign for name, sign in lanes.items()})
    parcel.behind, parcel.attempt = behind, attempt
    await region.hand((way, parcel))
    return parcel


def sign(first_kept, last=None, erased=()):
    return LaneSign(first_kept=first_kept, last=first_kept - 1 if last is None else last, erased=erased)


class TestLease:
    async def test_nothing_is_served_before_its_origin_was_heard(self, region):
        await region.hand(handed(workout(1), 1))
        assert [None] == await region.seen()
        await region.beat()
        assert [None] != await region.seen()

    async def test_it_ends_so_long_after_the_last_beacon_and_begins_with_the_next(self, region):
        await region.hand(handed(workout(1), 1))
        await region.beat()
        region.clock.at += LEASE_S - 1
        assert [None] != await region.seen()
        region.clock.at += 2
        assert [None] == await region.seen()
        await region.beat()
        assert [None] != await region.seen()

    async def test_it_counts_from_when_the_beacon_was_handed_over(self, region):
        await region.hand(handed(workout(1), 1))
        await region.beat()
        assert 0.0 == region.lease.age_s(EU)
        assert region.lease.age_s(US) is None

    async def test_a_beacon_with_others_behind_it_renews_nothing(self, region):
        await region.hand(handed(workout(1), 1))
        await told(region, 1, behind=1)
        assert [None] == await region.seen()

    async def test_a_beacon_that_came_again_renews_nothing(self, region):
        """What was lost with the link that it first came by may have been sent after it."""
        await region.hand(handed(workout(1), 1))
        await told(region, 1, attempt=2)
        assert [None] == await region.seen()

    async def test_a_beacon_renews_nothing_while_a_retraction_before_it_is_missing(self, region):
        await region.hand(handed(workout(1), 1))
        await told(region, 2, RETRACTION=sign(1, 1))
        assert [None] == await region.seen()
        await region.hand(handed(retracted(2, aggregateid="other"), 1))
        await told(region, 3, RETRACTION=sign(3, 2))
        assert [None] != await region.seen()

    async def test_another_process_learns_of_it_from_the_store(self, region):
        other = LeaseClock(region.clock)
        book = type(region.arrivals)(
            engine=region.engine,
            region=US,
            lease=other,
            ask_republish=region.arrivals.ask_republish,
            clock=region.clock,
        )
        await region.beat()
        await book.refresh()
        assert other.age_s(EU) is None, "when the first that it sees was heard it cannot know"
        region.clock.at += 10
        await region.beat()
        region.clock.at += 1
        await book.refresh()
        assert 11.0 == other.age_s(EU), "since the look before this one, at the earliest"
        await region.arrivals.refresh()
        assert 1.0 == region.lease.age_s(EU)


class TestHoles:
    async def test_what_is_lost_is_asked_for_once(self, region):
        await region.hand(handed(workout(1), 1), handed(workout(2), 4))
        for number in (1, 2):
            await told(region, number, BULK=sign(5), RETRACTION=sign(number))
        assert [(EU, Lane.BULK, [(2, 3)])] == region.asked

    async def test_what_may_still_come_is_not_asked_for(self, region):
        await region.hand(handed(workout(2), 4))
        await told(region, 1, BULK=sign(1, 4))
        assert [] == region.asked

    async def test_what_was_erased_on_purpose_is_not_asked_for(self, region):
        await region.hand(handed(workout(2), 4))
        await told(region, 1, BULK=sign(5, erased=(1, 2, 3)))
        assert [] == region.asked

    async def test_a_fault_while_asking_asks_again(self, region):
        await region.hand(handed(workout(2), 4))
        region.asking_fails = True
        with pytest.raises(StorageUnavailable):
            await told(region, 1, BULK=sign(5))
        region.asking_fails = False
        await told(region, 1, BULK=sign(5))
        assert [(EU, Lane.BULK, [(1, 3)])] == region.asked

    async def test_after_a_lost_retraction_only_what_is_sent_again_is_served(self, region):
        other = reference(aggregate_id="b")
        await region.hand(handed(workout(1), 1), handed(workout(2, aggregateid="b"), 2))
        await told(region, 3, RETRACTION=sign(3, 2), BULK=sign(3))
        assert [(EU, Lane.RETRACTION, [(1, 2)])] == region.asked
        assert [None, None] == await region.seen(reference(), other)
        await region.hand(handed(workout(3), 3))
        assert [False, True] == [one is None for one in await region.seen(reference(), other)]

    async def test_streams_that_began_anew_are_noticed_and_all_is_asked_for(self, region):
        await region.hand(handed(workout(1), 1), handed(retracted(2, aggregateid="x"), 1))
        await told(region, 2, RETRACTION=sign(2, 1), BULK=sign(2))
        assert [None] != await region.seen()
        await told(region, 1, at=NOON + timedelta(seconds=9))
        assert {(EU, Lane.BULK, ((1, 1),)), (EU, Lane.RETRACTION, ((1, 2),))} == {
            (origin, lane, tuple(ranges)) for origin, lane, ranges in region.asked
        }
        assert [None] == await region.seen()
        await region.hand(handed(workout(3), 1))
        assert [None] != await region.seen()

    async def test_the_same_beacon_again_or_an_older_one_is_no_new_beginning(self, region):
        for number, seconds in ((1, 0), (2, 5), (2, 5), (1, 0)):
            await told(region, number, at=NOON + timedelta(seconds=seconds), RETRACTION=sign(number))
        assert [] == region.asked

    async def test_numbers_with_gaps_without_end_do_not_grow_the_book(self, region, monkeypatch):
        monkeypatch.setattr(arrivals, "MAX_RANGES", 10)
        for begin in range(0, 400, 40):
            await region.arrivals.mark(BULK, range(begin + 1, begin + 40, 2))
        state = await region.arrivals._read(BULK)
        assert len(state.heard.ranges) <= 10
        assert state.heard.has(399)
        assert region.asked

    async def test_nodes_that_mark_at_the_same_time_lose_nothing(self, region):
        await asyncio.gather(*(region.arrivals.mark(BULK, [number]) for number in range(1, 33)))
        assert await region.arrivals.has(BULK, range(1, 33))


async def test_a_beacon_travels_with_the_rest_of_the_lane(region):
    """As a real origin sends it: behind what it speaks of."""
    await send(region.network, workout(1))
    await send(region.network, retracted(2, aggregateid="x"))
    await beat(region.network, EU, US, NOON)
    assert (1, 2) == (await region.take(Lane.BULK), await region.take(Lane.RETRACTION))
    assert [None] != await region.seen()
    assert [] == region.asked


class TestWhatIsNeverServedAgain:
    async def removed(self, region, days=0):
        over = await region.arrivals.over(NOON + timedelta(days=days))
        return await region.projections.remove(over)

    async def test_what_came_before_a_lost_retraction_is_removed_and_what_was_sent_again_stays(self, region):
        await region.hand(handed(workout(1), 1), handed(workout(2, aggregateid="b"), 2))
        await told(region, 3, RETRACTION=sign(3, 2), BULK=sign(3))
        await region.hand(handed(workout(3), 3))
        assert (1, 0) == (await self.removed(region), await self.removed(region))
        seen = await region.seen(reference(aggregate_id="b"), reference())
        assert [True, False] == [one is None for one in seen]

    async def test_what_is_of_an_origin_that_was_not_heard_for_a_month_is_removed(self, region):
        await region.hand(handed(workout(1), 1))
        await region.beat()
        assert (0, 1) == (await self.removed(region, 29), await self.removed(region, 31))

    async def test_what_another_region_keeps_in_the_same_store_is_not_touched(self, region, tmp_path):
        async with receiving(tmp_path, BR, region.network) as other:
            await other.hand(handed(workout(1), 1, here=BR))
            await region.beat()
            assert 0 == await self.removed(region, 99)
