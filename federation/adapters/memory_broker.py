"""A broker in memory, with the manners of JetStream: numbers, windows, acknowledgements that run out.

For tests and for trying things out: nothing survives the process, and everything else is kept to.
"""

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from federation.errors import BusUnavailable, LaneFull, MessageRefused, UnknownDestination
from federation.topology import Consumer, Retention, Stream


@dataclass(frozen=True, slots=True)
class Stored:
    number: int
    subject: str
    body: bytes
    stored_at: datetime
    until: float


@dataclass(slots=True)
class Reader:
    """One consumer: what is new to it, what it was handed and until when, and how often."""

    consumer: Consumer
    new: deque[int] = field(default_factory=deque)
    due_at: dict[int, float] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=dict)
    acknowledged: set[int] = field(default_factory=set)

    def offer(self, message: Stored) -> None:
        if self.wants(message):
            self.new.append(message.number)

    def take(self, most: int, now: float) -> list[int]:
        """Numbers that may be handed out now: first what has run out, then what is new, in order."""
        again = sorted(number for number, due in self.due_at.items() if due <= now)[:most]
        room = min(most - len(again), self.consumer.max_in_hand - len(self.due_at), len(self.new))
        numbers = [*again, *(self.new.popleft() for _ in range(room))]
        for number in numbers:
            self.due_at[number] = now + self.consumer.ack_wait_s
            self.attempts[number] = self.attempts.get(number, 0) + 1
        return numbers

    def is_done_with(self, message: Stored) -> bool:
        return not self.wants(message) or message.number in self.acknowledged

    def forget(self, number: int) -> None:
        self.due_at.pop(number, None)
        self.attempts.pop(number, None)
        self.acknowledged.discard(number)
        if self.new and number >= self.new[0]:
            self.new.remove(number)

    def wants(self, message: Stored) -> bool:
        return subject_fits(self.consumer.subject, message.subject)


@dataclass(slots=True)
class KeptStream:
    """The messages of a stream in order of their numbers, and its readers by name."""

    stream: Stream
    messages: dict[int, Stored] = field(default_factory=dict)
    readers: dict[str, Reader] = field(default_factory=dict)
    seen: dict[str, tuple[int, float]] = field(default_factory=dict)
    last: int = 0
    size_bytes: int = 0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def store(self, subject: str, body: bytes, message_id: str) -> int:
        now = _now()
        self.forget_old(now)
        known = self.seen.get(message_id)
        if known is not None:
            return known[0]
        if len(body) > self.stream.max_message_bytes:
            raise MessageRefused(f"{len(body)} bytes are more than {self.stream.name} takes")
        if self.size_bytes + len(body) > self.stream.max_bytes:
            raise LaneFull(f"{self.stream.name} is full")
        self.last += 1
        self.seen[message_id] = (self.last, now + self.stream.duplicate_window_s)
        self._keep(Stored(self.last, subject, body, datetime.now(UTC), now + self.stream.max_age_s))
        return self.last

    def join(self, consumer: Consumer) -> None:
        """Add a reader, which begins with what is there, or change the one of that name."""
        known = self.readers.get(consumer.name)
        if known is not None:
            known.consumer = consumer
            return
        self.readers[consumer.name] = reader = Reader(consumer)
        for message in self.messages.values():
            reader.offer(message)

    def forget_old(self, now: float) -> None:
        """What is too old goes; both dictionaries are in order of time."""
        while self.seen and (oldest := next(iter(self.seen))) and self.seen[oldest][1] <= now:
            del self.seen[oldest]
        while self.messages and (first := next(iter(self.messages.values()))).until <= now:
            self.remove(first.number)

    def acknowledge(self, reader: Reader, number: int) -> None:
        message = self.messages.get(number)
        if message is None:
            return
        reader.forget(number)
        reader.acknowledged.add(number)
        if all(other.is_done_with(message) for other in self.readers.values()):
            self.remove(number)
        self.wake()

    def postpone(self, reader: Reader, number: int, delay_s: float) -> None:
        """Hand it out again no earlier than in *delay_s* seconds, unless it is acknowledged before."""
        if number in reader.due_at:
            reader.due_at[number] = _now() + delay_s
            self.wake()

    def remove(self, number: int) -> None:
        removed = self.messages.pop(number, None)
        self.size_bytes -= len(removed.body) if removed else 0
        for reader in self.readers.values():
            reader.forget(number)

    def wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    async def take(self, reader: Reader, most: int, wait_s: float) -> list[tuple[Stored, int]]:
        """Up to *most* messages with how often each was handed out; the messages are in hand from then on."""
        deadline = _now() + wait_s
        while True:
            now = _now()
            self.forget_old(now)
            if numbers := reader.take(most, now):
                return [(self.messages[number], reader.attempts[number]) for number in numbers]
            if now >= deadline:
                return []
            await self._until_changed(min([deadline, *reader.due_at.values()]) - now)

    def _keep(self, message: Stored) -> None:
        """With retention by interest, what no reader waits for is not kept."""
        work = self.stream.retention is Retention.WORK
        if not work and all(reader.is_done_with(message) for reader in self.readers.values()):
            return
        self.messages[message.number] = message
        self.size_bytes += len(message.body)
        for reader in self.readers.values():
            reader.offer(message)
        self.wake()

    async def _until_changed(self, most_s: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, most_s)):
                await self.changed.wait()
        except TimeoutError:
            return


class MemoryBroker:
    """The streams of one region. `away` makes it answer as one that is out of reach."""

    def __init__(self) -> None:
        self.streams: dict[str, KeptStream] = {}
        self.away = False

    def prepare(self, streams: Iterable[Stream], consumers: Iterable[Consumer]) -> None:
        self.reached()
        for stream in streams:
            self.streams.setdefault(stream.name, KeptStream(stream)).stream = stream
        for consumer in consumers:
            self.streams[consumer.stream].join(consumer)

    def store(self, subject: str, body: bytes, message_id: str) -> int:
        """Raises UnknownDestination where no stream keeps *subject*."""
        self.reached()
        for kept in self.streams.values():
            if any(subject_fits(pattern, subject) for pattern in kept.stream.subjects):
                return kept.store(subject, body, message_id)
        raise UnknownDestination("no stream keeps such a subject")

    def reader(self, consumer: Consumer) -> tuple[KeptStream, Reader]:
        self.reached()
        kept = self.streams.get(consumer.stream)
        if kept is None or consumer.name not in kept.readers:
            raise UnknownDestination(f"no consumer {consumer.name} of {consumer.stream}")
        kept.forget_old(_now())
        return kept, kept.readers[consumer.name]

    def reached(self) -> None:
        if self.away:
            raise BusUnavailable("the broker is away")


def subject_fits(pattern: str, subject: str) -> bool:
    """Whether *subject* is one of *pattern*, in which ``*`` is any part and a last ``>`` all that follow."""
    wanted, parts = pattern.split("."), subject.split(".")
    if wanted[-1] == ">":
        wanted, parts = wanted[:-1], parts[: len(wanted) - 1] if len(parts) >= len(wanted) else []
    return len(wanted) == len(parts) and all(
        one in {"*", part} for one, part in zip(wanted, parts, strict=True)
    )


def _now() -> float:
    return asyncio.get_running_loop().time()
