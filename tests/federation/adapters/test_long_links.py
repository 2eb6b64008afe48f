"""Long links, long cuts, peers that come and go under load, days of pulls; figures are printed with -s."""

import asyncio
import itertools
import json
import time

import pytest

from federation.adapters.nats_link import NatsLink
from federation.permissions import FORGOTTEN_AFTER_S, pull_subject
from federation.topology import Lane, federated_consumer
from tests.support.federation import BR, EU, US, place_in, places
from tests.support.lanes import (
    HASTY,
    percentiles,
    send_for_certain,
    send_many,
    settled,
    subject_of,
    taking,
    until,
)
from tests.support.proxy import proxy_to

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
BACKLOG = 20_000
PULLS = 30_000
MIB = 1024 * 1024


def tell(capsys, **figures):
    with capsys.disabled():
        print(json.dumps(figures))  # noqa: T201 - figures are what these tests are run for


@pytest.fixture
async def place(tmp_path):
    async with places(tmp_path, EU, US) as made:
        yield made[EU]


@pytest.fixture
async def sender(place):
    opened = await place.sender()
    await opened.prepare([EU, US])
    yield opened
    await opened.close()


async def latency(sender, taken, lane, *, name, count=300):
    """From before it is sent until it has come, in seconds."""
    sent = {}
    for number in range(count):
        timed = f"{name}{number}"
        sent[timed] = time.monotonic()
        await send_for_certain(sender, subject_of(lane), timed.encode(), timed)
        await asyncio.sleep(0.01)
    await until(lambda: sent.keys() <= taken.first_at.keys())
    return [taken.first_at[timed] - at for timed, at in sent.items()]


async def test_a_long_link_costs_its_length_and_does_not_slow_a_backlog(place, sender, capsys):
    rates = {}
    for round_trip_ms in (0, 80, 200):
        async with proxy_to(place.server.url, round_trip_ms / 2000) as proxy:
            receiver = await place.receiver(US, proxy.url)
            async with taking(receiver, Lane.INTERACTIVE) as urgent:
                waits = await latency(sender, urgent, Lane.INTERACTIVE, name=f"timed{round_trip_ms}-")
            await send_many(sender, BACKLOG, name=f"m{round_trip_ms}-")
            begin = time.monotonic()
            async with taking(receiver, Lane.BULK) as bulk:
                await until(lambda come=bulk: len(come.first_at) == BACKLOG, most_s=300)
                rates[round_trip_ms] = round(BACKLOG / (time.monotonic() - begin))
            await settled(sender, Lane.BULK)
            await receiver.close()
        one_way = percentiles(waits)
        tell(capsys, round_trip_ms=round_trip_ms, one_way_p50_p99_max_ms=one_way)
        assert round_trip_ms / 2 - 1 <= one_way[0] < round_trip_ms / 2 + 50
    tell(capsys, backlog_per_s_by_round_trip_ms=rates)
    assert rates[200] > 0.4 * rates[0], "a batch covers the way there and back"


async def test_after_a_minute_without_a_link_a_retraction_is_there_before_the_backlog(place, sender, capsys):
    async with proxy_to(place.server.url, 0.04) as proxy:
        receiver = await place.receiver(US, proxy.url)
        async with (
            taking(receiver, Lane.BULK) as bulk,
            taking(receiver, Lane.INTERACTIVE) as middle,
            taking(receiver, Lane.RETRACTION) as urgent,
        ):
            await send_many(sender, 100)
            await until(lambda: len(bulk.first_at) == 100)
            proxy.cut()
            begin = time.monotonic()
            await send_many(sender, BACKLOG, name="bulk")
            await send_many(sender, 200, name="middle", lane=Lane.INTERACTIVE)
            sending_s = time.monotonic() - begin
            await send_for_certain(sender, subject_of(Lane.RETRACTION), b"back", "back")
            await asyncio.sleep(max(0.0, 60 - (time.monotonic() - begin)))
            connected = receiver._link.connections
            proxy.heal()
            healed = time.monotonic()
            await until(lambda: receiver._link.connections > connected)
            linked = time.monotonic()
            await until(lambda: urgent.first_at)
            had = len(bulk.first_at)
            await until(lambda: len(bulk.first_at) == BACKLOG + 100, most_s=300)
            await until(lambda: len(middle.first_at) == 200)
            done = time.monotonic()
        await receiver.close()
    tell(
        capsys,
        cut_s=60,
        published_per_s_during_cut=round(BACKLOG / sending_s),
        reconnected_after_s=round(linked - healed, 2),
        retraction_after_reconnection_ms=round(1e3 * (urgent.first_at["back"] - linked), 1),
        bulk_had_by_then=had - 100,
        caught_up_per_s=round(BACKLOG / (done - linked)),
        came_again=bulk.again,
    )
    assert urgent.first_at["back"] - linked < 2
    assert had < BACKLOG


