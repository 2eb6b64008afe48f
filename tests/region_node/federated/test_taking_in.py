"""What another region sent is kept, seen while its lease holds, taken back, and receipted."""

import msgspec
import pytest

from federation.receipts import read_receipt, require_receipt_for
from federation.topology import Lane
from policies.vocabulary import Purpose
from region_node.federated.tables import PROJECTION_KEYS, PROJECTIONS
from region_node.storage.engine import KEYS, SHARED
from tests.support.envelopes import KEYRING, PERSON
from tests.support.federation import BR, EU, US
from tests.support.receiving import (
    WORKOUT,
    erased,
    handed,
    receiving,
    reference,
    retracted,
    send,
    withdrawn,
    workout,
)

OTHER = "eu_01hv00000000000000000000cc"


async def taken_in(region, *mades, **way):
    """Sent one after the other, each taken in by its lane."""
    for made in mades:
        await send(region.network, made, **way)
        await region.take(made[0].lane, way.get("origin", EU))


async def receipts_of(region, origin=EU):
    """Those that wait for *origin* at the receiver's own broker, in order."""
    pull = await region.network.receiver(origin, region.here).pull(Lane.RETRACTION)
    parcels = await pull.next(99, 0.0)
    for parcel in parcels:
        await parcel.ack()
    return [parcel.body for parcel in parcels if ".receipt." in parcel.subject]


async def rows(region, space=SHARED, table=PROJECTIONS):
    found, after = await region.engine.scan(space, table, None, 100)
    assert after is None
    return found


async def test_what_was_sent_is_seen_with_the_fields_that_were_allowed(region):
    await taken_in(region, workout(1))
    (seen,) = await region.shown()
    data = {"person_id": PERSON, "workout_id": WORKOUT, "title": "A run", "distance_m": 9.5}
    assert (data, EU, "workout.created", 3) == (seen.data, seen.origin, seen.type, seen.version)


async def test_nothing_of_a_body_lies_in_the_clear_and_keys_name_nobody(region):
    await taken_in(region, workout(1, title="planted-title"))
    (row,) = await rows(region)
    assert b"planted-title" not in row["body"]
    (key,) = await rows(region, KEYS, PROJECTION_KEYS)
    assert (64, "us") == (len(key["owner"]), key["jurisdiction"])


async def test_many_are_read_at_once_in_the_order_asked_with_none_for_what_is_not_there(region):
    mades = [workout(1, aggregateid="a"), workout(2, aggregateid="b"), workout(3, subject=OTHER)]
    await taken_in(region, *mades)
    asked = [
        reference(aggregate_id="b"),
        reference(aggregate_id="never"),
        reference(subject=OTHER),
        reference(aggregate_id="a"),
        reference(tenant="default", purpose=Purpose.CLUB),
    ]
    assert ["b", None, WORKOUT, "a", None] == [
        one and one.reference.aggregate_id for one in await region.shown(*asked)
    ]
    assert [] == await region.projections.get_many([])


@pytest.mark.parametrize("asked", [[reference()] * 101, [reference(), reference(tenant="other")]])
async def test_a_read_has_bounds(region, asked):
    with pytest.raises(ValueError, match="at most 100"):
        await region.projections.get_many(asked)


async def test_one_tenant_sees_nothing_of_another(region):
    await taken_in(region, workout(1, tenant="other"))
    assert [None] == await region.shown()
    assert [None] != await region.shown(reference(tenant="other"))


@pytest.mark.parametrize(("back", "count"), [(retracted(9), 1), (withdrawn(9), 2), (erased(9), 2)])
async def test_what_takes_back_deletes_counts_and_is_answered_by_a_receipt(region, back, count):
    await taken_in(region, workout(1), workout(2, aggregateid="b"), workout(3, subject=OTHER))
    await taken_in(region, back)
    gone = await region.shown(reference(), reference(aggregate_id="b"), reference(subject=OTHER))
    assert [True, count == 2, False] == [one is None for one in gone]
    (body,) = await receipts_of(region)
    receipt = read_receipt(body, KEYRING)
    asked = msgspec.structs.replace(back[1], source=f"urn:meridian:region:{EU}", destination=US)
    require_receipt_for(asked, receipt)
    assert (count, US) == (receipt.removed, receipt.region)


