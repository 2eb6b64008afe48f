"""The retention worker: takes away each day what rules say must go, and clears disks of what was erased."""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from policies.vocabulary import DataCategory, Purpose
from region_node.features.rights.store import RightsStore
from region_node.storage.engine import KEYS, Engine, Row
from region_node.storage.values import instant
from region_node.workers.keeping import Finding, Keeping

EVERY_S = 86_400.0
FIRST_AFTER_S = 600.0


class Line(msgspec.Struct, kw_only=True):
    """What one rule comes to; `failed` are tried again by the next run."""

    record: str
    rule: str
    ref: str
    purpose: Purpose
    category: DataCategory
    jurisdiction: str
    due: int = 0
    held: int = 0
    done: int = 0
    failed: int = 0
    oldest: date | None = None


class Cleared(msgspec.Struct, frozen=True, kw_only=True):
    """A space whose files were written anew; `by_hand` where it has to be compacted on its own servers."""

    space: str
    erasures: int
    seconds: float
    by_hand: bool


class Report(msgspec.Struct, frozen=True, kw_only=True):
    lines: list[Line]
    cleared: list[Cleared] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    keeping: Keeping
    engine: Engine
    rights: Callable[[], Iterable[RightsStore]]
    log: Callable[[str, Exception], None]
    clock: Callable[[], datetime]

    async def work(self) -> None:
        """Run each day until cancelled; the first time a while after the start."""
        await asyncio.sleep(FIRST_AFTER_S)
        while True:
            await self.run()
            await asyncio.sleep(EVERY_S)

    async def plan(self) -> Report:
        """What is due now, without touching it."""
        lines: dict[tuple[str, str, str], Line] = {}
        async for finding in self.keeping.findings():
            _counted(lines, finding)
        return Report(lines=list(lines.values()))

    async def run(self) -> Report:
        """Carry the plan out; what fails is left to the next run. Safe to repeat and to interrupt."""
        lines: dict[tuple[str, str, str], Line] = {}
        async for finding in self.keeping.findings():
            line = _counted(lines, finding)
            if finding.held:
                continue
            try:
                await finding.take_away()
                line.done += 1
            except Exception as fault:  # noqa: BLE001 - one record must not keep the others
                self.log("what is due to go stays until the next run", fault)
                line.failed += 1
        return Report(lines=list(lines.values()), cleared=await self.clear())

    async def clear(self) -> list[Cleared]:
        """Write anew the files of every space from which somebody was erased; once for all of them.

        Those are left to a later day whose deletes the engine has to keep for a while.
        """
        settled = self.clock() - self.engine.grace
        waiting = [
            (rights, row)
            for rights in self.rights()
            for row in await rights.disks_to_clear()
            if instant(row, "erased_at") <= settled
        ]
        spaces = {rights.store.jurisdiction for rights, _ in waiting}
        done = [await self._clear(space, waiting) for space in sorted(spaces)]
        if waiting:
            done.append(await self._clear(KEYS, waiting))
        by_hand = {one.space for one in done if one.by_hand}
        for rights, row in waiting:
            if not {rights.store.jurisdiction, KEYS} & by_hand:
                await rights.cleared(row, self.clock().replace(microsecond=0))
        return done

    async def _clear(self, space: str, waiting: list[tuple[RightsStore, Row]]) -> Cleared:
        begin = time.monotonic()
        cleared = await self.engine.clear(space)
        count = sum(space in {rights.store.jurisdiction, KEYS} for rights, _ in waiting)
        seconds = round(time.monotonic() - begin, 3)
        return Cleared(space=space, erasures=count, seconds=seconds, by_hand=not cleared)


def _counted(lines: dict[tuple[str, str, str], Line], finding: Finding) -> Line:
    key = (finding.jurisdiction, finding.record, finding.rule)
    names = ("record", "rule", "ref", "purpose", "category", "jurisdiction")
    line = lines.setdefault(key, Line(**{name: getattr(finding, name) for name in names}))
    line.due += 1
    line.held += finding.held
    line.oldest = min(line.oldest or finding.due_on, finding.due_on)
    return line
