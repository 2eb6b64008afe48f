"""Pointers: in one batch with the change they announce, found until they are marked."""

from datetime import UTC, datetime, timedelta

import pytest

from region_node.storage.engine import MAX_PAGE, CreateTable, Put
from region_node.storage.errors import BatchTooLarge
from region_node.storage.outbox import (
    BUCKET,
    EVENT,
    OUTBOX,
    WORK,
    Outbox,
    bucket_of,
    buckets_between,
)
from region_node.storage.store import TenantStore
from tests.contracts.storage.declared import ITEMS

NOW = datetime.now(UTC)


@pytest.fixture
async def store(engine, space):
    await engine.apply(space, [CreateTable(OUTBOX)])
    return TenantStore(engine, None, "t1", space)


def pointer(store, number=1, kind=EVENT):
    return Outbox(store).pointer(kind, "workout.created", "eu_p1", f"w{number}", number)


async def found(store, first=NOW - BUCKET, last=None):
    """From the run's begin until now, however long other tests took in between."""
    until = last or datetime.now(UTC) + 2 * BUCKET
    return [p async for p in Outbox(store).open_pointers(buckets_between(first, until))]


async def test_a_change_and_its_pointer_appear_together(store):
    made = pointer(store)
    await store.write(Put(ITEMS, {"box": "a", "position": 1, "value": "v"}), made.put())
    assert await store.get(ITEMS, "a", 1) is not None
    assert [made] == await found(store)


async def test_neither_appears_when_the_batch_is_refused(store):
    too_large = Put(ITEMS, {"box": "a", "position": 1, "value": "x" * 60_000})
    with pytest.raises(BatchTooLarge):
        await store.write(too_large, pointer(store).put())
    assert (None, []) == (await store.get(ITEMS, "a", 1), await found(store))


async def test_what_is_marked_is_not_found_again_and_marking_can_be_repeated(store):
    done, left = pointer(store, 1), pointer(store, 2, WORK)
    await store.write(done.put(), left.put())
    for _ in range(2):
        await Outbox(store).mark_done(done)
    assert [left] == await found(store)


async def test_a_pointer_that_appears_late_in_an_old_bucket_is_found(store):
    made = pointer(store)
    late = type(made)(
        **{name: getattr(made, name) for name in made.__slots__}
        | {"bucket": bucket_of(NOW - timedelta(hours=5))}
    )
    await store.write(late.put())
    assert [] == await found(store)
    assert [late] == await found(store, NOW - timedelta(hours=6))


async def test_a_bucket_of_many_pages_is_walked_to_its_end(store):
    made = [pointer(store, number) for number in range(MAX_PAGE + 5)]
    for begin in range(0, len(made), 200):
        await store.write(*(p.put() for p in made[begin : begin + 200]))
    assert {p.pointer_id for p in made} == {p.pointer_id for p in await found(store)}


async def test_pointers_of_other_tenants_are_not_found(store, engine, space):
    await store.write(pointer(store).put())
    assert [] == await found(TenantStore(engine, None, "t2", space))


def test_buckets_follow_each_other_without_a_gap_or_an_overlap():
    first = datetime(2030, 12, 31, 23, 58, 30, tzinfo=UTC)
    buckets = buckets_between(first, first + timedelta(minutes=3))
    assert [first.replace(second=0) + n * BUCKET for n in range(4)] == buckets
    assert buckets == [bucket_of(bucket) for bucket in buckets]


def test_a_pointer_lies_in_the_bucket_of_its_making():
    made = Outbox(TenantStore(None, None, "t1", "eu")).pointer(EVENT, "person.created", "eu_p", "eu_p", 1)
    assert made.bucket in {bucket_of(made.made_at), bucket_of(made.made_at + timedelta(seconds=1))}
