"""The outbox: what must be announced or done, written in one batch with the change itself.

A row is a pointer (kind, type, subject, aggregate, version), never a body. Writers also hand the
pointer straight to whoever acts on it; the sweep re-reads time buckets until each row is marked
done, so a row that becomes visible late is not lost. Rows end by expiry, not by deletes.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ulid import ULID

from policies.vocabulary import DataCategory
from region_node.ids import new_id
from region_node.storage.engine import MAX_PAGE, Engine, Put, Row, Slice
from region_node.storage.schema import TENANT, Budget, Column, ColumnType, Table
from region_node.storage.store import TenantStore
from region_node.storage.values import instant, number, text

BUCKET = timedelta(minutes=1)
KEPT = timedelta(days=30)

OUTBOX = Table(
    name="outbox",
    partition=("bucket",),
    clustering=("pointer_id",),
    columns={
        "bucket": Column(ColumnType.INSTANT, DataCategory.TIMESTAMP),
        "pointer_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
        "kind": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL),
        "type": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL),
        "person_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
        "aggregate_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
        "version": Column(ColumnType.INT, DataCategory.NON_PERSONAL),
        "done": Column(ColumnType.BOOL, DataCategory.NON_PERSONAL),
    },
    subject=("person_id",),
    ttl_s=int(KEPT.total_seconds()),
    budget=Budget(rows=60_000, row_bytes=400),
)

EVENT = "event"
WORK = "work"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """What happened to which aggregate; `bucket` and `pointer_id` are where the row lies."""

    tenant: str
    jurisdiction: str
    kind: str
    type: str
    person_id: str
    aggregate_id: str
    version: int
    pointer_id: str
    bucket: datetime

    @property
    def made_at(self) -> datetime:
        return ULID.from_str(self.pointer_id.upper()).datetime

    def put(self, *, done: bool = False) -> Put:
        names = ("bucket", "pointer_id", "kind", "type", "person_id", "aggregate_id", "version")
        return Put(OUTBOX, {**{name: getattr(self, name) for name in names}, "done": done})


def bucket_of(moment: datetime) -> datetime:
    seconds = int(moment.timestamp())
    return datetime.fromtimestamp(seconds - seconds % int(BUCKET.total_seconds()), UTC)


@dataclass(frozen=True, slots=True)
class Outbox:
    """Makes, marks and finds the pointers of one tenant in one jurisdiction."""

    store: TenantStore

    def pointer(self, kind: str, type_: str, person_id: str, aggregate_id: str, version: int) -> Pointer:
        """A new pointer; its row must go into the batch of the change that it announces."""
        return Pointer(
            tenant=self.store.tenant,
            jurisdiction=self.store.jurisdiction,
            kind=kind,
            type=type_,
            person_id=person_id,
            aggregate_id=aggregate_id,
            version=version,
            pointer_id=new_id(),
            bucket=bucket_of(datetime.now(UTC)),
        )

    async def mark_done(self, pointer: Pointer) -> None:
        await self.store.write(pointer.put(done=True))

    async def open_pointers(self, buckets: Iterable[datetime]) -> AsyncIterator[Pointer]:
        """Every pointer of these buckets that nobody marked, oldest bucket first."""
        for bucket in buckets:
            query: Slice | None = Slice(partition=(bucket,), limit=MAX_PAGE)
            while query is not None:
                page = await self.store.slice(OUTBOX, query)
                for row in page.rows:
                    if not row["done"]:
                        yield self._pointer(row)
                query = Slice(partition=(bucket,), limit=MAX_PAGE, after=page.after) if page.after else None

    def _pointer(self, row: Row) -> Pointer:
        return Pointer(
            tenant=self.store.tenant,
            jurisdiction=self.store.jurisdiction,
            **{name: text(row, name) for name in ("kind", "type", "person_id", "aggregate_id", "pointer_id")},
            version=number(row, "version"),
            bucket=instant(row, "bucket"),
        )


async def oldest_open(engine: Engine, jurisdiction: str) -> dict[tuple[str, str], datetime]:
    """By tenant and kind, the oldest bucket with an open pointer; walks the whole outbox, for a start."""
    oldest: dict[tuple[str, str], datetime] = {}
    rows, after = await engine.scan(jurisdiction, OUTBOX, None, MAX_PAGE)
    while True:
        for row in rows:
            place = (text(row, TENANT), text(row, "kind"))
            if not row["done"]:
                oldest[place] = min(instant(row, "bucket"), oldest.get(place, instant(row, "bucket")))
        if after is None:
            return oldest
        rows, after = await engine.scan(jurisdiction, OUTBOX, after, MAX_PAGE)


def buckets_between(first: datetime, last: datetime) -> list[datetime]:
    count = int((bucket_of(last) - bucket_of(first)) / BUCKET)
    return [bucket_of(first) + n * BUCKET for n in range(count + 1)]
