"""The history worker: follows workout events, and counts what they touched, one person at a time.

Events carry ids only and may come twice or out of order: counting reads what stands now.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from federation.catalogue import PERSON_UPDATED
from federation.errors import BusError, BusUnavailable
from federation.ports import Bus, Delivery, Pull
from federation.relay import EventMessage, decode_event
from federation.topology import HISTORY
from region_node.features.workouts.history.service import HistoryService
from region_node.storage.person_keys import PersonKeyGone
from region_node.stores import NotHeldHere

PULL_WAIT_S = 5.0
PAUSE_S = 1.0
TOGETHER = 100
MAX_DELAY_S = 30.0
Group = list[tuple[Delivery, EventMessage]]


@dataclass(frozen=True, slots=True)
class HistoryWorker:
    bus: Bus
    service: Callable[[str, str], HistoryService]
    log: Callable[[str, Exception], None]

    async def run(self) -> None:
        """Work until cancelled; a broker or database that is away is waited for."""
        pull: Pull | None = None
        while True:
            try:
                pull = pull or await self.bus.pull(HISTORY)
                await self._together(await pull.next(TOGETHER, PULL_WAIT_S))
            except BusUnavailable:
                await asyncio.sleep(PAUSE_S)

    async def _together(self, deliveries: Sequence[Delivery]) -> None:
        by_person: dict[tuple[str, str, str], Group] = defaultdict(list)
        for delivery in deliveries:
            try:
                event = decode_event(delivery.body)
            except msgspec.DecodeError as fault:
                self.log("an event that nobody here wrote was left out", fault)
                await delivery.ack()
                continue
            by_person[event.tenant, event.jurisdiction, event.person_id].append((delivery, event))
        await asyncio.gather(*(self._person(*place, group) for place, group in by_person.items()))

    async def _person(self, tenant: str, jurisdiction: str, person_id: str, group: Group) -> None:
        try:
            await self._count(self.service(tenant, jurisdiction), person_id, [event for _, event in group])
        except (NotHeldHere, PersonKeyGone):
            pass
        except Exception as fault:  # noqa: BLE001 - one person's fault must not stop the others
            self.log("counting is tried again", fault)
            await self._later(group)
            return
        for delivery, _ in group:
            await delivery.ack()

    async def _count(self, service: HistoryService, person_id: str, events: list[EventMessage]) -> None:
        if any(event.type == PERSON_UPDATED.name for event in events):
            await service.recount(person_id)
        workouts = [event.aggregate_id for event in events if event.type.startswith("workout.")]
        if workouts:
            await service.count(person_id, workouts)

    async def _later(self, group: Group) -> None:
        try:
            for delivery, _ in group:
                await delivery.retry_after(min(MAX_DELAY_S, float(delivery.attempt)))
        except BusError as fault:
            self.log("could not hand events back; they come again by themselves", fault)
