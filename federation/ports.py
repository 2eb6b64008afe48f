"""The port to a region's own broker: durable streams in, deliveries with acknowledgement out.

At least once: what `publish` returned from is on disk (or on a quorum of disks), and is delivered
until it is acknowledged. A delivery may come twice, and out of order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from federation.topology import Consumer, Stream


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
