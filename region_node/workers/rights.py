"""The rights worker: carries what was approved through to its end, also what another node began and left.

Each erasure and archive is one worker's at a time, under a lease that it renews. Every step can be repeated,
and one that was done is never taken back, so whoever lost the lease unawares does no harm.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from region_node.features.rights.erasure.eraser import Eraser, NotYet
from region_node.features.rights.erasure.model import Erasure, Step
from region_node.features.rights.export.making import Archives
from region_node.features.rights.store import Overtaken, RightsStore
from region_node.storage.leases import Leases, LeaseTaken

LOOK_EVERY_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsWorker:
    """`stores` gives the rights of every tenant in every jurisdiction held here; `archives` makes exports."""

    stores: Callable[[], Iterable[RightsStore]]
    eraser: Eraser
    archives: Archives
    log: Callable[[str, Exception], None]
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Work until cancelled; looks for work every LOOK_EVERY_S, and at once when woken."""
        while True:
            self.wake.clear()
            await self.look()
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self.wake.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Carry on with all that is under way."""
        for rights in self.stores():
            await self._archives(rights)
            async for erasure in rights.erasures():
                try:
                    await self._carry_on(rights, erasure.request_id)
                except Exception as fault:  # noqa: BLE001 - one erasure must not hold up the others
                    self.log("an erasure is tried again", fault)

    async def _archives(self, rights: RightsStore) -> None:
        for request_id in await rights.archives_to_make():
            try:
                async with Leases(rights.store).keep("archive", request_id):
                    await self.archives.make(rights, request_id)
            except LeaseTaken:
                continue
            except Exception as fault:  # noqa: BLE001 - as above
                self.log("an archive is tried again", fault)

    async def _carry_on(self, rights: RightsStore, request_id: str) -> None:
        try:
            async with Leases(rights.store).keep("erasure", request_id):
                erasure = await rights.erasure(request_id)
                if erasure is not None:
                    await self._to_the_end(rights, erasure)
        except (NotYet, LeaseTaken, Overtaken):
            return

    async def _to_the_end(self, rights: RightsStore, erasure: Erasure) -> None:
        while erasure.step is not Step.LATE_ROWS_DELETED:
            erasure = await self.eraser.carry_on(rights, erasure)
        await self.eraser.carry_on(rights, erasure)
