"""The only way in: what other regions, and the own one, sent is opened, checked, kept, handled, acknowledged.

What is refused is kept by id, hash and reason, and counted: nothing is dropped in silence, and nothing of it
is trusted. A parcel's number is marked after it was handled, and it is acknowledged last; so after a fault at
any step it comes again, and each step can be repeated.
"""

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from federation.beacons import MAX_NUMBER, BeaconRefused, read_beacon
from federation.beacons import TYPE as BEACON
from federation.catalogue import CATALOGUE
from federation.codec import decode_data
from federation.envelope import (
    MAX_ENVELOPE_BYTES,
    Arrival,
    EnvelopeRefused,
    Refusal,
    Token,
    open_envelope,
)
from federation.errors import BusUnavailable
from federation.inbound import (
    Arrivals,
    Arrived,
    Handler,
    HeardBeacon,
    Peers,
    Projections,
    Quarantine,
    ReceiptDesk,
    Refused,
    Way,
)
from federation.keyring import Keyring, Signer
from federation.ports import Parcel
from federation.receipts import TYPE as RECEIPT
from federation.receipts import ReceiptRefused, read_receipt, receipt_subject, sign_receipt
from federation.subjects import SubjectBroken, parse_subject
from federation.topology import Lane
from policies.vocabulary import Region

MAX_FAULTS = 5
MAX_FAULTY = 10_000
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
PATIENCE_S = 20.0
"""For how long all that one parcel asks for may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """What this region is and trusts now; `signer` and `keyring` may change with each use."""

    region: Region
    keyring: Callable[[], Keyring]
    signer: Callable[[], Signer]
    clock: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    passing: tuple[type[Exception], ...] = (BusUnavailable,)
    """Faults that are nobody's but a store's or a broker's: they are waited out, however long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where ingress leads to. `handlers` are by the name of the type."""

    projections: Projections
    arrivals: Arrivals
    quarantine: Quarantine
    receipts: ReceiptDesk
    peers: Peers
    handlers: Mapping[str, Sequence[Handler]]


@dataclass(slots=True)
class _Batch:
    """What became of parcels that were handed out together."""

    way: Way
    era: int
    since: float
    done: list[Parcel] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    beacons: list[HeardBeacon] = field(default_factory=list)
    again: list[tuple[Parcel, float]] = field(default_factory=list)
    passing: Exception | None = None


class NotTakenBack(Exception):
    """What is to be deleted was not: never given up, and until it is no lease of the origin is renewed."""


