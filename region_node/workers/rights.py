"""The rights worker: carries what was approved through to its end, also what another node began and left.

Every step can be repeated, so two workers at the same work do no harm; a receipt is claimed by one.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from region_node.features.rights.erasure.eraser import Eraser, NotYet
from region_node.features.rights.erasure.model import Erasure, Step
from region_node.features.rights.export.making import Archives
from region_node.features.rights.store import RightsStore

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
                    await self._carry_on(rights, erasure)
                except Exception as fault:  # noqa: BLE001 - one erasure must not hold up the others
                    self.log("an erasure is tried again", fault)

    async def _archives(self, rights: RightsStore) -> None:
        for request_id in await rights.archives_to_make():
            try:
                await self.archives.make(rights, request_id)
            except Exception as fault:  # noqa: BLE001 - as above
                self.log("an archive is tried again", fault)

    async def _carry_on(self, rights: RightsStore, erasure: Erasure) -> None:
        try:
            while erasure.step is not Step.LATE_ROWS_DELETED:
                erasure = await self.eraser.carry_on(rights, erasure)
            await self.eraser.carry_on(rights, erasure)
        except NotYet:
            return
