"""Several regions in one process: the ports on brokers in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from federation.adapters.memory_broker import KeptStream, MemoryBroker, Reader, Stored, subject_fits
from federation.errors import BusUnavailable, UnknownDestination
from federation.ports import Backlog, Erased, Lag, LanePull, Pull
from federation.subjects import FederatedSubject, of_person
from federation.topology import (
    LANE_LIMITS,
    Consumer,
    Lane,
    LaneLimits,
    Stream,
    federated_consumer,
    federated_stream,
)
from policies.vocabulary import Region


@dataclass(frozen=True, slots=True)
class MemoryParcel:
    _broker: MemoryBroker
    _kept: KeptStream
    _reader: Reader
    _message: Stored
    attempt: int

    @property
    def body(self) -> bytes:
        return self._message.body

    @property
    def subject(self) -> str:
        return self._message.subject

    @property
    def number(self) -> int:
        return self._message.number

    @property
    def behind(self) -> int:
        return len(self._reader.new)

    async def ack(self) -> None:
        self._broker.reached()
        self._kept.acknowledge(self._reader, self.number)

    async def retry_after(self, delay_s: float) -> None:
        self._wait_for(delay_s)

    async def still_working(self) -> None:
        self._wait_for(self._reader.consumer.ack_wait_s)

    def _wait_for(self, delay_s: float) -> None:
        self._broker.reached()
        self._kept.postpone(self._reader, self.number, delay_s)


@dataclass(frozen=True, slots=True)
class MemoryPull:
    _broker: MemoryBroker
    _consumer: Consumer

    async def next(self, most: int, wait_s: float) -> Sequence[MemoryParcel]:
        kept, reader = self._broker.reader(self._consumer)
        taken = await kept.take(reader, most, wait_s)
        self._broker.reached()
        return [MemoryParcel(self._broker, kept, reader, message, attempt) for message, attempt in taken]


@dataclass(frozen=True, slots=True)
class MemoryBus:
    """What stays in its region."""

    broker: MemoryBroker = field(default_factory=MemoryBroker)

    async def prepare(self, streams: Sequence[Stream], consumers: Sequence[Consumer]) -> None:
        self.broker.prepare(streams, consumers)

    async def publish(self, subject: str, body: bytes, message_id: str) -> None:
        try:
            self.broker.store(subject, body, message_id)
        except UnknownDestination as fault:
            raise BusUnavailable(str(fault)) from None

    async def pull(self, consumer: Consumer) -> Pull:
        self.broker.reader(consumer)
        return MemoryPull(self.broker, consumer)

    async def backlog(self, consumer: Consumer) -> Backlog:
        _, reader = self.broker.reader(consumer)
        return Backlog(waiting=len(reader.new), in_hand=len(reader.due_at))

    async def ping(self) -> None:
        self.broker.reached()

    async def close(self) -> None:
        """There is nothing to give back."""


@dataclass(frozen=True, slots=True)
class MemorySender:
    _origin: Region
    _broker: MemoryBroker
    _limits: dict[Lane, LaneLimits]

    async def prepare(self, destinations: Iterable[Region]) -> None:
        lanes = [(place, lane, self._limits[lane]) for place in destinations for lane in Lane]
        streams = [federated_stream(self._origin, *lane) for lane in lanes]
        self._broker.prepare(streams, [federated_consumer(self._origin, *lane) for lane in lanes])

    async def send(self, subject: FederatedSubject, body: bytes, message_id: str) -> int:
        return self._broker.store(str(subject), body, message_id)

    async def erase(self, destinations: Iterable[Region], tenant: str, person: str) -> Sequence[Erased]:
        self._broker.reached()
        lanes = [(place, lane) for place in destinations for lane in Lane if lane is not Lane.RETRACTION]
        return [one for place, lane in lanes for one in self._erase(place, lane, tenant, person)]

    async def lag(self, destination: Region, lane: Lane) -> Lag:
        kept, reader = self._broker.reader(federated_consumer(self._origin, destination, lane))
        oldest = next(iter(kept.messages.values()), None)
        return Lag(
            waiting=len(reader.new),
            in_hand=len(reader.due_at),
            first_kept=oldest.number if oldest else kept.last + 1,
            last=kept.last,
            oldest_at=oldest.stored_at if oldest else None,
        )

    async def close(self) -> None:
        """There is nothing to give back."""

    def _erase(self, place: Region, lane: Lane, tenant: str, person: str) -> list[Erased]:
        kept = self._broker.streams.get(federated_stream(self._origin, place, lane).name)
        if kept is None:
            return []
        pattern = of_person(self._origin, place, lane, tenant, person)
        numbers = [one.number for one in kept.messages.values() if subject_fits(pattern, one.subject)]
        for number in numbers:
            kept.remove(number)
        return [Erased(destination=place, lane=lane, number=number) for number in numbers]


@dataclass(frozen=True, slots=True)
class MemoryReceiver:
    _region: Region
    _origin: Region
    _broker: MemoryBroker

    async def pull(self, lane: Lane) -> LanePull:
        self._broker.reached()
        return MemoryPull(self._broker, federated_consumer(self._origin, self._region, lane))

    async def close(self) -> None:
        """There is nothing to give back."""


class MemoryNetwork:
    """A broker for each region that is named."""

    def __init__(self, limits: dict[Lane, LaneLimits] | None = None) -> None:
        self.brokers: dict[Region, MemoryBroker] = {}
        self._limits = limits or LANE_LIMITS

    def bus(self, region: Region) -> MemoryBus:
        return MemoryBus(self._broker(region))

    def sender(self, origin: Region) -> MemorySender:
        return MemorySender(origin, self._broker(origin), self._limits)

    def receiver(self, region: Region, origin: Region) -> MemoryReceiver:
        return MemoryReceiver(region, origin, self._broker(origin))

    def _broker(self, region: Region) -> MemoryBroker:
        return self.brokers.setdefault(region, MemoryBroker())
