"""One holder at a time, for no longer than a lease."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from region_node.ids import name_of
from region_node.storage import leases
from region_node.storage.engine import CreateTable
from region_node.storage.errors import StorageUnavailable
from region_node.storage.leases import LEASES, Leases, LeaseTaken
from region_node.storage.store import TenantStore


@pytest.fixture
async def store(engine, space):
    await engine.apply(space, [CreateTable(LEASES)])
    return TenantStore(engine, None, "t1", space)


def taken(ends_at, holder="killed"):
    return {"scope": "s", "name": name_of("a"), "holder": holder, "ends_at": ends_at.replace(microsecond=0)}


async def test_of_many_at_once_one_is_inside(store):
    inside, most, entries = 0, 0, []

    async def work(number):
        nonlocal inside, most
        async with Leases(store).hold("s", "a"):
            inside += 1
            most = max(most, inside)
            entries.append(number)
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(work(number) for number in range(6)))
    assert (1, list(range(6))) == (most, sorted(entries))


async def test_other_aggregates_scopes_and_tenants_are_not_in_the_way(store, engine, space):
    own, other_tenant = Leases(store), Leases(TenantStore(engine, None, "t2", space))
    async with own.hold("s", "a"), own.hold("s", "b"), own.hold("r", "a"), other_tenant.hold("s", "a"):
        assert await store.get(LEASES, "s", name_of("a")) is not None


async def test_a_lease_is_given_back_whatever_happens_inside(store):
    with pytest.raises(KeyError):
        async with Leases(store).hold("s", "a"):
            raise KeyError("inside")
    assert await store.get(LEASES, "s", name_of("a")) is None


async def test_the_lease_of_a_killed_holder_passes_on_to_one_when_it_has_ended(store):
    await store.claim(LEASES, taken(datetime.now(UTC) - timedelta(seconds=2)))
    await test_of_many_at_once_one_is_inside(store)


async def test_who_waits_too_long_is_told_to_come_back(store, monkeypatch):
    monkeypatch.setattr(leases, "PATIENCE", timedelta(0))
    await store.claim(LEASES, taken(datetime.now(UTC) + timedelta(hours=1), "busy"))
    with pytest.raises(StorageUnavailable) as caught:
        async with Leases(store).hold("s", "a"):
            pytest.fail("two holders")
    assert caught.value.retry_after_s > 0
    assert "busy" == (await store.get(LEASES, "s", name_of("a")))["holder"]


async def test_a_holder_whose_lease_was_taken_over_does_not_take_it_back(store):
    async with Leases(store).hold("s", "a"):
        own = await store.get(LEASES, "s", name_of("a"))
        later = taken(datetime.now(UTC) + timedelta(hours=1), "next")
        assert (await store.swap(LEASES, {"holder": own["holder"]}, later)).won
    assert "next" == (await store.get(LEASES, "s", name_of("a")))["holder"]


async def test_a_block_that_takes_too_long_is_cancelled_and_its_lease_given_back(store, monkeypatch):
    monkeypatch.setattr(leases, "MAX_HELD_S", 0.01)
    with pytest.raises(StorageUnavailable):
        async with Leases(store).hold_briefly("s", "a"):
            await asyncio.Event().wait()
    assert await store.get(LEASES, "s", name_of("a")) is None


async def test_a_lease_that_is_kept_is_left_to_its_holder_and_is_free_afterwards(store):
    own, other = Leases(store), Leases(store)
    async with own.keep("s", "a"):
        with pytest.raises(LeaseTaken):
            async with other.keep("s", "a"):
                pytest.fail("two holders")
    async with other.keep("s", "a"):
        assert await store.get(LEASES, "s", name_of("a")) is not None
    assert await store.get(LEASES, "s", name_of("a")) is None


async def test_a_lease_that_is_kept_is_renewed_before_its_time_is_over(store, monkeypatch):
    monkeypatch.setattr(leases, "RENEW_EVERY_S", 0.01)
    async with asyncio.timeout(10), Leases(store).keep("s", "a"):
        own = await store.get(LEASES, "s", name_of("a"))
        nearly_over = {**own, "ends_at": own["ends_at"] - leases.LEASE}
        assert (await store.swap(LEASES, {"holder": own["holder"]}, nearly_over)).won
        while (await store.get(LEASES, "s", name_of("a")))["ends_at"] < own["ends_at"]:  # noqa: ASYNC110 - another process may be who renews
            await asyncio.sleep(0.01)


async def test_who_has_lost_the_lease_they_kept_is_stopped(store, monkeypatch):
    monkeypatch.setattr(leases, "RENEW_EVERY_S", 0.01)

    async def lose_it():
        async with asyncio.timeout(10), Leases(store).keep("s", "a"):
            own = await store.get(LEASES, "s", name_of("a"))
            later = taken(datetime.now(UTC) + timedelta(hours=1), "next")
            assert (await store.swap(LEASES, {"holder": own["holder"]}, later)).won
            await asyncio.Event().wait()

    with pytest.raises(StorageUnavailable):
        await lose_it()
    assert "next" == (await store.get(LEASES, "s", name_of("a")))["holder"]
