"""Which rows hold a person: kept beside the rows themselves, so that an erasure finds every one of them.

A row that lies in a partition of the person's own (its key is the person's id and no more) is found without
an index. For any other table that names a person, an entry goes into the same batch as the row, or is durable
before it: a claim, or a row too large for a batch. So no row is without its entry, whatever stops the writer.
Entries of tables whose rows expire do so as well, later than the rows. Entries outlive rows that are deleted:
erasing twice is harmless, and a row that is put again has its entry.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import msgspec

from policies.vocabulary import DataCategory
from region_node.storage.engine import MAX_BATCH_BYTES, Claim, Engine, Put, Row, Value, Write, weight
from region_node.storage.schema import JURISDICTION, TENANT, Budget, Column, ColumnType, SpaceKind, Table

LONGEST_LIFE_S = 60 * 86_400
OUTLIVES_S = 86_400
MAX_REMEMBERED = 20_000
REMEMBERED_FOR_S = 3600.0

_COLUMNS = {
    "person_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
    "kind": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL),
    "place": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
}

SUBJECT_INDEX = Table(
    name="subject_index",
    partition=("person_id",),
    clustering=("kind", "place"),
    columns=_COLUMNS,
    subject=("person_id",),
    budget=Budget(rows=350_000, row_bytes=280),
)

SUBJECT_INDEX_EXPIRING = Table(
    name="subject_index_expiring",
    partition=("person_id",),
    clustering=("kind", "place"),
    columns=_COLUMNS,
    subject=("person_id",),
    ttl_s=LONGEST_LIFE_S + OUTLIVES_S,
    budget=Budget(rows=350_000, row_bytes=280),
)

TABLES = (SUBJECT_INDEX, SUBJECT_INDEX_EXPIRING)
_OWN = ","


@dataclass(frozen=True, slots=True)
class Entry:
    """Rows of one person somewhere: `kind` is a table, or the partition columns that several tables share."""

    kind: str
    place: str

    @property
    def is_partition(self) -> bool:
        return _OWN in self.kind

    def tables(self, tables: Iterable[Table]) -> list[Table]:
        """Those of *tables* that the entry is about."""
        if self.is_partition:
            return [table for table in tables if _OWN.join(table.partition) == self.kind]
        return [table for table in tables if table.name == self.kind]

    def key(self, table: Table) -> tuple[Value, ...]:
        """The partition key, or the whole key of the row, in *table*; without the tenant."""
        names = table.partition if self.is_partition else table.own_key
        values = msgspec.json.decode(self.place)
        return tuple(_value(table, name, value) for name, value in zip(names, values, strict=True))


def entries_of(table: Table, row: Mapping[str, Value]) -> Iterator[tuple[str, Entry]]:
    """The people that *row* names, each with the entry that leads to it."""
    if table.space is not SpaceKind.HOME or not table.indexed:
        return
    for name in table.subject:
        person = str(row[name])
        if not person or table.partition == (name,):
            continue
        owned = name in table.partition
        names = table.partition if owned else table.own_key
        place = msgspec.json.encode([_plain(row[part]) for part in names]).decode()
        yield person, Entry(_OWN.join(table.partition) if owned else table.name, place)


def index_of(table: Table) -> Table:
    """Which index has the entries of *table*."""
    return SUBJECT_INDEX_EXPIRING if table.ttl_s else SUBJECT_INDEX


def own_partition(table: Table) -> str | None:
    """The subject column that is all of the table's partition key, if there is one."""
    return next((name for name in table.subject if table.partition == (name,)), None)


def indexed(engine: Engine) -> Engine:
    """*engine*, with the entries brought along by every row that names a person."""
    return cast("Engine", IndexedEngine(engine))


class IndexedEngine:
    """An engine that brings the entries with every row; what it has made durable it remembers for an hour."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._clock = clock
        self._durable: OrderedDict[tuple[Value, ...], float] = OrderedDict()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    async def write(self, space: str, writes: Sequence[Write]) -> None:
        entries = self._missing(writes)
        together = await self._before(space, writes, entries)
        await self._engine.write(space, [*writes, *together])
        self._remember(entries)

    async def write_everywhere(self, space: str, writes: Sequence[Write]) -> bool:
        entries = self._missing(writes)
        together = await self._before(space, writes, entries)
        replicated = await self._engine.write_everywhere(space, [*writes, *together])
        self._remember(entries)
        return replicated

    async def claim(self, space: str, table: Table, row: Mapping[str, Value]) -> Claim:
        await self._note(space, table, row)
        return await self._engine.claim(space, table, row)

    async def swap(
        self, space: str, table: Table, expected: Mapping[str, Value], row: Mapping[str, Value]
    ) -> Claim:
        await self._note(space, table, row)
        return await self._engine.swap(space, table, expected, row)

    async def _note(self, space: str, table: Table, row: Mapping[str, Value]) -> None:
        entries = self._missing([Put(table, row)])
        if entries:
            await self._engine.write(space, entries)
            self._remember(entries)

    async def _before(self, space: str, writes: Sequence[Write], entries: list[Put]) -> list[Put]:
        """Entries that fit into the batch; where they do not, they are durable when this returns."""
        if not entries or weight([*writes, *entries]) <= MAX_BATCH_BYTES:
            return entries
        await self._engine.write(space, entries)
        return []

    def _missing(self, writes: Sequence[Write]) -> list[Put]:
        now, found = self._clock(), {}
        for write in writes:
            if not isinstance(write, Put):
                continue
            for person, entry in entries_of(write.table, write.row):
                put = Put(index_of(write.table), _row(write.row, person, entry))
                if self._durable.get(_name(put), -REMEMBERED_FOR_S) + REMEMBERED_FOR_S <= now:
                    found[_name(put)] = put
        return list(found.values())

    def _remember(self, entries: Iterable[Put]) -> None:
        now = self._clock()
        for put in entries:
            self._durable[_name(put)] = now
            self._durable.move_to_end(_name(put))
        while len(self._durable) > MAX_REMEMBERED:
            self._durable.popitem(last=False)


def _name(put: Put) -> tuple[Value, ...]:
    return tuple(put.row[name] for name in put.table.key)


def _row(row: Mapping[str, Value], person: str, entry: Entry) -> Row:
    where = {TENANT: row[TENANT], JURISDICTION: row[JURISDICTION]}
    return {**where, "person_id": person, "kind": entry.kind, "place": entry.place}


def _plain(value: Value) -> Value:
    return round(value.timestamp() * 1000) if isinstance(value, datetime) else value


def _value(table: Table, name: str, value: Value) -> Value:
    if table.columns[name].type is ColumnType.INSTANT and isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC)
    return value
