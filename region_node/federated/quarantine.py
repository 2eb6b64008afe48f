"""What was refused: of each origin and reason the newest few, and how many there were.

A hostile region decides how much it sends, never how much of it is kept.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from federation.inbound import Refused
from policies.vocabulary import Region
from region_node.federated.tables import QUARANTINE, QUARANTINE_COUNTS
from region_node.storage.engine import MAX_PAGE, SHARED, Engine, Key, Put, Row, Slice
from region_node.storage.migrations import SYSTEM_TENANT
from region_node.storage.schema import JURISDICTION, TENANT
from region_node.storage.values import instant, number, text, to_the_millisecond

NEWEST_KEPT = 100
AT_ONCE = 50
"""Rows of one batch, well below what a batch may weigh."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    origin: Region
    reason: str
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One of the newest; `id` is what it said of itself."""

    lane: str
    number: int
    sha256: str
    id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineStore:
    """Fills the port of ingress."""

    engine: Engine
    region: Region

    async def keep(self, refused: Sequence[Refused]) -> None:
        groups: dict[Key, list[Refused]] = defaultdict(list)
        for one in refused:
            groups[one.way.origin, one.reason].append(one)
        for (origin, reason), group in groups.items():
            place = {**self._place(), "origin": origin, "reason": reason}
            first = await self._counted(place, len(group))
            rows = [_row(place, first + at, one) for at, one in enumerate(group)][-NEWEST_KEPT:]
            for begin in range(0, len(rows), AT_ONCE):
                batch = rows[begin : begin + AT_ONCE]
                await self.engine.write(SHARED, [Put(QUARANTINE, row) for row in batch])

    async def counts(self) -> list[Count]:
        """Since ever, by origin and reason."""
        query = Slice(partition=(SYSTEM_TENANT, self.region), limit=MAX_PAGE)
        page = await self.engine.slice(SHARED, QUARANTINE_COUNTS, query)
        return [
            Count(
                origin=Region(text(row, "origin")), reason=text(row, "reason"), refused=number(row, "refused")
            )
            for row in page.rows
        ]

    async def newest(self, origin: Region, reason: str) -> list[Kept]:
        """The newest first, at most NEWEST_KEPT."""
        partition = (SYSTEM_TENANT, self.region, origin, reason)
        page = await self.engine.slice(SHARED, QUARANTINE, Slice(partition=partition, limit=NEWEST_KEPT))
        kept = [
            Kept(
                lane=text(row, "lane"),
                number=number(row, "number"),
                sha256=text(row, "sha256"),
                id=text(row, "envelope_id"),
                at=instant(row, "at"),
            )
            for row in page.rows
        ]
        return sorted(kept, key=lambda one: one.at, reverse=True)

    async def _counted(self, place: Row, more: int) -> int:
        """Add to the count; return what it was before."""
        key = tuple(place[name] for name in QUARANTINE_COUNTS.key)
        while True:
            known = await self.engine.get(SHARED, QUARANTINE_COUNTS, key)
            before = number(known, "refused") if known else 0
            row = {**place, "refused": before + more}
            if known:
                claim = await self.engine.swap(SHARED, QUARANTINE_COUNTS, {"refused": before}, row)
            else:
                claim = await self.engine.claim(SHARED, QUARANTINE_COUNTS, row)
            if claim.won:
                return before

    def _place(self) -> Row:
        return {TENANT: SYSTEM_TENANT, JURISDICTION: SHARED, "region": self.region}


def _row(place: Row, at: int, one: Refused) -> Row:
    """In the place of the one that was refused NEWEST_KEPT before."""
    return {
        **place,
        "slot": at % NEWEST_KEPT,
        "lane": one.way.lane.value,
        "number": one.number,
        "sha256": one.sha256,
        "envelope_id": one.id,
        "at": to_the_millisecond(one.at),
    }
