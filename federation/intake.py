"""Pulls each lane of each origin for as long as it runs, and hands what comes to ingress.

A task for each origin and lane: none waits for another, so a backlog never holds back a withdrawal, nor a
region that is away, or hostile, any other.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from federation.errors import BusError
from federation.inbound import Way
from federation.ingress import Ingress
from federation.ports import LanePull, Receiver
from federation.tasks import end_tasks
from federation.topology import Lane
from policies.vocabulary import Region

WAIT_S = 5.0
FIRST_PAUSE_S = 0.2
LONGEST_PAUSE_S = 5.0
TOGETHER = {Lane.RETRACTION: 64, Lane.INTERACTIVE: 64, Lane.BULK: 128}
"""How many parcels are handled at once; they share a write that marks them, and commits of the store."""

OpenReceiver = Callable[[Region], Awaitable[Receiver]]
OnFault = Callable[[str, Exception], None]


@dataclass(slots=True)
class OriginState:
    """Whether the broker of a region answers at the moment, and what it answered last where it does not."""

    up: bool = False
    fault: str = ""


@dataclass(slots=True)
class _Origin:
    """One receiver for all lanes, opened by the first that needs it."""

    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    receiver: Receiver | None = None
    state: OriginState = field(default_factory=OriginState)


class Intake:
    def __init__(self, ingress: Ingress, open_receiver: OpenReceiver, on_fault: OnFault) -> None:
        self._ingress = ingress
        self._open = open_receiver
        self._on_fault = on_fault
        self._origins: dict[Region, _Origin] = {}

    def join(self, origin: Region) -> None:
        """Begin to pull from *origin*; repeating it changes nothing."""
        if origin not in self._origins:
            self._origins[origin] = one = _Origin()
            one.tasks = [asyncio.create_task(self._pull(one, Way(origin, lane))) for lane in Lane]

    async def leave(self, origin: Region) -> None:
        """Pull no more; what was in hand comes again to whoever joins next."""
        one = self._origins.pop(origin, None)
        if one is None:
            return
        await end_tasks(one.tasks)
        if one.receiver is not None:
            await one.receiver.close()

    async def close(self) -> None:
        await asyncio.gather(*(self.leave(origin) for origin in list(self._origins)))

    def states(self) -> dict[Region, OriginState]:
        return {origin: one.state for origin, one in self._origins.items()}

    async def _pull(self, one: _Origin, way: Way) -> None:
        pull: LanePull | None = None
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                pull = pull or await (await self._receiver(one, way.origin)).pull(way.lane)
                parcels = await pull.next(TOGETHER[way.lane], WAIT_S)
                one.state.up, one.state.fault = True, ""
                if parcels:
                    await self._ingress.take(way, parcels)
                pause_s = FIRST_PAUSE_S
                continue
            except BusError as fault:
                one.state.up, one.state.fault = False, str(fault)
            except Exception as fault:  # noqa: BLE001 - a lane goes on, whatever befell it
                self._on_fault(f"lane {way.lane} of {way.origin} waits", fault)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))  # noqa: S311 - no secret # nosec B311
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _receiver(self, one: _Origin, origin: Region) -> Receiver:
        async with one.lock:
            if one.receiver is None:
                one.receiver = await self._open(origin)
            return one.receiver