class Ingress:
    """`taken` counts events by type, `refused` by origin and reason, since the start."""

    def __init__(self, here: Here, doors: Doors, on_fault: Callable[[str, Exception], None]) -> None:
        self._here = here
        self._doors = doors
        self._on_fault = on_fault
        self._faults: Counter[tuple[Way, int]] = Counter()
        self.taken: Counter[str] = Counter()
        self.refused: Counter[tuple[Region, str]] = Counter()

    async def take(self, way: Way, parcels: Sequence[Parcel]) -> None:
        """Handle *parcels*, all at once, and acknowledge those that are done with.

        Raises:
            One of `Here.passing`: what is not acknowledged comes again; wait before the next.
        """
        batch = _Batch(way, await self._doors.arrivals.era(way.origin), self._here.monotonic())
        await asyncio.gather(*(self._one(batch, parcel) for parcel in parcels))
        if batch.refused:
            await self._doors.quarantine.keep(batch.refused)
            self.refused.update((way.origin, one.reason) for one in batch.refused)
        numbers = [parcel.number for parcel in batch.done if _is_numbered(parcel)]
        if numbers:
            await self._doors.arrivals.mark(way, numbers)
        for beacon in sorted(batch.beacons, key=lambda one: one.number):
            await self._doors.arrivals.heard(way, beacon)
        await asyncio.gather(
            *(parcel.ack() for parcel in batch.done),
            *(parcel.retry_after(pause_s) for parcel, pause_s in batch.again),
        )
        if batch.passing is not None:
            raise batch.passing

    async def _one(self, batch: _Batch, parcel: Parcel) -> None:
        named = (batch.way, parcel.number)
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._let_in(batch, parcel)
        except EnvelopeRefused as refused:
            self._refuse(batch, parcel, refused.reason)
        except self._here.passing as fault:
            batch.again.append((parcel, FIRST_PAUSE_S))
            batch.passing = fault
            return
        except Exception as fault:  # noqa: BLE001 - one that nobody can handle must not hold up the others
            self._on_fault(f"an event from {batch.way.origin} is not handled", fault)
            faults = self._faulted(named)
            if faults < MAX_FAULTS or isinstance(fault, NotTakenBack):
                batch.again.append((parcel, min(FIRST_PAUSE_S * 2 ** min(faults, 9), LONGEST_PAUSE_S)))
                return
            self._refuse(batch, parcel, Refusal.NOT_HANDLED)
        self._faults.pop(named, None)
        batch.done.append(parcel)

    def _faulted(self, named: tuple[Way, int]) -> int:
        """How often by now; those that another node has handled meanwhile are forgotten in the end."""
        if len(self._faults) > MAX_FAULTY:
            self._faults.clear()
        self._faults[named] += 1
        return self._faults[named]

    async def _let_in(self, batch: _Batch, parcel: Parcel) -> None:
        if not _is_numbered(parcel):
            raise EnvelopeRefused(Refusal.WRONG_NUMBER)
        kind = parcel.subject.split(".")[-2:-1]
        if kind == [BEACON]:
            batch.beacons.append(self._beacon(batch, parcel))
        elif kind == [RECEIPT]:
            await self._receipt(batch.way, parcel)
        else:
            await self._event(batch, self._opened(batch.way, parcel))

    def _beacon(self, batch: _Batch, parcel: Parcel) -> HeardBeacon:
        if batch.way.lane is not Lane.RETRACTION:
            raise EnvelopeRefused(Refusal.WRONG_LANE)
        here = self._here
        try:
            beacon = read_beacon(parcel.body, batch.way.origin, here.region, here.clock(), here.keyring())
        except BeaconRefused as refused:
            raise EnvelopeRefused(_refusal(refused.reason)) from None
        return HeardBeacon(
            beacon=beacon,
            number=parcel.number,
            up_to_date=not parcel.behind and parcel.attempt == 1,
            since=batch.since,
        )

    async def _receipt(self, way: Way, parcel: Parcel) -> None:
        """One region must not answer for another, nor pass on what was meant for another."""
        try:
            subject = parse_subject(parcel.subject)
            receipt = read_receipt(parcel.body, self._here.keyring())
            if not receipt.region == subject.origin == way.origin:
                raise EnvelopeRefused(Refusal.WRONG_ORIGIN)
            if not receipt.origin == subject.destination == self._here.region:
                raise EnvelopeRefused(Refusal.WRONG_DESTINATION)
            await self._doors.receipts.arrived(subject, parcel.body)
        except ReceiptRefused as refused:
            raise EnvelopeRefused(_refusal(refused.reason)) from None
        except SubjectBroken:
            raise EnvelopeRefused(Refusal.WRONG_SUBJECT) from None

    def _opened(self, way: Way, parcel: Parcel) -> Arrived:
        """Raises EnvelopeRefused."""
        here, peers = self._here, self._doors.peers
        arrival = Arrival(origin=way.origin, here=here.region, subject=parcel.subject, at=here.clock())
        envelope = open_envelope(parcel.body, arrival, here.keyring())
        data = decode_data(envelope, way.lane)
        event = CATALOGUE[envelope.type]
        if envelope.purpose is not event.purpose:
            raise EnvelopeRefused(Refusal.WRONG_PURPOSE)
        if not peers.knows(envelope.tenant):
            raise EnvelopeRefused(Refusal.UNKNOWN_TENANT)
        if getattr(data, "person_id", envelope.subject) != envelope.subject:
            raise EnvelopeRefused(Refusal.WRONG_SUBJECT)
        if envelope.subject and _jurisdiction(envelope.subject) not in peers.jurisdictions_of(way.origin):
            raise EnvelopeRefused(Refusal.SUBJECT_OF_OTHERS)
        if not envelope.subject and (event.kind or event.retracts):
            raise EnvelopeRefused(Refusal.WRONG_SUBJECT)
        return Arrived(way=way, envelope=envelope, event=event, data=data)

    async def _event(self, batch: _Batch, arrived: Arrived) -> None:
        if arrived.takes_back:
            await self._taken_back(arrived)
        else:
            await self._kept(arrived, batch.era)
        self.taken[arrived.event.name] += 1

    async def _kept(self, arrived: Arrived, era: int) -> None:
        handlers = self._doors.handlers.get(arrived.event.name, ())
        if arrived.event.kind:
            await self._doors.projections.keep(arrived, era)
            if handlers and not await self._doors.projections.stands(arrived):
                return
        for handler in handlers:
            await handler(arrived)

    async def _taken_back(self, arrived: Arrived) -> None:
        """The receipt comes last: it says that nothing is kept, by handlers neither."""
        try:
            async with asyncio.timeout(PATIENCE_S / 2):
                removed = await self._doors.projections.take_back(arrived)
        except self._here.passing:
            raise
        except Exception as fault:
            raise NotTakenBack from fault
        for handler in self._doors.handlers.get(arrived.event.name, ()):
            await handler(arrived)
        done_at = await self._doors.projections.taken_back(arrived, removed)
        body = sign_receipt(arrived.envelope, removed, done_at, self._here.signer())
        await self._doors.receipts.give(receipt_subject(arrived.envelope), arrived.envelope.id, body)

    def _refuse(self, batch: _Batch, parcel: Parcel, reason: Refusal) -> None:
        batch.refused.append(
            Refused(
                way=batch.way,
                number=parcel.number if _is_numbered(parcel) else 0,
                reason=reason,
                sha256=hashlib.sha256(parcel.body).hexdigest(),
                id=_own_id(parcel.body),
                at=self._here.clock(),
            )
        )


def _is_numbered(parcel: Parcel) -> bool:
    """Whether it has a number that a broker may give, and a store can hold."""
    return 1 <= parcel.number <= MAX_NUMBER


class _Named(msgspec.Struct):
    id: Token


def _own_id(body: bytes) -> str:
    if len(body) > MAX_ENVELOPE_BYTES:
        return ""
    try:
        return msgspec.json.decode(body, type=_Named).id
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""


def _jurisdiction(subject: str) -> str:
    return subject.partition("_")[0]


def _refusal(reason: str) -> Refusal:
    """Beacons and receipts are refused for the reasons of envelopes, or because nobody asked for them."""
    return Refusal(reason) if reason in set(Refusal) else Refusal.NOT_ASKED
