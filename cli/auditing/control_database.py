"""The control database: no athlete's id may stand in any column of any table."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped] # ships no types

from cli.auditing import sqlite_files
from cli.auditing.files import pieces_of
from cli.auditing.model import CONTROL_NAME, Kind, Mark, Rule, Scope, Sighting, Store, StoreUnreachable, Tally
from cli.auditing.patterns import Patterns

NOBODY = Scope(frozenset(), Rule.CONTROL)
CONTROL_TABLE = CONTROL_NAME.replace("-", "_")
ROWS_AT_ONCE = 500
_FAULTS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class SqliteControl:
    """The file, its write-ahead log, and beside them a file of the control's own."""

    path: Path
    patterns: Patterns
    store: Store = Store.CONTROL

    @contextmanager
    def planted(self, mark: Mark) -> Iterator[frozenset[Kind]]:
        if not self.path.is_file():
            raise StoreUnreachable(f"there is no file {self.path}")
        with sqlite_files.planted_file(self.path.parent, mark) as kinds:
            yield kinds & {Kind.ID, Kind.BYTES}

    def sightings(self, tally: Tally) -> Iterator[Sighting]:
        for path in (self.path, self.path.with_name(f"{CONTROL_NAME}.sqlite")):
            if path.is_file():
                yield from self._file(path, tally)

    def _file(self, path: Path, tally: Tally) -> Iterator[Sighting]:
        for table, kind, jurisdiction, key in sqlite_files.rows_of(path, self.patterns, tally):
            if kind is Kind.ID:
                yield Sighting(self.store, path.name, table, kind, jurisdiction, NOBODY, key)
        for beside in (path, path.with_name(f"{path.name}-wal")):
            if beside.is_file():
                tally.counts["files"] += 1
                for seen in self.patterns.in_pieces(pieces_of(beside, tally)):
                    yield Sighting(
                        self.store, beside.name, "(bytes)", seen.kind, seen.jurisdiction, NOBODY, seen.text
                    )


@dataclass(slots=True)
class PostgresControl:
    """All is read in one transaction that plants the control too and is rolled back in the end."""

    url: str = field(repr=False)
    patterns: Patterns
    store: Store = Store.CONTROL
    _connection: Any = None
    _transaction: Any = None
    _runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    @contextmanager
    def planted(self, mark: Mark) -> Iterator[frozenset[Kind]]:
        with self._runner as runner:
            try:
                self._connection = runner.run(_connected(self.url))
            except (*_FAULTS, ValueError) as fault:
                raise StoreUnreachable(
                    f"the control database does not answer ({type(fault).__name__})"
                ) from fault
            try:
                yield runner.run(self._plant(mark))
            finally:
                runner.run(self._close())

    def sightings(self, tally: Tally) -> Iterator[Sighting]:
        try:
            for schema, table in self._runner.run(self._tables()):
                tally.counts["tables"] += 1
                yield from self._table(schema, table, tally)
        except _FAULTS as fault:
            raise StoreUnreachable(f"the control database went away ({type(fault).__name__})") from fault

    def _table(self, schema: str, table: str, tally: Tally) -> Iterator[Sighting]:
        container = CONTROL_NAME if table == CONTROL_TABLE else schema
        batches = self._batches(f'"{schema}"."{table}"')
        while rows := self._runner.run(_next(batches)):
            tally.counts["rows"] += len(rows)
            for row in rows:
                values = [
                    value if isinstance(value, bytes) else str(value).encode() for value in row.values()
                ]
                for seen in self.patterns.ids(b"\x1f".join(values)):
                    yield Sighting(
                        self.store, container, table, seen.kind, seen.jurisdiction, NOBODY, seen.text
                    )

    async def _batches(self, name: str) -> AsyncIterator[list[Any]]:
        cursor = await self._connection.cursor(f"SELECT * FROM {name}")  # noqa: S608 - a name of the server's
        while rows := await cursor.fetch(ROWS_AT_ONCE):
            yield rows

    async def _tables(self) -> list[tuple[str, str]]:
        rows = await self._connection.fetch(
            "SELECT schemaname, tablename FROM pg_catalog.pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"
        )
        return [(row["schemaname"], row["tablename"]) for row in rows]

    async def _plant(self, mark: Mark) -> frozenset[Kind]:
        self._transaction = self._connection.transaction()
        await self._transaction.start()
        try:
            async with self._connection.transaction():
                await self._connection.execute(f"CREATE TABLE {CONTROL_TABLE} (body text)")
                insert = f"INSERT INTO {CONTROL_TABLE} VALUES ($1)"  # noqa: S608 - a name of ours
                await self._connection.execute(insert, mark.person_id)
        except asyncpg.PostgresError:
            return frozenset()
        return frozenset({Kind.ID})

    async def _close(self) -> None:
        if self._transaction is not None:
            await self._transaction.rollback()
        await self._connection.close(timeout=5)


async def _connected(url: str) -> Any:
    return await asyncpg.connect(url.replace("asyncpg://", "postgresql://", 1), timeout=10)


async def _next(batches: AsyncIterator[list[Any]]) -> list[Any]:
    return await anext(batches, [])
