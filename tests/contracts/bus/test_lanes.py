"""What lanes between regions promise, whatever carries them."""

import asyncio
import time

import pytest

from federation.errors import LaneFull, MessageRefused, UnknownDestination
from federation.ports import Erased
from federation.subjects import FederatedSubject
from federation.topology import MAX_FEDERATED_BYTES, Lane
from tests.support.federation import BR, EU, US

KIB = 1024


def about(person="eu_1", lane=Lane.BULK, destination=US, tenant="default"):
    return FederatedSubject(
        origin=EU, destination=destination, lane=lane, tenant=tenant, type="workout.created", person=person
    )


async def send_all(sender, bodies, **of):
    return [await sender.send(about(**of), body, f"{of}{body[-20:]!r}") for body in bodies]


async def taken(pull, most=20, wait_s=0.3):
    return [parcel.body for parcel in await pull.next(most, wait_s)]


async def settled(sender, lane, *, waiting=0, in_hand=0, destination=US):
    """A broker counts a little after it has acknowledged."""
    async with asyncio.timeout(10):
        while True:
            lag = await sender.lag(destination, lane)
            if (waiting, in_hand) == (lag.waiting, lag.in_hand):
                return lag


async def test_what_was_sent_arrives_in_order_with_its_number_until_it_is_acknowledged(joined):
    pull = await joined.abroad.pull(Lane.BULK)
    assert [1, 2, 3] == await send_all(joined.sender, [b"one", b"two", b"three"])
    parcels = []
    async with asyncio.timeout(5):
        while len(parcels) < 3:
            parcels += await pull.next(3, 1.0)
    assert [(b"one", 1, 1), (b"two", 2, 1), (b"three", 3, 1)] == [
        (parcel.body, parcel.number, parcel.attempt) for parcel in parcels
    ]
    assert {str(about())} == {parcel.subject for parcel in parcels}
    for parcel in parcels:
        await parcel.ack()
    lag = await settled(joined.sender, Lane.BULK)
    assert (4, 3, None) == (lag.first_kept, lag.last, lag.oldest_at)
    assert [] == await taken(pull)


async def test_what_nobody_acknowledged_comes_again(joined):
    await joined.sender.send(about(lane=Lane.BULK), b"one", "1")
    pull = await joined.abroad.pull(Lane.BULK)
    (first,) = await pull.next(1, 2.0)
    assert [] == await taken(pull)
    (second,) = await pull.next(1, 3.0)
    assert (1, 2, first.number) == (first.attempt, second.attempt, second.number)


async def test_what_is_handed_back_comes_no_earlier_than_asked(joined):
    await joined.sender.send(about(), b"one", "1")
    pull = await joined.abroad.pull(Lane.BULK)
    (parcel,) = await pull.next(1, 2.0)
    begin = time.monotonic()
    await parcel.retry_after(0.5)
    (again,) = await pull.next(1, 3.0)
    assert time.monotonic() - begin >= 0.45
    assert 2 == again.attempt


async def test_still_working_keeps_a_parcel_longer_than_its_wait(joined):
    await joined.sender.send(about(), b"one", "1")
    pull = await joined.abroad.pull(Lane.BULK)
    (parcel,) = await pull.next(1, 2.0)
    for _ in range(3):
        assert [] == await taken(pull, wait_s=0.6)
        await parcel.still_working()
    await parcel.ack()
    assert [] == await taken(pull, wait_s=1.3)


async def test_one_id_is_stored_once_and_keeps_its_number(joined):
    numbers = [await joined.sender.send(about(), body, "same") for body in (b"first", b"again")]
    other = await joined.sender.send(about(), b"other", "other")
    assert [1, 1, 2] == [*numbers, other]
    pull = await joined.abroad.pull(Lane.BULK)
    assert [b"first", b"other"] == await taken(pull, wait_s=2.0) + await taken(pull)