async def test_a_retraction_that_comes_again_is_answered_by_the_same_receipt(region):
    await taken_in(region, workout(1), retracted(2))
    first = await receipts_of(region)
    for _ in range(2):
        way, parcel = handed(retracted(2), 7)
        await region.hand((way, parcel))
    again = await receipts_of(region)
    assert [read_receipt(one, KEYRING).removed for one in first] == [1]
    assert set(again) <= set(first), "the broker keeps the same receipt once for a while"


async def test_a_retraction_of_what_never_came_says_that_nothing_was_there(region):
    await taken_in(region, retracted(2))
    assert [0] == [read_receipt(one, KEYRING).removed for one in await receipts_of(region)]


@pytest.mark.parametrize("number", [8, 10])
async def test_an_erasure_leaves_no_key_and_nothing_that_comes_after_it_makes_one(region, number):
    await taken_in(region, workout(1), erased(9), workout(number, aggregateid="late"))
    assert [] == await rows(region, KEYS, PROJECTION_KEYS)
    assert [] == await rows(region)


async def test_an_erasure_in_one_tenant_leaves_the_other_alone(region):
    await taken_in(region, workout(1), workout(2, tenant="other"), erased(9, tenant="other"))
    assert [None] != await region.shown()


async def test_a_receipt_is_owed_until_the_own_broker_has_taken_it(region):
    await taken_in(region, workout(1))
    await send(region.network, retracted(2))
    region.network.brokers[US].away = True
    await region.take(Lane.RETRACTION)
    assert 0 == await region.receipts.settle()
    region.network.brokers[US].away = False
    assert (1, 0) == (await region.receipts.settle(), await region.receipts.settle())
    assert [1] == [read_receipt(one, KEYRING).removed for one in await receipts_of(region)]


async def test_a_receipt_that_arrives_is_handed_on(tmp_path):
    async with receiving(tmp_path / "us") as there, receiving(tmp_path / "eu", EU, there.network) as home:
        await taken_in(there, workout(1), retracted(2))
        await home.take(Lane.RETRACTION, US)
        ((tenant, person, body),) = home.arrived
        receipt = read_receipt(body, KEYRING)
        assert ("default", PERSON) == (tenant, person)
        assert (1, US, EU) == (receipt.removed, receipt.region, receipt.origin)


async def test_the_own_region_is_an_origin_like_any_other(tmp_path):
    async with receiving(tmp_path, EU) as home:
        await taken_in(home, workout(1), here=EU)
        await home.beat()
        assert [None] != await home.seen()
        await taken_in(home, retracted(2), here=EU)
        await home.take(Lane.RETRACTION)
        assert [None] == await home.seen()
        assert [1] == [read_receipt(body, KEYRING).removed for _, _, body in home.arrived]


async def test_a_region_that_shares_the_store_keeps_its_own(tmp_path):
    async with receiving(tmp_path) as region, receiving(tmp_path, BR, region.network) as other:
        await taken_in(region, workout(1))
        await taken_in(other, workout(2), here=BR)
        await taken_in(other, retracted(3), here=BR)
        assert ([None], False) == (await other.shown(), [None] == await region.shown())


async def test_a_rotation_of_keys_keeps_projections_readable(region):
    await taken_in(region, workout(1))
    await region.ring.rotate("us")
    assert 1 == await region.keys.keys.rewrap("us")
    await region.ring.end("us", 1)
    await region.ring.destroy("us", 1)
    del region.keys, region.projections
    assert [None] != await region.shown()
