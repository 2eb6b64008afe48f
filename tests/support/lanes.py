"""Sending and receiving over lanes in the way that relay and ingress do, with a count of what happens."""

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from federation.errors import BusUnavailable
from federation.subjects import FederatedSubject
from federation.tasks import end_tasks
from federation.topology import LANE_LIMITS, Lane
from tests.support.federation import EU, US

AGAIN_AFTER_S = 0.05
HASTY = {lane: replace(limits, ack_wait_s=2.0) for lane, limits in LANE_LIMITS.items()}


def subject_of(lane=Lane.BULK, destination=US, person="eu_1"):
    return FederatedSubject(
        origin=EU, destination=destination, lane=lane, tenant="default", type="workout.created", person=person
    )


async def send_for_certain(sender, subject, body, message_id):
    """Again with the same id until it is acknowledged; returns its number."""
    while True:
        try:
            return await sender.send(subject, body, message_id)
        except BusUnavailable:
            await asyncio.sleep(AGAIN_AFTER_S)


async def send_many(sender, count, *, lane=Lane.BULK, in_flight=64, size=500, name="m"):
    """*count* messages, *in_flight* at a time; bodies begin with their id."""
    waiting = iter(range(count))

    async def send_some():
        for number in waiting:
            body = f"{name}{number}".encode().ljust(size, b".")
            await send_for_certain(sender, subject_of(lane), body, f"{name}{number}")

    await asyncio.gather(*(send_some() for _ in range(in_flight)))


@dataclass
class Taken:
    """What a receiver has had: when it first came, by id, and how often anything came again."""

    first_at: dict[str, float] = field(default_factory=dict)
    again: int = 0
    numbers: set[int] = field(default_factory=set)

    def note(self, parcel):
        name = parcel.body.rstrip(b".").decode()
        self.again += name in self.first_at
        self.first_at.setdefault(name, time.monotonic())
        self.numbers.add(parcel.number)


@asynccontextmanager
async def taking(receiver, lane, **how):
    """Take in the background; yields what has come."""
    taken = Taken()
    task = asyncio.create_task(take(receiver, lane, taken, **how))
    try:
        yield taken
    finally:
        await end_tasks([task])


async def take(receiver, lane, taken, *, most=256, work_s=0.0):
    """Acknowledge one by one, for ever."""
    pull = await receiver.pull(lane)
    while True:
        try:
            for parcel in await pull.next(most, 1.0):
                taken.note(parcel)
                await parcel.ack()
            if work_s:
                await asyncio.sleep(work_s)
        except BusUnavailable:
            await asyncio.sleep(AGAIN_AFTER_S)


async def settled(sender, lane):
    async with asyncio.timeout(45):
        while True:
            try:
                lag = await sender.lag(US, lane)
            except BusUnavailable:
                continue
            if lag.waiting == lag.in_hand == 0:
                return lag


async def until(condition, most_s=60.0):
    """Wait until *condition* holds; it changes by what other tasks do."""
    async with asyncio.timeout(most_s):
        while not condition():  # noqa: ASYNC110 - conditions are of several kinds
            await asyncio.sleep(0.002)


def percentiles(values):
    """p50, p99 and the largest, in milliseconds."""
    ordered = sorted(values)
    return [round(1e3 * ordered[int(len(ordered) * part)], 2) for part in (0.5, 0.99)] + [
        round(1e3 * ordered[-1], 2)
    ]
