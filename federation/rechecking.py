"""Looks at everybody of whom something was sent, again and again: for what changes without an event.

Consents and instruments end, people come of age, packs take effect. Nobody announces that for each person.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from federation.egress import Overtaken
from federation.withdrawing import Withdrawals

RECHECK_EVERY_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    withdrawals: Withdrawals
    on_fault: Callable[[Exception], None]

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(RECHECK_EVERY_S)
            await self.all()

    async def all(self) -> int:
        """Look at everybody once; returns how many were looked at. One that fails holds up no other."""
        looked = 0
        async for person in self.withdrawals.egress.outside.book.people():
            try:
                await self.withdrawals.recheck(person)
            except Overtaken:
                continue
            except Exception as fault:  # noqa: BLE001 - the next round looks again
                self.on_fault(fault)
            looked += 1
        return looked
