"""The ports to brokers: durable streams in, deliveries with acknowledgement out.

`Bus` is for what stays in its region, `Sender` puts on the region's own broker what goes abroad, and
`Receiver` takes from another region's broker what is meant for this one.

At least once: what `publish` and `send` returned from is on disk (or on a quorum of disks), and is
delivered until it is acknowledged. A delivery may come twice, and out of order.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from federation.subjects import FederatedSubject
from federation.topology import Consumer, Lane, Stream
from policies.vocabulary import Region


@dataclass(frozen=True, slots=True)
class Backlog:
    waiting: int
    in_hand: int


class Delivery(Protocol):
    @property
    def body(self) -> bytes: ...

    @property
    def attempt(self) -> int:
        """1 for the first delivery."""

    async def ack(self) -> None: ...

    async def retry_after(self, delay_s: float) -> None:
        """Hand it back, to be delivered again no earlier than in *delay_s* seconds."""

    async def still_working(self) -> None:
        """Keep it for another `ack_wait_s` of its consumer."""


class Pull(Protocol):
    async def next(self, most: int, wait_s: float) -> Sequence[Delivery]:
        """Up to *most* deliveries, at the latest after *wait_s*; empty when nothing came.

        Raises:
            BusUnavailable: the broker is away; ask again later.
        """


class Bus(Protocol):
    async def prepare(self, streams: Sequence[Stream], consumers: Sequence[Consumer]) -> None:
        """Make or update streams, then their consumers; repeating it changes nothing."""

    async def publish(self, subject: str, body: bytes, message_id: str) -> None:
        """Store a message. The same id again within the stream's window is stored once.

        Raises:
            BusUnavailable: not acknowledged: away, full, or nobody keeps the subject.
        """

    async def pull(self, consumer: Consumer) -> Pull: ...

    async def backlog(self, consumer: Consumer) -> Backlog: ...

    async def ping(self) -> None:
        """Raise BusUnavailable where a publish would not be stored now."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """What a destination has left in a lane, as its origin sees it.

    Attributes:
        waiting: Not handed out yet.
        in_hand: Handed out and not acknowledged.
        first_kept: The lowest number that is still there; everything below has been acknowledged,
            erased or grown too old. One above `last` where nothing is kept.
        last: The highest number that was ever given.
        oldest_at: When the oldest that is still there was stored.
    """

    waiting: int
    in_hand: int
    first_kept: int
    last: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """A message that was taken from the broker's disk before its destination had it."""

    destination: Region
    lane: Lane
    number: int


class Sender(Protocol):
    async def prepare(self, destinations: Iterable[Region]) -> None:
        """Make or update the lanes to each destination; repeating it changes nothing."""

    async def send(self, subject: FederatedSubject, body: bytes, message_id: str) -> int:
        """Store a message for its destination and return its number in that lane, from 1 without a gap.

        The same id again within the stream's window is stored once, and gets the number of the first.

        Raises:
            UnknownDestination: no lane leads there.
            MessageRefused: it is too large.
            BusUnavailable: not acknowledged; LaneFull where the lane is at its limit.
        """

    async def erase(self, destinations: Iterable[Region], tenant: str, person: str) -> Sequence[Erased]:
        """Overwrite what waits for *destinations* about *person*, except retractions.

        What a destination has been handed already it may still come to know: send a retraction.
        """

    async def lag(self, destination: Region, lane: Lane) -> Lag:
        """Raises UnknownDestination, BusUnavailable."""

    async def close(self) -> None: ...


class Parcel(Delivery, Protocol):
    """A delivery from abroad. Nothing in it is to be trusted before its envelope was opened."""

    @property
    def subject(self) -> str: ...

    @property
    def number(self) -> int:
        """Its number in the lane; see `federation.holes` for what is missing."""

    @property
    def behind(self) -> int:
        """How many waited behind it when it was handed out."""


class LanePull(Protocol):
    async def next(self, most: int, wait_s: float) -> Sequence[Parcel]:
        """Up to *most* parcels, at the latest after *wait_s*; empty when nothing came.

        Raises:
            BusUnavailable: the origin is out of reach; what was in hand comes again.
        """


class Receiver(Protocol):
    """A region as one that pulls from the broker of one origin, which may be its own."""

    async def pull(self, lane: Lane) -> LanePull: ...

    async def close(self) -> None: ...
