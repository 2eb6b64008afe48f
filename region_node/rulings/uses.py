"""The data-use log: which data about a person was used for what, on which ground, how often in a day.

Uses are counted in memory and written every FLUSH_EVERY_S, and when the node stops: a process that is killed
loses the counts since. Every process writes rows of its own, which are added up when somebody reads them.
Reads by staff are no counts: each is a row of its own, durable before the data is shown.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

import msgspec

from policies.ruling import Ruling
from policies.vocabulary import DataCategory, Purpose
from region_node.ids import jurisdiction_of, new_id
from region_node.rulings.access import Access, Reader, StaffAccess
from region_node.storage.engine import MAX_PAGE, Key, Put, Row, Slice
from region_node.storage.errors import StorageError
from region_node.storage.person_keys import PersonKeyGone
from region_node.storage.schema import Budget, Column, ColumnType, Order, Table
from region_node.storage.store import TenantStore
from region_node.storage.values import blob, instant, number

FLUSH_EVERY_S = 30.0
TOGETHER = 16
MAX_COUNTED = 50_000
DAY_S = 86_400
KEPT_S = 400 * DAY_S
EPOCH = date(1970, 1, 1).toordinal()

DATA_USES = Table(
    name="data_uses",
    partition=("person_id",),
    clustering=("day", "segment"),
    order=Order.DESCENDING,
    columns={
        "person_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
        "day": Column(ColumnType.INT, DataCategory.TIMESTAMP),
        "segment": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL),
        "body": Column(ColumnType.BYTES, DataCategory.TIMESTAMP, sealed=True),
    },
    subject=("person_id",),
    ttl_s=KEPT_S,
    budget=Budget(rows=45_000, row_bytes=2_300),
)
"""`day` counts from 1970-01-01; a segment is what one process counted of a use until it began anew."""

STAFF_ACCESSES = Table(
    name="staff_accesses",
    partition=("person_id",),
    clustering=("access_id",),
    order=Order.DESCENDING,
    columns={
        "person_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
        "access_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
        "at": Column(ColumnType.INSTANT, DataCategory.TIMESTAMP),
        "body": Column(ColumnType.BYTES, DataCategory.TIMESTAMP, sealed=True),
    },
    subject=("person_id",),
    ttl_s=KEPT_S,
    budget=Budget(rows=30_000, row_bytes=3_300),
)

TABLES = (DATA_USES, STAFF_ACCESSES)


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """What was used: `rules` are the grounds, by the ids of the rules that allowed it."""

    purpose: Purpose
    categories: tuple[DataCategory, ...]
    reader: Reader
    rights: bool
    rules: tuple[str, ...]
    key: str = ""

    @classmethod
    def of(cls, access: Access, allowed: Mapping[DataCategory, Ruling]) -> "Use":
        categories = tuple(sorted(allowed))
        rules = tuple(sorted({rule for ruling in allowed.values() for rule in ruling.rules}))
        key = "\x1f".join((access.key, *categories, "", *rules))
        return cls(
            purpose=access.purpose,
            categories=categories,
            reader=access.reader,
            rights=access.rights,
            rules=rules,
            key=key,
        )


class CountedUse(msgspec.Struct, frozen=True, kw_only=True):
    """Uses of one day, in one region."""

    use: Use
    region: str
    count: int


class StaffRead(msgspec.Struct, frozen=True, kw_only=True):
    operator_id: str
    why: str
    use: Use
    region: str


@dataclass(slots=True)
class _Tally:
    use: Use
    segment: str
    count: int = 0
    written: int = 0


_Place = tuple[str, str, int, str]


class DataUses:
    """One per process; `region` is where what was used went."""

    def __init__(self, unruled: Callable[[str, str], TenantStore], region: str) -> None:
        self._unruled = unruled
        self._region = region
        self._tallies: dict[_Place, _Tally] = {}
        self._writing = asyncio.Lock()

    def count(self, tenant: str, person_id: str, use: Use) -> None:
        place = (tenant, person_id, int(time.time()) // DAY_S, use.key)
        tally = self._tallies.get(place)
        if tally is None:
            tally = self._tallies[place] = _Tally(use, new_id())
        tally.count += 1

    async def record_staff(self, tenant: str, person_id: str, staff: StaffAccess, use: Use) -> None:
        """Durable when this returns."""
        read = StaffRead(operator_id=staff.operator_id, why=staff.why, use=use, region=self._region)
        row: Row = {
            "person_id": person_id,
            "access_id": new_id(),
            "at": datetime.now(UTC).replace(microsecond=0),
            "body": msgspec.json.encode(read),
        }
        await self._unruled(tenant, jurisdiction_of(person_id)).write(Put(STAFF_ACCESSES, row))

    async def run(self) -> None:
        """Write what was counted, until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(FLUSH_EVERY_S)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Write what was counted since the last time; what cannot be written now is kept for the next."""
        async with self._writing:
            waiting = [place for place, tally in self._tallies.items() if tally.count != tally.written]
            for begin in range(0, len(waiting), TOGETHER):
                await asyncio.gather(*(self._write(place) for place in waiting[begin : begin + TOGETHER]))
            self._forget_old()

    async def _write(self, place: _Place) -> None:
        tenant, person_id, day, _ = place
        tally = self._tallies[place]
        counted = tally.count
        body = CountedUse(use=tally.use, region=self._region, count=counted)
        row: Row = {"person_id": person_id, "day": day, "segment": tally.segment}
        try:
            store = self._unruled(tenant, jurisdiction_of(person_id))
            await store.write(Put(DATA_USES, {**row, "body": msgspec.json.encode(body)}))
        except PersonKeyGone:  # erased meanwhile, and the log with them
            counted = tally.count
        except StorageError:
            return
        tally.written = counted

    def _forget_old(self) -> None:
        """A use that is counted again afterwards begins another segment of the same day."""
        today = int(time.time()) // DAY_S
        many = len(self._tallies) > MAX_COUNTED
        done = [p for p, tally in self._tallies.items() if tally.count == tally.written]
        for place in done:
            if many or place[2] < today:
                del self._tallies[place]

    async def of(self, store: TenantStore, person_id: str, days: int = 90) -> list[tuple[date, CountedUse]]:
        """The uses of the last *days*, newest day first, every process included.

        *store* is for a person's own rights; uses that other processes have not written yet are missing.
        """
        await self.flush()
        first = int(time.time()) // DAY_S - days
        totals: dict[tuple[int, str, str], CountedUse] = {}
        after: Key | None = ()
        while after is not None:
            query = Slice(partition=(person_id,), limit=MAX_PAGE, lower=(first,), after=after)
            page = await store.slice(DATA_USES, query)
            after = page.after
            for row in page.rows:
                found = msgspec.json.decode(blob(row, "body"), type=CountedUse)
                place = (number(row, "day"), found.use.key, found.region)
                before = totals[place].count if place in totals else 0
                totals[place] = msgspec.structs.replace(found, count=before + found.count)
        newest = sorted(totals.items(), key=lambda item: (-item[0][0], item[0][1:]))
        return [(date.fromordinal(EPOCH + day), use) for (day, _, _), use in newest]


async def staff_reads(
    store: TenantStore, person_id: str, after: Key = (), limit: int = 100
) -> tuple[list[tuple[datetime, StaffRead]], Key | None]:
    """Who of the staff looked at a person's data and why, newest first; *store* is for own rights."""
    page = await store.slice(STAFF_ACCESSES, Slice(partition=(person_id,), limit=limit, after=after))
    reads = [
        (instant(row, "at"), msgspec.json.decode(blob(row, "body"), type=StaffRead)) for row in page.rows
    ]
    return reads, page.after
