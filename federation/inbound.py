"""What comes in, and the ports through which ingress has it kept, taken back, counted and answered.

Every method of a port may be repeated with the same arguments: what was not acknowledged comes again. They
raise one of the exceptions that `Ingress` was told are passing while a store or a broker is away.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

from federation.beacons import Beacon
from federation.catalogue import EventType, Scope
from federation.envelope import Envelope
from federation.subjects import FederatedSubject
from federation.topology import Lane
from policies.vocabulary import Purpose, Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Which projection: one aggregate of one person as a region may see it for a purpose."""

    tenant: str
    subject: str
    purpose: Purpose
    kind: str
    aggregate_id: str


@dataclass(frozen=True, slots=True)
class Way:
    """Where something came from."""

    origin: Region
    lane: Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """An event that was let in. `data` is of the schema of its type; fields that may not go are UNSET."""

    way: Way
    envelope: Envelope
    event: EventType
    data: msgspec.Struct

    @property
    def number(self) -> int:
        """The send number: the `at` of timed rows."""
        return self.envelope.number

    @property
    def purpose(self) -> Purpose:
        """Of the projection that it brings or takes back."""
        return Purpose(getattr(self.data, "purpose", self.event.purpose))

    @property
    def reference(self) -> Reference:
        return Reference(
            tenant=self.envelope.tenant,
            subject=self.envelope.subject,
            purpose=self.purpose,
            kind=getattr(self.data, "kind", self.event.kind),
            aggregate_id=self.envelope.aggregateid,
        )

    @property
    def takes_back(self) -> Scope | None:
        return self.event.retracts


Handler = Callable[[Arrived], Awaitable[None]]
"""What a feature does with an event, in `inbound.py`. It may be called again, out of order and late: so it
writes timed rows at `Arrived.number`, or rows that hold references. If it raises, it is called again, a few
times."""


class Projections(Protocol):
    async def keep(self, arrived: Arrived, era: int) -> None:
        """Keep what *arrived* brings, unless something with a higher number was kept or took it back."""

    async def stands(self, arrived: Arrived) -> bool:
        """Whether what it brought is what is kept now."""

    async def take_back(self, arrived: Arrived) -> int:
        """Delete what it takes back, whenever that comes; how many were there when it was first asked."""

    async def taken_back(self, arrived: Arrived, removed: int) -> datetime:
        """Note that nothing of it is served or kept any more; since when, the same at each repetition."""


class Arrivals(Protocol):
    """What was received of each lane; see `federation.holes`."""

    async def era(self, origin: Region) -> int:
        """Grows when retractions were lost: what came in an earlier era must not be served before it is sent
        again.
        """

    async def mark(self, way: Way, numbers: Collection[int]) -> None: ...

    async def heard(self, way: Way, beacon: "HeardBeacon") -> None:
        """Ask for what is lost, and renew the lease if all that is to be taken back until then was known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardBeacon:
    """`up_to_date` when nothing waited behind it as it was handed out, at `since` of the monotonic clock."""

    beacon: Beacon
    number: int
    up_to_date: bool
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """All that is kept of what was not let in. `id` is what it says of itself, empty where that is no id."""

    way: Way
    number: int
    reason: str
    sha256: str
    id: str
    at: datetime


class Quarantine(Protocol):
    async def keep(self, refused: Sequence[Refused]) -> None: ...


class ReceiptDesk(Protocol):
    async def give(self, subject: FederatedSubject, envelope_id: str, body: bytes) -> None:
        """Send a signed receipt, now or once the broker is there; durable when it returns."""

    async def arrived(self, subject: FederatedSubject, body: bytes) -> None:
        """Another region's word that it has taken back what this one asked for: signed by that region.

        Raises:
            ReceiptRefused: about nothing that was asked.
        """


class Peers(Protocol):
    """What this deployment says of origins and tenants."""

    def jurisdictions_of(self, origin: Region) -> frozenset[str]:
        """Whose people it may speak for: those that its residency group may hold."""

    def knows(self, tenant: str) -> bool: ...
