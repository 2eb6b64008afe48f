"""The engine on Cassandra 5: a keyspace per space, `LOCAL_QUORUM`, conditional tables at `LOCAL_SERIAL`."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from cassandra.query import BatchStatement, BatchType

from region_node.storage import cassandra_cql as cql
from region_node.storage.cassandra_compaction import Compactor
from region_node.storage.cassandra_session import CONDITIONAL, EVERYWHERE, PLAIN, SERIAL, CassandraSession
from region_node.storage.engine import (
    MAX_MULTI_GET,
    MAX_PAGE,
    AddColumn,
    Claim,
    Delete,
    DeletePartition,
    Key,
    Page,
    Row,
    SchemaChange,
    ShortenGrace,
    Slice,
    Update,
    Value,
    Write,
    gather_rows,
    require_writable,
    to_stored,
    updated,
    weigh,
)
from region_node.storage.errors import StorageUnavailable
from region_node.storage.schema import ZERO, Table


class CassandraEngine:
    """Fills the Engine port over one session."""

    grace = timedelta(seconds=cql.GRACE_S)

    def __init__(self, session: CassandraSession, nodetool: Sequence[str] = ()) -> None:
        self._session = session
        self._compactor = Compactor(tuple(nodetool))

    async def get(self, space: str, table: Table, key: Key) -> Row | None:
        statement = await self._session.prepare(cql.get(space, table))
        profile = SERIAL if table.conditional else PLAIN
        answer = await self._session.execute(statement.bind(key), profile)
        return _row(table, answer.rows[0]) if answer.rows else None

    async def get_many(self, space: str, table: Table, keys: Sequence[Key]) -> list[Row | None]:
        if len(keys) > MAX_MULTI_GET:
            raise ValueError(f"{len(keys)} keys, above {MAX_MULTI_GET}")
        return await gather_rows(self.get(space, table, key) for key in keys)

    async def slice(self, space: str, table: Table, query: Slice) -> Page:
        if not 0 < query.limit <= MAX_PAGE:
            raise ValueError(f"a page of {query.limit} rows; 1 to {MAX_PAGE} are allowed")
        text, values = cql.select_slice(space, table, query)
        statement = (await self._session.prepare(text)).bind(values)
        statement.fetch_size = query.limit + 1
        found = (await self._session.execute(statement)).rows
        rows = [_row(table, values) for values in found[: query.limit]]
        more = len(found) > query.limit
        return Page(rows, tuple(rows[-1][name] for name in table.clustering) if more else None)

    async def write(self, space: str, writes: Sequence[Write]) -> None:
        await self._session.execute(await self._statement(space, writes))

    async def write_everywhere(self, space: str, writes: Sequence[Write]) -> bool:
        """`EACH_QUORUM`, then `LOCAL_QUORUM` where that fails; the same statement may so be run twice."""
        statement = await self._statement(space, writes)
        try:
            await self._session.execute(statement, EVERYWHERE)
        except StorageUnavailable:
            await self._session.execute(await self._statement(space, writes))
            return False
        return True

    async def _statement(self, space: str, writes: Sequence[Write]) -> Any:
        weigh(writes)
        bound = [await self._bind(space, write) for write in writes]
        if len(bound) == 1:
            return bound[0]
        batch = BatchStatement(BatchType.LOGGED)
        for statement in bound:
            batch.add(statement)
        batch.is_idempotent = True
        return batch

    async def _bind(self, space: str, write: Write) -> Any:
        require_writable(write)
        text, values = _statement(space, write)
        return _idempotent((await self._session.prepare(text)).bind(values))

    async def claim(self, space: str, table: Table, row: Mapping[str, Value]) -> Claim:
        statement = await self._session.prepare(cql.claim(space, table))
        answer = await self._session.execute(statement.bind(to_stored(table, row)), CONDITIONAL)
        if answer.rows[0]["[applied]"]:
            return Claim(won=True, row=dict(row))
        stands = _aware({name: answer.rows[0][name] for name in table.stored})
        return Claim(won=stands == dict(row), row=stands)

    async def swap(
        self, space: str, table: Table, expected: Mapping[str, Value], row: Mapping[str, Value]
    ) -> Claim:
        to_stored(table, row)
        statement = await self._session.prepare(cql.swap(space, table, tuple(expected)))
        key = tuple(row[name] for name in table.key)
        values = [*(row[name] for name in cql.free_columns(table)), *key, *expected.values()]
        answer = await self._session.execute(statement.bind(values), CONDITIONAL)
        if answer.rows[0]["[applied]"]:
            return Claim(won=True, row=dict(row))
        return Claim(won=False, row=await self.get(space, table, key) or {})

    async def release(self, space: str, table: Table, key: Key, expected: Mapping[str, Value]) -> bool:
        statement = await self._session.prepare(cql.release(space, table, tuple(expected)))
        answer = await self._session.execute(statement.bind([*key, *expected.values()]), CONDITIONAL)
        return bool(answer.rows[0]["[applied]"])

    async def scan(
        self, space: str, table: Table, after: object | None, limit: int
    ) -> tuple[list[Row], object | None]:
        statement = (await self._session.prepare(cql.scan(space, table))).bind(())
        statement.fetch_size = limit
        state = after if isinstance(after, bytes) else None
        answer = await self._session.execute(statement, PLAIN, state)
        return [_row(table, values) for values in answer.rows], answer.paging_state

    async def apply(self, space: str, changes: Sequence[SchemaChange]) -> None:
        for change in changes:
            if isinstance(change, AddColumn):
                text = cql.add_column(space, change.table, change.column)
            elif isinstance(change, ShortenGrace):
                text = cql.shorten_grace(space, change.table)
            else:
                text = cql.create(space, change.table)
            await self._session.execute(text)

    async def expire(self, space: str, table: Table) -> None:
        """Cassandra's compaction does it."""

    async def clear(self, space: str) -> bool:
        """Flush and compact by Cassandra's own tool, and begin a new commit log; False where none is set up.

        A table that is dropped makes every server end its segments of the log and remove them once they are
        flushed: nothing else does while little is written.
        """
        if not await self._compactor.clear(cql.keyspace(space)):
            return False
        for statement in cql.roll_commit_log(space):
            await self._session.execute(statement)
        return True

    async def ping(self) -> None:
        statement = await self._session.prepare("SELECT now() FROM system.local")
        await self._session.execute(statement.bind(()))

    async def close(self) -> None:
        await self._session.close()


def _statement(space: str, write: Write) -> tuple[str, list[Value]]:
    table = write.table
    if isinstance(write, Update):
        return cql.update(space, table, updated(write)), [*write.values.values(), *write.key]
    at: list[Value] = [write.at] if table.timed else []
    if isinstance(write, Delete):
        return cql.delete(space, table), [*at, *write.key]
    if isinstance(write, DeletePartition):
        return cql.delete_partition(space, table), [*at, *write.key]
    return cql.put(space, table), [*to_stored(table, write.row), *at]


def _idempotent(statement: Any) -> Any:
    statement.is_idempotent = True
    return statement


def _row(table: Table, values: Sequence[Any]) -> Row:
    row = dict(zip(table.stored, values, strict=True))
    if None in values:
        row = {name: ZERO[table.stored[name]] if value is None else value for name, value in row.items()}
    for name in table.instant_columns:
        row[name] = row[name].replace(tzinfo=UTC)
    return row


def _aware(row: Row) -> Row:
    return {name: v.replace(tzinfo=UTC) if isinstance(v, datetime) else v for name, v in row.items()}
