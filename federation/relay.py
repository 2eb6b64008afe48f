"""From outbox to stream and to egress: direct hand-over, and a sweep for what the hand-over lost.

A writer hands its pointer over after the batch that holds it. The relay publishes the pointer to the region's
own stream, has egress see to other regions, and marks it done when both are through; when the process dies in
between, the sweep finds the row and does both again. Consumers see a pointer at least once. A message in the
region's own stream carries the pointer only.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Protocol

import msgspec

from federation.catalogue import CATALOGUE
from federation.errors import BusUnavailable
from federation.ports import Bus
from federation.tasks import end_tasks
from federation.topology import Lane, event_subject

MAX_WAITING = 10_000
PUBLISHERS = 8


class PointerLike(Protocol):
    """What the relay needs to know of an outbox row."""

    @property
    def tenant(self) -> str: ...
    @property
    def jurisdiction(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def person_id(self) -> str: ...
    @property
    def aggregate_id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def pointer_id(self) -> str: ...


class EventMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A pointer on its way to consumers in the same region; ids only."""

    event_id: str
    type: str
    tenant: str
    jurisdiction: str
    person_id: str
    aggregate_id: str
    version: int


class Outboxes(Protocol):
    """The outboxes of a node, over all tenants and jurisdictions."""

    def open_events(self) -> AsyncIterator[PointerLike]: ...

    async def mark_done(self, pointer: PointerLike) -> None: ...


@dataclass(frozen=True, slots=True)
class RelayState:
    waiting: int
    published: int
    failed: int


class Relay:
    """Publishes pointers; `run` until cancelled, `sweep` now and then.

    `leave` sees to what other regions get; the only way there. `on_fault` is told of storage faults; what
    failed stays in the outbox for the sweep.
    """

    def __init__(
        self,
        bus: Bus,
        outboxes: Outboxes,
        on_fault: Callable[[Exception], None],
        leave: Callable[[PointerLike], Awaitable[None]] | None = None,
    ) -> None:
        self._bus = bus
        self._outboxes = outboxes
        self._on_fault = on_fault
        self._leave = leave
        self._waiting: asyncio.PriorityQueue[tuple[bool, int, PointerLike]] = asyncio.PriorityQueue()
        self._handed_over = count()
        self._published = 0
        self._failed = 0

    def hand_over(self, pointer: PointerLike) -> None:
        """Publish soon, before what is of the bulk lane. When too many wait it is left to the sweep."""
        event = CATALOGUE.get(pointer.type)
        bulk = event is not None and event.lane is Lane.BULK
        if self._waiting.qsize() >= (MAX_WAITING if bulk else 2 * MAX_WAITING):
            self._failed += 1
            return
        self._waiting.put_nowait((bulk, next(self._handed_over), pointer))

    async def run(self) -> None:
        publishers = [asyncio.create_task(self._publish_waiting()) for _ in range(PUBLISHERS)]
        try:
            await asyncio.gather(*publishers)
        finally:
            await end_tasks(publishers)

    async def sweep(self) -> int:
        """Publish every open event of the outboxes; returns how many were published.

        Raises:
            BusUnavailable: the rest is left to the next sweep, as are those that failed alone.
        """
        published = 0
        async for pointer in self._outboxes.open_events():
            try:
                await self._publish(pointer)
                published += 1
            except BusUnavailable:
                raise
            except Exception as fault:  # noqa: BLE001 - one pointer must not hold back the others
                self._failed += 1
                self._on_fault(fault)
        return published

    def state(self) -> RelayState:
        return RelayState(self._waiting.qsize(), self._published, self._failed)

    async def _publish_waiting(self) -> None:
        while True:
            _, _, pointer = await self._waiting.get()
            try:
                await self._publish(pointer)
            except BusUnavailable:
                self._failed += 1
            except Exception as fault:  # noqa: BLE001 - the sweep repeats what failed; the task must live on
                self._failed += 1
                self._on_fault(fault)

    async def _publish(self, pointer: PointerLike) -> None:
        body = encode_event(pointer)
        await self._bus.publish(event_subject(pointer.jurisdiction, pointer.type), body, pointer.pointer_id)
        if self._leave is not None:
            await self._leave(pointer)
        await self._outboxes.mark_done(pointer)
        self._published += 1


def encode_event(pointer: PointerLike) -> bytes:
    """The message of a pointer; a type that the catalogue lacks never leaves."""
    if pointer.type not in CATALOGUE:
        raise KeyError(f"event type {pointer.type} is not in the catalogue")
    message = EventMessage(
        event_id=pointer.pointer_id,
        type=pointer.type,
        tenant=pointer.tenant,
        jurisdiction=pointer.jurisdiction,
        person_id=pointer.person_id,
        aggregate_id=pointer.aggregate_id,
        version=pointer.version,
    )
    return msgspec.json.encode(message)


def decode_event(body: bytes) -> EventMessage:
    return msgspec.json.decode(body, type=EventMessage)
