"""A region that receives: ingress over real stores on SQLite, and origins on brokers in memory."""

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

import msgspec

from federation.adapters.memory_bus import MemoryNetwork
from federation.beacons import LaneSign, beacon_subject, sign_beacon
from federation.catalogue import PERSON_ERASED, PROJECTION_RETRACTED, PURPOSE_WITHDRAWN, WORKOUT_CREATED
from federation.codec import encode_data
from federation.envelope import seal
from federation.errors import BusUnavailable
from federation.inbound import Reference, Way
from federation.ingress import Doors, Here, Ingress
from federation.send_number import send_number
from federation.subjects import FederatedSubject
from federation.topology import Lane
from policies.vocabulary import Purpose
from region_node.federated.arrivals import ArrivalBook, LeaseClock
from region_node.federated.inbound import InboundHandlers
from region_node.federated.keys import ProjectionKeys
from region_node.federated.projections import ProjectionStore
from region_node.federated.quarantine import QuarantineStore
from region_node.federated.receipts import ReceiptBook
from region_node.federated.tables import TABLES
from region_node.security.file_keyring import FileKeyRing
from region_node.storage.engine import KEYS, SHARED, CreateTable
from region_node.storage.errors import StorageUnavailable
from region_node.storage.migrations import kind_of
from region_node.storage.sqlite import SqliteEngine
from tests.support.envelopes import KEYRING, NOON, PERSON, envelope_of
from tests.support.envelopes import KEYS as REGION_KEYS
from tests.support.federation import BR, EU, US

HELD = {EU: frozenset({"eu", "gb"}), BR: frozenset({"br"}), US: frozenset({"us", "us-ca"})}
TENANTS = frozenset({"default", "other"})
WORKOUT = "01hv00000000000000000000bb"
EVERY = {"purpose": Purpose.SOCIAL_FEED, "kind": "workout"}


@dataclass
class Hours:
    """A monotonic clock that a test moves."""

    at: float = 1000.0

    def __call__(self):
        return self.at


class StaticPeers:
    def jurisdictions_of(self, origin):
        return HELD.get(origin, frozenset())

    def knows(self, tenant):
        return tenant in TENANTS


@dataclass
class Receiving:
    """Region *here*, opened on *directory*; `asked` and `arrived` are what went to the ports."""

    engine: SqliteEngine
    ring: FileKeyRing
    network: MemoryNetwork
    here: str = US
    clock: Hours = field(default_factory=Hours)
    asked: list = field(default_factory=list)
    arrived: list = field(default_factory=list)
    faults: list = field(default_factory=list)
    handlers: InboundHandlers = field(default_factory=InboundHandlers)
    now: object = NOON
    asking_fails: bool = False
    sender: object = None
    wrapped_for: str = "us"

    @cached_property
    def lease(self):
        return LeaseClock(self.clock)

    @cached_property
    def keys(self):
        return ProjectionKeys(self.engine, self.ring, self.wrapped_for)

    @cached_property
    def projections(self):
        return ProjectionStore(
            engine=self.engine, keys=self.keys, region=self.here, lease=self.lease, clock=lambda: self.now
        )

    @cached_property
    def arrivals(self):
        return ArrivalBook(
            engine=self.engine,
            region=self.here,
            lease=self.lease,
            ask_republish=self._ask_republish,
            clock=self.clock,
        )

    @cached_property
    def quarantine(self):
        return QuarantineStore(engine=self.engine, region=self.here)

    @cached_property
    def receipts(self):
        return ReceiptBook(
            engine=self.engine,
            region=self.here,
            sender=self.sender or self.network.sender(self.here),
            receipt_arrived=self._receipt_arrived,
        )

    @cached_property
    def ingress(self):
        here = Here(
            region=self.here,
            keyring=lambda: KEYRING,
            signer=lambda: REGION_KEYS[self.here].signer(NOON),
            clock=lambda: self.now,
            monotonic=self.clock,
            passing=(BusUnavailable, StorageUnavailable),
        )
        doors = Doors(
            projections=self.projections,
            arrivals=self.arrivals,
            quarantine=self.quarantine,
            receipts=self.receipts,
            peers=StaticPeers(),
            handlers=self.handlers,
        )
        return Ingress(here, doors, lambda said, fault: self.faults.append((said, fault)))

    def receiver(self, origin=EU):
        return self.network.receiver(self.here, origin)

    async def take(self, lane=Lane.BULK, origin=EU, most=99):
        """Take in what waits; returns how many were handed out."""
        pull = await self.receiver(origin).pull(lane)
        parcels = await pull.next(most, 0.0)
        if parcels:
            await self.ingress.take(Way(origin, lane), parcels)
        return len(parcels)

    async def hand(self, *parcels):
        """Each by its way, one after the other."""
        for way, parcel in parcels:
            await self.ingress.take(way, [parcel])

    async def seen(self, *references):
        return await self.projections.get_many(references or [reference()])

    async def shown(self, *references):
        """As `seen`, and leases hold: a beacon of EU is heard before."""
        await self.beat()
        return await self.seen(*references)

    async def beat(self, origin=EU):
        await beat(self.network, origin, self.here, self.now)
        await self.take(Lane.RETRACTION, origin)

    async def refusals(self):
        return {(one.origin, one.reason): one.refused for one in await self.quarantine.counts()}

    async def _ask_republish(self, origin, lane, ranges):
        if self.asking_fails:
            raise StorageUnavailable("away")
        self.asked.append((origin, lane, list(ranges)))

    async def _receipt_arrived(self, tenant, person, body):
        self.arrived.append((tenant, person, body))


