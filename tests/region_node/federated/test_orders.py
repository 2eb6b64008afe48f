"""Whatever comes twice, in another order, or after it was taken back: the end is that of what was sent."""

import asyncio
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.catalogue import CATALOGUE, Scope
from policies.vocabulary import Purpose
from region_node.federated.tables import PROJECTION_KEYS, PROJECTIONS
from region_node.ids import new_person_id
from region_node.storage.engine import KEYS, SHARED
from tests.support.envelopes import EXAMPLES, envelope_of
from tests.support.receiving import (
    Receiving,
    erased,
    handed,
    reference,
    retracted,
    sent,
    withdrawn,
    workout,
)

KEPT = [event for event in CATALOGUE.values() if event.kind and event.retracts is None]
MAKERS = {
    "a": lambda count, **of: workout(count, str(count), aggregateid="a", **of),
    "b": lambda count, **of: workout(count, str(count), aggregateid="b", **of),
    "retract a": lambda count, **of: retracted(count, aggregateid="a", **of),
    "withdraw": withdrawn,
    "erase": erased,
}
HISTORIES = st.lists(st.sampled_from(list(MAKERS)), min_size=1, max_size=7)


def left(history, aggregate):
    """The count whose projection of *aggregate* is there after all of *history*, as it happened at home."""
    if "erase" in history:
        return None
    now = None
    for count, what in enumerate(history, 1):
        if what == aggregate:
            now = count
        elif what in {f"retract {aggregate}", "withdraw"}:
            now = None
    return now


@given(history=HISTORIES, data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_end_is_the_same_in_any_order_and_however_often(region, history, data):
    sends = list(enumerate(history, 1))
    again = data.draw(st.lists(st.sampled_from(sends), max_size=4))
    order = data.draw(st.permutations([*sends, *again]))
    subject = new_person_id("eu")
    await region.hand(*(handed(MAKERS[what](count, subject=subject), count) for count, what in order))
    seen = await region.shown(*(reference(subject=subject, aggregate_id=name) for name in "ab"))
    expected = [left(history, "a"), left(history, "b")]
    assert [count and str(count) for count in expected] == [one and one.data["title"] for one in seen]


def example(event, count, **changes):
    values = envelope_of(event).data
    return sent(event, count, data=values, aggregateid="one", **changes)


def back(event, count, scope):
    if scope is Scope.AGGREGATE:
        data = {"person_id": EXAMPLES["person_id"], "purpose": event.purpose, "kind": event.kind}
        return sent(CATALOGUE["projection.retracted"], count, data=data, aggregateid="one")
    if scope is Scope.PURPOSE:
        data = {"person_id": EXAMPLES["person_id"], "purpose": event.purpose}
        return sent(CATALOGUE["purpose.withdrawn"], count, data=data)
    return erased(count)


@pytest.mark.parametrize("event", KEPT, ids=lambda event: event.name)
class TestEveryTypeThatIsKept:
    def where(self, event):
        return reference(purpose=Purpose(event.purpose), kind=event.kind, aggregate_id="one")

    async def test_delivered_twice_it_stands_once(self, region, event):
        calls = []
        region.handlers.join(event.name, lambda arrived: noted(calls, arrived))
        await region.hand(*[handed(example(event, 1), 1)] * 2)
        (seen,) = await region.shown(self.where(event))
        assert (event.name, [1, 1]) == (seen.type, [number & 0xFF for number in calls])

    async def test_out_of_order_the_newer_stands_and_handlers_hear_of_it_alone(self, region, event):
        calls = []
        region.handlers.join(event.name, lambda arrived: noted(calls, arrived))
        await region.hand(handed(example(event, 2), 2), handed(example(event, 1), 1))
        (seen,) = await region.shown(self.where(event))
        assert ([2], 2) == ([number & 0xFF for number in calls], seen.number & 0xFF)

    @pytest.mark.parametrize("scope", list(Scope))
    async def test_after_it_was_taken_back_it_is_not_kept_and_no_handler_hears(self, region, event, scope):
        calls = []
        region.handlers.join(event.name, lambda arrived: noted(calls, arrived))
        await region.hand(handed(back(event, 2, scope), 1), handed(example(event, 1), 1))
        assert ([None], []) == (await region.shown(self.where(event)), calls)


async def noted(calls, arrived):
    calls.append(arrived.number)


@pytest.mark.parametrize("first", ["the erasure", "the key"])
async def test_a_key_that_is_made_while_its_owner_is_erased_does_not_stay(region, monkeypatch, first):
    other = Receiving(region.engine, region.ring, region.network)
    ensure = region.keys.ensure

    async def made(*owner):
        key = await ensure(*owner) if first == "the key" else None
        await other.hand(handed(erased(9), 1))
        return key or await ensure(*owner)

    monkeypatch.setattr(region.keys, "ensure", made)
    await region.hand(handed(workout(1), 1))
    assert ([], None) == await region.engine.scan(SHARED, PROJECTIONS, None, 9)
    assert ([], None) == await region.engine.scan(KEYS, PROJECTION_KEYS, None, 9)


@pytest.mark.parametrize("seed", range(6))
async def test_an_erasure_at_the_same_time_as_what_it_takes_back_leaves_nothing(region, monkeypatch, seed):
    """Two nodes of a region: each write of either may fall between any two of the other."""
    dice = random.Random(seed)  # noqa: S311 - spreads steps, guards nothing
    slow_down(region.engine, monkeypatch, dice)
    other = Receiving(region.engine, region.ring, region.network)
    ways = [handed(workout(count, aggregateid=str(count)), count) for count in range(1, 5)]
    way, parcel = handed(erased(9), 1)

    async def at_any_time():
        await asyncio.sleep(dice.random() * 0.03)
        await other.ingress.take(way, [parcel])

    await asyncio.gather(region.ingress.take(ways[0][0], [one for _, one in ways]), at_any_time())
    monkeypatch.undo()
    assert ([], None) == await region.engine.scan(SHARED, PROJECTIONS, None, 9)
    assert ([], None) == await region.engine.scan(KEYS, PROJECTION_KEYS, None, 9)


def slow_down(engine, monkeypatch, dice):
    for name in ("get", "slice", "write", "claim", "release"):
        method = getattr(engine, name)

        async def later(*arguments, method=method):
            await asyncio.sleep(dice.random() * 0.005)
            return await method(*arguments)

        monkeypatch.setattr(engine, name, later)
