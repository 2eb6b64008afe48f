"""The same over real brokers and mutual TLS: an event, its retraction, the receipt on its way back."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime

from federation.beacons import LaneSign, beacon_subject, sign_beacon
from federation.intake import Intake
from federation.receipts import read_receipt
from federation.topology import Lane
from tests.support.envelopes import KEYRING, KEYS, NOON
from tests.support.federation import EU, US, places
from tests.support.lanes import until
from tests.support.receiving import addressed, receiving, retracted, workout


async def test_an_event_comes_in_is_taken_back_and_receipted_over_tls(tmp_path):
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(places(tmp_path / "brokers", EU, US))
        region = await stack.enter_async_context(receiving(tmp_path / "us"))
        senders = {}
        for place in (EU, US):
            senders[place] = await made[place].sender()
            stack.push_async_callback(senders[place].close)
            await senders[place].prepare([EU, US])
        region.sender = senders[US]
        taking = Intake(region.ingress, lambda origin: made[origin].receiver(US), print)
        stack.push_async_callback(taking.close)
        taking.join(EU)
        for what in (workout(1), workout(2, aggregateid="stays")):
            await put(senders[EU], what)
        await until(lambda: region.ingress.taken["workout.created"] == 2, 20)
        await beat(senders[EU])
        await until(lambda: region.lease.age_s(EU) is not None, 20)
        assert [None] != await region.seen()
        await put(senders[EU], retracted(3))
        back = await made[US].receiver(EU)
        stack.push_async_callback(back.close)
        (parcel,) = await (await back.pull(Lane.RETRACTION)).next(1, 20.0)
        assert 1 == read_receipt(parcel.body, KEYRING).removed
        assert [None] == await region.seen()


async def put(sender, what):
    subject, body = addressed(what)
    await sender.send(subject, body, what[1].id)


async def beat(sender):
    lags = {lane: await sender.lag(US, lane) for lane in Lane}
    signs = {lane: LaneSign(first_kept=lag.first_kept, last=lag.last) for lane, lag in lags.items()}
    body = sign_beacon(US, signs, datetime.now(UTC), KEYS[EU].signer(NOON))
    await sender.send(beacon_subject(EU, US), body, "beacon")