@asynccontextmanager
async def receiving(directory, here=US, network=None):
    """Opened anew on the same *directory*, it finds what it had."""
    network = network or MemoryNetwork()
    for origin in HELD:
        await network.sender(origin).prepare(HELD)
    ring_file = directory / "keyring"
    directory.mkdir(exist_ok=True)
    ring = FileKeyRing(ring_file) if ring_file.exists() else FileKeyRing.create(ring_file, ["us"])
    engine = SqliteEngine(directory / "rows")
    for space in (SHARED, KEYS):
        await engine.apply(space, [CreateTable(one) for one in TABLES if one.space is kind_of(space)])
    try:
        yield Receiving(engine, ring, network, here)
    finally:
        await engine.close()


def reference(**changes):
    return Reference(**{"tenant": "default", "subject": PERSON, "aggregate_id": WORKOUT, **EVERY} | changes)


def workout(count, title="A run", **changes):
    """A projection at the send number of *count*."""
    data = encode_data(
        WORKOUT_CREATED,
        {
            "person_id": changes.get("subject", PERSON),
            "workout_id": WORKOUT,
            "title": title,
            "distance_m": 9.5,
        },
    )
    return sent(WORKOUT_CREATED, count, data=data, **changes)


def retracted(count, **changes):
    return sent(PROJECTION_RETRACTED, count, data=_data(changes, **EVERY), **changes)


def withdrawn(count, **changes):
    return sent(PURPOSE_WITHDRAWN, count, data=_data(changes, purpose=Purpose.SOCIAL_FEED), **changes)


def erased(count, **changes):
    return sent(PERSON_ERASED, count, data=_data(changes), **changes)


def _data(changes, **values):
    return {"person_id": changes.get("subject", PERSON), **values}


def sent(event, count, **changes):
    number = str(send_number(1, count))
    return event, envelope_of(
        event, **{"sendnumber": number, "id": f"e{count}", "expirytime": NOON + timedelta(days=9)} | changes
    )


def addressed(made, origin=EU, here=US, lane=None):
    """Its subject and its signed bytes."""
    event, envelope = made
    envelope = msgspec.structs.replace(envelope, destination=here)
    subject = FederatedSubject(
        origin=origin,
        destination=here,
        lane=lane or event.lane,
        tenant=envelope.tenant,
        type=envelope.type,
        person=envelope.subject or "_",
    )
    return subject, seal(envelope, REGION_KEYS[origin].signer(NOON))


async def send(network, made, **way):
    """Put it where the other region pulls; returns the number in the lane."""
    subject, body = addressed(made, **way)
    return await put(network, subject, body, subject.origin)


@dataclass
class Handed:
    """A parcel that a test hands over as often, and in what order, as it likes."""

    subject: str
    body: bytes
    number: int
    behind: int = 0
    attempt: int = 1
    acknowledged: int = 0
    pauses: list = field(default_factory=list)

    async def ack(self):
        self.acknowledged += 1

    async def retry_after(self, delay_s):
        self.pauses.append(delay_s)


def handed(made, number, **way):
    subject, body = addressed(made, **way)
    return Way(subject.origin, subject.lane), Handed(str(subject), body, number)


_made = iter(range(10**9))


async def put(network, subject, body, origin=EU):
    return await network.sender(origin).send(subject, body, f"m{next(_made)}")


def signed_beacon(number, at, signs, origin=EU, here=US):
    body = sign_beacon(here, signs, at, REGION_KEYS[origin].signer(NOON))
    return Way(origin, Lane.RETRACTION), Handed(str(beacon_subject(origin, here)), body, number)


async def beat(network, origin, here, at, **lanes):
    """A beacon as `federation.beaconing` makes it, of what is in the lanes now."""
    signs = {}
    for lane in Lane:
        lag = await network.sender(origin).lag(here, lane)
        signs[lane] = lanes.get(lane, LaneSign(first_kept=lag.first_kept, last=lag.last))
    body = sign_beacon(here, signs, at, REGION_KEYS[origin].signer(NOON))
    return await put(network, beacon_subject(origin, here), body, origin)
