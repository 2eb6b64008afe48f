"""Taking in what the brokers of other regions, and the own one, hold for this region.

A region that is out of reach is asked again and again, and holds up neither the start of the node nor any
other region.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from federation.errors import BusError
from federation.ports import LanePull, Parcel, Receiver
from federation.tasks import end_tasks
from federation.topology import Lane
from policies.vocabulary import Region

FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
PULL_WAIT_S = 5.0
AGAIN_AFTER_S = 1.0
TOGETHER = {Lane.RETRACTION: 1, Lane.INTERACTIVE: 8, Lane.BULK: 8}
"""How many parcels of a lane are handled at the same time. Retractions go one by one: a beacon has to find
done what was sent before it."""

OpenReceiver = Callable[[Region], Awaitable[Receiver]]
OnFault = Callable[[str, Exception], None]


class Door(Protocol):
    async def take(self, origin: Region, lane: Lane, parcel: Parcel) -> None:
        """Handle a parcel and acknowledge it; what raises comes again."""


@dataclass(slots=True)
class PeerState:
    """Whether the broker of a region answers at the moment; `fault` is the class of the last fault."""

    up: bool = False
    fault: str = ""
    taken: int = 0


class PeerReader:
    """All lanes of one origin; `run` until cancelled."""

    def __init__(self, origin: Region, open_receiver: OpenReceiver, door: Door, on_fault: OnFault) -> None:
        self.origin = origin
        self.state = PeerState()
        self._open = open_receiver
        self._door = door
        self._on_fault = on_fault

    async def run(self) -> None:
        receiver = await self._opened()
        lanes = [asyncio.create_task(self._lane(receiver, lane)) for lane in Lane]
        try:
            await asyncio.gather(*lanes)
        finally:
            await end_tasks(lanes)
            await receiver.close()
            self.state.up = False

    async def _opened(self) -> Receiver:
        """Try until the broker answers and lets this region in."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                return await self._open(self.origin)
            except BusError as fault:
                self._away(fault)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret # nosec B311
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def _lane(self, receiver: Receiver, lane: Lane) -> None:
        pull: LanePull | None = None
        while True:
            try:
                pull = pull or await receiver.pull(lane)
                parcels = await pull.next(TOGETHER[lane], PULL_WAIT_S)
                self.state.up = True
            except BusError as fault:
                self._away(fault)
                await asyncio.sleep(AGAIN_AFTER_S)
                continue
            await self._take(lane, parcels)

    async def _take(self, lane: Lane, parcels: Sequence[Parcel]) -> None:
        await asyncio.gather(*(self._one(lane, parcel) for parcel in parcels))

    async def _one(self, lane: Lane, parcel: Parcel) -> None:
        try:
            await self._door.take(self.origin, lane, parcel)
            self.state.taken += 1
        except Exception as fault:  # noqa: BLE001 - one parcel must not hold back the others
            self._on_fault(f"a parcel from {self.origin} is taken again", fault)
            await self._later(parcel)

    async def _later(self, parcel: Parcel) -> None:
        try:
            await parcel.retry_after(AGAIN_AFTER_S)
        except BusError as fault:
            self._away(fault)

    def _away(self, fault: Exception) -> None:
        self.state.up = False
        self.state.fault = str(fault)