async def test_peers_that_come_and_go_do_not_disturb_the_others(tmp_path, capsys):
    place = place_in(tmp_path, EU)
    for region in (US, BR):
        place_in(tmp_path, region)
    place.admit(US)
    await asyncio.to_thread(place.server.start)
    try:
        sender = await place.sender(limits=HASTY)
        await sender.prepare([EU, US, BR])
        us = await place.receiver(US)
        sending = asyncio.create_task(send_for_ever(sender))
        admitted, dismissed = [], []
        async with taking(us, Lane.BULK) as taken:
            for number in range(10):
                begin = time.monotonic()
                await asyncio.to_thread(place.admit, US, BR)
                br = await place.receiver(BR)
                await send_for_certain(
                    sender, subject_of(Lane.INTERACTIVE, BR), b"welcome", f"welcome{number}"
                )
                async with taking(br, Lane.INTERACTIVE) as welcomed:
                    await until(lambda have=welcomed: have.first_at)
                admitted.append(time.monotonic() - begin)
                begin = time.monotonic()
                await asyncio.to_thread(place.admit, US)
                await until(lambda gone=br: gone._link._client is None)
                dismissed.append(time.monotonic() - begin)
                await br.close()
            sending.cancel()
            count = (await asyncio.gather(sending, return_exceptions=True))[0]
            assert isinstance(count, asyncio.CancelledError)
            last = (await sender.lag(US, Lane.BULK)).last
            await until(lambda: len(taken.numbers) == last)
        arrivals = sorted(taken.first_at.values())
        gaps = [after - before for before, after in itertools.pairwise(arrivals)]
        tell(
            capsys,
            admissions=10,
            events_meanwhile=last,
            came_again=taken.again,
            admitted_to_first_event_p50_p99_max_ms=percentiles(admitted),
            dismissed_p50_p99_max_ms=percentiles(dismissed),
            longest_silence_of_the_other_ms=round(1e3 * max(gaps), 1),
            connections_of_the_other=us._link.connections,
        )
        assert set(range(1, last + 1)) == taken.numbers
        assert 1 == us._link.connections
        assert 0 == taken.again
        for one in (us, sender):
            await one.close()
    finally:
        await asyncio.to_thread(place.server.stop)


async def send_for_ever(sender):
    for number in itertools.count():
        await send_for_certain(sender, subject_of(), f"load{number}".encode(), f"load{number}")
        await asyncio.sleep(0.002)


async def test_days_of_pulls_leave_nothing_behind(place, sender, capsys):
    """The server remembers the way back to a pull for half a minute, and no longer.

    Each round makes as many pulls as three lanes of three peers do in five hours; with a pause in between,
    those after the first must find the room that it had.
    """
    link = await NatsLink.open(place.login_of("peer", US))
    answered = 0

    async def count(_):
        nonlocal answered
        answered += 1

    inbox = link.client.new_inbox()
    await link.client.subscribe(inbox, cb=count)
    wish = pull_subject(federated_consumer(EU, US, Lane.BULK))
    before = place.server.memory_bytes() / MIB
    peaks = []
    for pulls in range(0, 3 * PULLS, PULLS):
        for lot in range(pulls, pulls + PULLS, 1000):
            for _ in range(1000):
                await link.client.publish(wish, b'{"batch":1,"no_wait":true}', reply=inbox)
            await until(lambda lot=lot: answered >= lot + 1000)
        peaks.append(round(place.server.memory_bytes() / MIB, 1))
        await asyncio.sleep(FORGOTTEN_AFTER_S + 5)
    tell(capsys, pulls_each_round=PULLS, server_mib_before=round(before, 1), server_mib_after_rounds=peaks)
    assert peaks[2] < 1.3 * peaks[1]
    await link.close()
    await sender.lag(US, Lane.BULK)