async def test_each_destination_and_lane_gets_its_own_and_counts_for_itself(joined):
    bulk, urgent = await joined.abroad.pull(Lane.BULK), await joined.abroad.pull(Lane.RETRACTION)
    home = await joined.at_home.pull(Lane.BULK)
    assert [1] == await send_all(joined.sender, [b"abroad"])
    assert [1] == await send_all(joined.sender, [b"taken back"], lane=Lane.RETRACTION)
    assert [1] == await send_all(joined.sender, [b"at home"], destination=EU)
    for expected, pull in ((b"abroad", bulk), (b"taken back", urgent), (b"at home", home)):
        (parcel,) = await pull.next(10, 2.0)
        await parcel.ack()
        assert (expected, 1) == (parcel.body, parcel.number)
        assert [] == await taken(pull)


async def test_what_leads_nowhere_is_refused(joined):
    with pytest.raises(UnknownDestination):
        await joined.sender.send(about(destination=BR), b"one", "1")
    with pytest.raises(UnknownDestination):
        await joined.sender.lag(BR, Lane.BULK)


async def test_what_was_sent_before_anybody_pulled_is_kept(joined):
    await joined.sender.prepare([BR])
    await joined.sender.send(about(destination=BR), b"early", "1")
    await joined.sender.prepare([BR, US])
    assert 1 == (await joined.sender.lag(BR, Lane.BULK)).waiting


async def test_a_full_lane_refuses_and_keeps_nobody_else_out(joined):
    body = b"x" * 60 * KIB
    with pytest.raises(LaneFull):
        await send_all(joined.sender, [body + b"%02d" % number for number in range(30)])
    kept = await joined.sender.lag(US, Lane.BULK)
    assert 10 < kept.waiting < 20
    assert 1 == await joined.sender.send(about(lane=Lane.RETRACTION), b"taken back", "retraction")
    assert 1 == await joined.sender.send(about(destination=EU), body, "at home")


async def test_what_is_too_large_is_refused_for_good(joined):
    with pytest.raises(MessageRefused):
        await joined.sender.send(about(), b"x" * (MAX_FEDERATED_BYTES + 1), "1")


async def test_erasing_takes_what_waits_for_one_person_and_names_it(joined):
    for number in range(6):
        await joined.sender.send(about(f"eu_{number % 2}"), b"%d" % number, str(number))
    await joined.sender.send(about("eu_1", Lane.INTERACTIVE), b"name", "name")
    await joined.sender.send(about("eu_1", Lane.RETRACTION), b"taken back", "retraction")
    await joined.sender.send(about("eu_1", tenant="other"), b"namesake", "namesake")
    erased = await joined.sender.erase([EU, US, BR], "default", "eu_1")
    bulk = [Erased(destination=US, lane=Lane.BULK, number=number) for number in (2, 4, 6)]
    assert [*bulk, Erased(destination=US, lane=Lane.INTERACTIVE, number=1)] == sorted(
        erased, key=lambda one: (one.lane, one.number)
    )
    pull = await joined.abroad.pull(Lane.BULK)
    assert [b"0", b"2", b"4", b"namesake"] == await taken(pull, wait_s=2.0) + await taken(pull)
    assert 1 == (await joined.sender.lag(US, Lane.RETRACTION)).waiting
    assert [] == list(await joined.sender.erase([EU, US], "default", "eu_1"))


async def test_numbers_go_on_after_all_was_acknowledged(joined):
    pull = await joined.abroad.pull(Lane.BULK)
    await send_all(joined.sender, [b"one"])
    (parcel,) = await pull.next(1, 2.0)
    await parcel.ack()
    await settled(joined.sender, Lane.BULK)
    assert [2] == await send_all(joined.sender, [b"two"])


async def test_lag_says_what_waits_what_is_in_hand_and_since_when(joined):
    await send_all(joined.sender, [b"one", b"two"])
    before = await joined.sender.lag(US, Lane.BULK)
    assert (2, 0, 1, 2) == (before.waiting, before.in_hand, before.first_kept, before.last)
    pull = await joined.abroad.pull(Lane.BULK)
    assert [b"one", b"two"] == await taken(pull, wait_s=2.0) + await taken(pull, wait_s=0.1)
    during = await settled(joined.sender, Lane.BULK, in_hand=2)
    assert before.oldest_at == during.oldest_at
