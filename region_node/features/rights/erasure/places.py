"""Where a person is: every row and object of theirs, found through subject columns and the subject index."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from region_node.storage.engine import MAX_PAGE, Delete, DeletePartition, Engine, Key, Row, Slice
from region_node.storage.schema import SpaceKind, Table
from region_node.storage.subjects import TABLES as INDEXES
from region_node.storage.subjects import Entry, entries_of, index_of, own_partition
from region_node.storage.values import text

T = TypeVar("T")
OBJECT = "object_name"
"""A column of this name names a sealed object of the row's person."""

AT_ONCE = 64
TOGETHER = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    tenant: str
    jurisdiction: str
    person_id: str


@dataclass(frozen=True)
class Places:
    """Finds and deletes rows as engines keep them: nothing has to be opened, so no key is needed.

    `tables` are all tables of the node.
    """

    engine: Engine
    tables: tuple[Table, ...]

    @cached_property
    def erased(self) -> list[Table]:
        """Tables of the home space that may hold a person, without the indexes, which go last."""
        may_hold = [table for table in self.tables if table.subject and table.space is SpaceKind.HOME]
        return [table for table in may_hold if table.indexed and table not in INDEXES]

    async def entries(self, person: Person) -> AsyncIterator[list[Entry]]:
        """What the index says, page by page."""
        for index in INDEXES:
            async for rows in self._slices(person, index):
                yield [Entry(text(row, "kind"), text(row, "place")) for row in rows]

    async def objects(self, person: Person) -> AsyncIterator[list[str]]:
        """Names of the person's sealed objects, page by page."""
        for table in self.erased:
            if OBJECT in table.columns and own_partition(table):
                async for rows in self._slices(person, table):
                    yield [name for row in rows if (name := text(row, OBJECT))]
        async for entries in self.entries(person):
            yield await self._indexed_objects(person, entries)

    async def delete(self, person: Person, entries: Sequence[Entry]) -> None:
        """Delete what *entries* lead to, many at a time; repeatable."""
        found = [(table, entry) for entry in entries for table in self._of(entry)]
        whole = [
            DeletePartition(table, (person.tenant, *entry.key(table)))
            for table, entry in found
            if entry.is_partition and not table.conditional
        ]
        await at_once([self.engine.write(person.jurisdiction, some) for some in _parted(whole, TOGETHER)])
        rows = [(table, entry) for table, entry in found if table.conditional or not entry.is_partition]
        await at_once([self._delete_rows(person, some) for some in _parted(rows, TOGETHER)])

    async def delete_own(self, person: Person) -> None:
        """Delete the partitions that are the person's own, whatever is in them; repeatable."""
        for table in self.erased:
            if own_partition(table) is None:
                continue
            if len(table.subject) > 1:
                async for rows in self._slices(person, table):
                    await self._forget_in_others(person, table, rows)
            if not table.conditional:
                await self.engine.write(
                    person.jurisdiction, [DeletePartition(table, (person.tenant, person.person_id))]
                )
                continue
            async for rows in self._slices(person, table):
                keys = [tuple(row[name] for name in table.key) for row in rows]
                await at_once([self._release(person, table, key) for key in keys])

    async def delete_indexes(self, person: Person) -> None:
        """The last step: without its entries nothing of the person is found again."""
        key = (person.tenant, person.person_id)
        await self.engine.write(person.jurisdiction, [DeletePartition(index, key) for index in INDEXES])

    def _of(self, entry: Entry) -> list[Table]:
        return entry.tables(self.erased)

    async def _delete_rows(self, person: Person, found: Sequence[tuple[Table, Entry]]) -> None:
        deletes = []
        for table in {table.name: table for table, _ in found}.values():
            keys = [(person.tenant, *entry.key(table)) for own, entry in found if own is table]
            for key, row in zip(
                keys, await self.engine.get_many(person.jurisdiction, table, keys), strict=True
            ):
                if row is None or all(row[name] != person.person_id for name in table.subject):
                    continue  # it has gone to somebody else since its entry was made
                await self._forget_in_others(person, table, [row])
                if table.conditional:
                    await self._release(person, table, key)
                else:
                    deletes.append(Delete(table, key))
        if deletes:
            await self.engine.write(person.jurisdiction, deletes)

    async def _forget_in_others(self, person: Person, table: Table, rows: Sequence[Row]) -> None:
        """A row about two people has an entry with each, whose key names both."""
        if len(table.subject) == 1:
            return
        index = index_of(table)
        for row in rows:
            for other, entry in entries_of(table, row):
                key = (person.tenant, other, entry.kind, entry.place)
                await self.engine.write(person.jurisdiction, [Delete(index, key)])

    async def _release(self, person: Person, table: Table, key: Key) -> None:
        for name in table.subject:
            await self.engine.release(person.jurisdiction, table, key, {name: person.person_id})

    async def _indexed_objects(self, person: Person, entries: Sequence[Entry]) -> list[str]:
        names = []
        for entry in entries:
            for table in self._of(entry):
                if OBJECT in table.columns and not entry.is_partition:
                    row = await self.engine.get(
                        person.jurisdiction, table, (person.tenant, *entry.key(table))
                    )
                    names.append(text(row, OBJECT) if row else "")
        return [name for name in names if name]

    async def _slices(self, person: Person, table: Table) -> AsyncIterator[list[Row]]:
        partition = (person.tenant, person.person_id)
        after: Key | None = ()
        while after is not None:
            query = Slice(partition=partition, limit=MAX_PAGE, after=after)
            page = await self.engine.slice(person.jurisdiction, table, query)
            if page.rows:
                yield page.rows
            after = page.after


def _parted(items: Sequence[T], size: int) -> list[Sequence[T]]:
    return [items[begin : begin + size] for begin in range(0, len(items), size)]


async def at_once(work: Sequence[Coroutine[Any, Any, None]]) -> None:
    """Do all of *work*, AT_ONCE at a time; the first fault ends it."""
    waiting = iter(work)

    async def some() -> None:
        for one in waiting:
            await one

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(work))):
                group.create_task(some())
    except BaseExceptionGroup as faults:
        raise faults.exceptions[0] from None
    finally:
        for one in waiting:
            one.close()
