"""The embedded engine: one SQLite file per space, a writing and a reading thread for each in use."""

import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from region_node.storage import sqlite_sql as sql
from region_node.storage import sqlite_timed_sql as timed
from region_node.storage.engine import (
    MAX_MULTI_GET,
    MAX_PAGE,
    AddColumn,
    Claim,
    CreateTable,
    Delete,
    Key,
    Page,
    Put,
    Row,
    SchemaChange,
    Slice,
    Update,
    Value,
    Write,
    require_writable,
    to_stored,
    updated,
    weigh,
)
from region_node.storage.errors import StorageUnavailable
from region_node.storage.schema import Table
from region_node.storage.sqlite_worker import SqliteWorker

MIN_FREE_BYTES = 16 * 1024 * 1024


class SqliteEngine:
    """Fills the Engine port. `now` gives seconds since the epoch and decides what has expired."""

    grace = timedelta()

    def __init__(self, directory: Path, now: Callable[[], float] = time.time) -> None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._directory = directory
        self._now = now
        self._writers: dict[str, SqliteWorker] = {}
        self._readers: dict[str, SqliteWorker] = {}

    async def get(self, space: str, table: Table, key: Key) -> Row | None:
        values = [*_bound(key), *self._moment(table)]
        found = await self._read(space, lambda c: c.execute(sql.get(table), values).fetchone())
        return _row(table, found) if found else None

    async def get_many(self, space: str, table: Table, keys: Sequence[Key]) -> list[Row | None]:
        if len(keys) > MAX_MULTI_GET:
            raise ValueError(f"{len(keys)} keys, above {MAX_MULTI_GET}")
        rows = [[*_bound(key), *self._moment(table)] for key in keys]
        statement = sql.get(table)
        found = await self._read(
            space, lambda c: [c.execute(statement, values).fetchone() for values in rows]
        )
        return [_row(table, values) if values else None for values in found]

    async def slice(self, space: str, table: Table, query: Slice) -> Page:
        if not 0 < query.limit <= MAX_PAGE:
            raise ValueError(f"a page of {query.limit} rows; 1 to {MAX_PAGE} are allowed")
        text, values = sql.select_slice(table, query)
        values = [*_bound(values), *self._moment(table)]
        found = await self._read(space, lambda c: c.execute(text, values).fetchall())
        rows = [_row(table, values) for values in found[: query.limit]]
        more = len(found) > query.limit
        return Page(rows, tuple(rows[-1][name] for name in table.clustering) if more else None)

    async def write(self, space: str, writes: Sequence[Write]) -> None:
        weigh(writes)
        prepared = [statement for write in writes for statement in self._prepare(write)]

        def job(connection: sqlite3.Connection) -> None:
            for text, values in prepared:
                connection.execute(text, values)

        await self._write(space, job)

    async def write_everywhere(self, space: str, writes: Sequence[Write]) -> bool:
        """The one file is everywhere that there is."""
        await self.write(space, writes)
        return True

    def _prepare(self, write: Write) -> list[timed.Statement]:
        require_writable(write)
        table = write.table
        if isinstance(write, Update):
            return [(sql.update(table, updated(write)), _bound([*write.values.values(), *write.key]))]
        if isinstance(write, Put):
            values = self._values(write)
            return [timed.put(table, values) if table.timed else (sql.put(table), values)]
        if table.timed:
            return timed.delete(table, _bound(write.key), write.at, self._now())
        remove = sql.delete if isinstance(write, Delete) else sql.delete_partition
        return [(remove(table), _bound(write.key))]

    def _values(self, put: Put) -> list[Any]:
        table, values = put.table, _bound(to_stored(put.table, put.row))
        expires = [int((self._now() + table.ttl_s) * 1000)] * bool(table.ttl_s)
        return [*values, *expires, *[put.at] * table.timed]

    async def claim(self, space: str, table: Table, row: Mapping[str, Value]) -> Claim:
        insert, select = sql.put(table, "INSERT OR IGNORE"), sql.get(table)
        values, key = self._values(Put(table, row)), _bound([row[name] for name in table.key])
        moment = self._moment(table)

        def job(connection: sqlite3.Connection) -> Any:
            if table.ttl_s:
                connection.execute(sql.delete(table) + f" AND {sql.EXPIRES} <= ?", [*key, *moment])
            connection.execute(insert, values)
            return connection.execute(select, [*key, *moment]).fetchone()

        stands = _row(table, await self._write(space, job))
        return Claim(won=stands == dict(row), row=stands)

    async def swap(
        self, space: str, table: Table, expected: Mapping[str, Value], row: Mapping[str, Value]
    ) -> Claim:
        select, key = sql.get(table), _bound([row[name] for name in table.key])
        values, moment = self._values(Put(table, row)), self._moment(table)

        def job(connection: sqlite3.Connection) -> Claim:
            found = connection.execute(select, [*key, *moment]).fetchone()
            stands = _row(table, found) if found else {}
            if not _holds(stands, expected):
                return Claim(won=False, row=stands)
            connection.execute(sql.put(table), values)
            return Claim(won=True, row=dict(row))

        claim: Claim = await self._write(space, job)
        return claim

    async def release(self, space: str, table: Table, key: Key, expected: Mapping[str, Value]) -> bool:
        def job(connection: sqlite3.Connection) -> bool:
            found = connection.execute(sql.get(table), [*_bound(key), *self._moment(table)]).fetchone()
            if not found or not _holds(_row(table, found), expected):
                return False
            connection.execute(sql.delete(table), _bound(key))
            return True

        return bool(await self._write(space, job))

    async def scan(
        self, space: str, table: Table, after: object | None, limit: int
    ) -> tuple[list[Row], object | None]:
        values = [*_bound(after if isinstance(after, tuple) else ()), limit]
        text = sql.scan(table, further=after is not None)
        found = await self._read(space, lambda c: c.execute(text, values).fetchall())
        rows = [_row(table, values) for values in found]
        return rows, tuple(rows[-1][name] for name in table.key) if len(rows) == limit else None

    async def expire(self, space: str, table: Table) -> None:
        """Remove the rows whose time is over, which readers no longer see, and deletes that nobody needs."""
        now = self._now()
        moment = [int(now * 1000)]

        def job(connection: sqlite3.Connection) -> None:
            if table.timed:
                connection.execute(timed.forget(table), moment)
            if table.timed and table.ttl_s:
                for *key, at in connection.execute(timed.ended(table), moment).fetchall():
                    connection.execute(*timed.note(table, key, at, now))
            if table.ttl_s:
                connection.execute(sql.expire(table), moment)

        if table.timed or table.ttl_s:
            await self._write(space, job)

    async def apply(self, space: str, changes: Sequence[SchemaChange]) -> None:
        def job(connection: sqlite3.Connection) -> None:
            for change in changes:
                if isinstance(change, CreateTable):
                    connection.execute(sql.create(change.table))
                    if change.table.timed:
                        connection.execute(timed.create_deletes(change.table))
                if not isinstance(change, AddColumn):
                    continue
                known = {row[1] for row in connection.execute(f"PRAGMA table_info({change.table.name})")}
                if change.column not in known:
                    connection.execute(sql.add_column(change.table, change.column))

        await self._write(space, job)

    async def clear(self, space: str) -> bool:
        """VACUUM, then empty the write-ahead log; True once nothing that was deleted is in either.

        Raises:
            StorageUnavailable: readers held the log for too long; repeat it.
        """

        def job(connection: sqlite3.Connection) -> bool:
            connection.execute("VACUUM")
            busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            if busy:
                raise StorageUnavailable(f"the log of {space} is being read")
            return True

        worker = self._writers.get(space) or self._worker(self._writers, space, writes=True)
        return bool(await worker.run(job, alone=True))

    async def ping(self) -> None:
        free = shutil.disk_usage(self._directory).free
        if free < MIN_FREE_BYTES:
            raise StorageUnavailable(f"only {free} bytes are free for SQLite")

    async def close(self) -> None:
        for worker in [*self._readers.values(), *self._writers.values()]:
            worker.close()
        self._readers.clear()
        self._writers.clear()

    def _moment(self, table: Table) -> list[int]:
        return [int(self._now() * 1000)] if table.ttl_s else []

    async def _read(self, space: str, job: Callable[[sqlite3.Connection], Any]) -> Any:
        worker = self._readers.get(space) or self._worker(self._readers, space, writes=False)
        return await worker.run(job)

    async def _write(self, space: str, job: Callable[[sqlite3.Connection], Any]) -> Any:
        worker = self._writers.get(space) or self._worker(self._writers, space, writes=True)
        return await worker.run(job)

    def _worker(self, workers: dict[str, SqliteWorker], space: str, *, writes: bool) -> SqliteWorker:
        return workers.setdefault(space, SqliteWorker(self._directory / f"{space}.sqlite", writes=writes))


def _bound(values: Sequence[Any]) -> list[Any]:
    return [round(v.timestamp() * 1000) if isinstance(v, datetime) else v for v in values]


def _row(table: Table, values: Sequence[Any]) -> Row:
    row = dict(zip(table.stored, values, strict=True))
    for name in table.instant_columns:
        row[name] = datetime.fromtimestamp(row[name] / 1000, UTC)
    for name in table.bool_columns:
        row[name] = bool(row[name])
    return row


def _holds(row: Mapping[str, Value], expected: Mapping[str, Value]) -> bool:
    return bool(row) and all(row.get(name) == value for name, value in expected.items())
