"""Sending beacons: to each destination while its lane of retractions is empty, and after each erasure.

What was erased is kept in memory until a beacon has said it. If the process ends before, the destination
takes those numbers for lost and asks for what is gone: a question more, and nothing that was erased.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from ulid import ULID

from federation.beacons import LaneSign, beacon_subject, sign_beacon
from federation.errors import BusError
from federation.keyring import Signer
from federation.ports import Erased, Sender
from federation.topology import Lane
from policies.vocabulary import Region

Clock = Callable[[], datetime]
OnFault = Callable[[str, Exception], None]
_Numbers = dict[tuple[Region, Lane], set[int]]
AT_ONCE = 1024
"""Erased numbers of a lane in one beacon; with those of three lanes it is below its largest size."""


class BeaconSender:
    """Made once for a region; `run` until cancelled."""

    def __init__(
        self,
        origin: Region,
        sender: Sender,
        signer: Callable[[datetime], Signer],
        destinations: Callable[[], Iterable[Region]],
        clock: Clock,
    ) -> None:
        self._origin = origin
        self._sender = sender
        self._signer = signer
        self._destinations = destinations
        self._clock = clock
        self._erased: _Numbers = defaultdict(set)

    async def run(self, every_s: float, on_fault: OnFault) -> None:
        """Every *every_s* to everybody who is due; a destination that cannot be sent to holds up no other."""
        while True:
            await self._round(on_fault)
            await asyncio.sleep(every_s)

    async def told_erased(self, erased: Iterable[Erased]) -> None:
        """Tell destinations at once which numbers will never come.

        Raises:
            BusError: it was not sent; a later beacon says it.
        """
        touched = set()
        for one in erased:
            self._erased[one.destination, one.lane].add(one.number)
            touched.add(one.destination)
        await asyncio.gather(*(self.send(destination) for destination in sorted(touched)))

    async def send(self, destination: Region) -> None:
        """Send one, whatever waits; more where that many numbers were erased. Raises BusError."""
        while True:
            await self._send(destination)
            if not any(self._erased[destination, lane] for lane in Lane):
                return

    async def _send(self, destination: Region) -> None:
        signs = {lane: await self._sign_of(destination, lane) for lane in Lane}
        now = self._clock()
        body = sign_beacon(destination, signs, now, self._signer(now))
        await self._sender.send(beacon_subject(self._origin, destination), body, f"beacon-{ULID()}")
        for lane, sign in signs.items():
            self._erased[destination, lane].difference_update(sign.erased)

    async def _sign_of(self, destination: Region, lane: Lane) -> LaneSign:
        lag = await self._sender.lag(destination, lane)
        told = tuple(sorted(self._erased[destination, lane])[:AT_ONCE])
        return LaneSign(first_kept=lag.first_kept, last=lag.last, erased=told)

    async def _round(self, on_fault: OnFault) -> None:
        await asyncio.gather(*(self._if_due(destination, on_fault) for destination in self._destinations()))

    async def _if_due(self, destination: Region, on_fault: OnFault) -> None:
        try:
            lag = await self._sender.lag(destination, Lane.RETRACTION)
            if not lag.waiting and not lag.in_hand:
                await self.send(destination)
        except BusError as fault:
            on_fault(f"no beacon went to {destination}", fault)
