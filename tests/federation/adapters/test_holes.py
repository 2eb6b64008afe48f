"""A peer that was away too long finds out what it has missed, and does not miss what was erased."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from federation.beacons import LaneSign, beacon_subject, read_beacon, sign_beacon
from federation.holes import Heard
from federation.topology import LANE_LIMITS, Lane
from tests.support.envelopes import KEYRING, signer
from tests.support.federation import EU, US, places
from tests.support.lanes import send_for_certain, settled, subject_of

MOMENTARY = {
    lane: limits if lane is Lane.RETRACTION else replace(limits, max_age_s=2.5)
    for lane, limits in LANE_LIMITS.items()
}


@pytest.fixture
async def place(tmp_path):
    async with places(tmp_path, EU, US) as made:
        yield made[EU]


async def take_all(pull, heard):
    while parcels := await pull.next(50, 0.5):
        for parcel in parcels:
            heard.mark(parcel.number)
            await parcel.ack()


async def tell(sender, erased):
    """What the origin says of the bulk lane, as the peer will read it."""
    lag = await sender.lag(US, Lane.BULK)
    numbers = tuple(one.number for one in erased)
    sign = LaneSign(first_kept=lag.first_kept, last=lag.last, erased=numbers)
    body = sign_beacon(US, {Lane.BULK: sign}, datetime.now(UTC), signer(EU))
    await sender.send(beacon_subject(EU, US), body, f"beacon{lag.last}")


async def test_what_grew_too_old_is_a_hole_and_what_was_erased_is_none(place):
    sender = await place.sender(limits=MOMENTARY)
    await sender.prepare([US])
    receiver = await place.receiver(US)
    bulk, urgent = await receiver.pull(Lane.BULK), await receiver.pull(Lane.RETRACTION)
    heard = Heard()
    await send_some(sender, "heard", 3)
    await take_all(bulk, heard)
    assert [(1, 3)] == heard.ranges
    await receiver.close()
    await send_some(sender, "missed", 4)
    await send_some(sender, "erased", 2, person="eu_2")
    erased = await sender.erase([US], "default", "eu_2")
    await settled(sender, Lane.BULK)
    await send_some(sender, "fresh", 2)
    await tell(sender, erased)
    receiver = await place.receiver(US)
    bulk, urgent = await receiver.pull(Lane.BULK), await receiver.pull(Lane.RETRACTION)
    (parcel,) = await urgent.next(1, 5.0)
    beacon = read_beacon(parcel.body, EU, US, datetime.now(UTC), KEYRING)
    said = beacon.lanes[Lane.BULK]
    assert [(4, 7)] == heard.told(said.first_kept, said.erased)
    await take_all(bulk, heard)
    assert [] == heard.told(said.last + 1)
    assert [(1, 11)] == heard.ranges
    for one in (receiver, sender):
        await one.close()


async def send_some(sender, name, count, person="eu_1"):
    for number in range(count):
        await send_for_certain(sender, subject_of(person=person), name.encode(), f"{name}{number}")
