"""The port that both engines fill; what they promise is written in the contract suite.

All operations are idempotent. A batch is both-or-neither after recovery, not to a concurrent
reader. Instants have millisecond precision. `space` is a jurisdiction id, `shared` or `keys`.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from region_node.storage.errors import BatchTooLarge
from region_node.storage.schema import Order, Table

Value = str | int | float | bool | bytes | datetime
Row = dict[str, Value]
Key = tuple[Value, ...]

MAX_MULTI_GET = 100
MAX_PAGE = 1000
MAX_BATCH_BYTES = 50 * 1024
SHARED = "shared"
KEYS = "keys"


MAX_AT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Put:
    """A whole row. `at` orders the writes of a timed table, 1 to MAX_AT; others have none.

    Of two puts of a timed row with one number, each column keeps the value that is larger as bytes, so that
    the end is the same in any order. Whoever writes gives one number to one content.
    """

    table: Table
    row: Mapping[str, Value]
    at: int = 0


@dataclass(frozen=True, slots=True)
class Delete:
    """`key` is the full key, tenant first; `at` as in `Put`."""

    table: Table
    key: Key
    at: int = 0


@dataclass(frozen=True, slots=True)
class DeletePartition:
    """Every row of a partition at once, however many; `key` is the whole partition key, tenant first.

    In a timed table: every row that was, or will be, put with a number up to `at`.
    """

    table: Table
    key: Key
    at: int = 0


@dataclass(frozen=True, slots=True)
class Update:
    """Set some columns of a row that stands and leave the others; for tables whose rows do not expire.

    `key` is the full key, tenant first. Who updates has to hold off those who delete (a lease): what becomes
    of an update of a row that is not there differs between engines.
    """

    table: Table
    key: Key
    values: Mapping[str, Value]


Write = Put | Update | Delete | DeletePartition


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A clustering range of one partition.

    `lower` (inclusive) and `upper` (exclusive) are prefixes of the clustering key; `after` is the
    full clustering key of the last row already seen, in the order of reading.
    """

    partition: Key
    limit: int
    lower: Key = ()
    upper: Key = ()
    after: Key = ()
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Row]
    after: Key | None
    """Where the next page begins; None when this was the last."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Who stands in a conditional row after an attempt; `won` when it is the caller's row."""

    won: bool
    row: Row = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CreateTable:
    table: Table


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A column added by a later migration; rows written before read as its type's zero value."""

    table: Table
    column: str


@dataclass(frozen=True, slots=True)
class ShortenGrace:
    """Tombstones of a table that names people may go after a day, as in tables that are made anew."""

    table: Table


SchemaChange = CreateTable | AddColumn | ShortenGrace


class Engine(Protocol):
    @property
    def grace(self) -> timedelta:
        """How old a delete has to be for `clear` to take the key of its row from the files as well."""

    async def get(self, space: str, table: Table, key: Key) -> Row | None: ...

    async def get_many(self, space: str, table: Table, keys: Sequence[Key]) -> list[Row | None]:
        """At most MAX_MULTI_GET keys; answers in their order."""

    async def slice(self, space: str, table: Table, query: Slice) -> Page: ...

    async def write(self, space: str, writes: Sequence[Write]) -> None:
        """One write, or a logged batch of several: all or none after recovery."""

    async def write_everywhere(self, space: str, writes: Sequence[Write]) -> bool:
        """As `write`, acknowledged by a quorum in each datacenter that holds the space.

        False where only the local one did: written, but lost with it until the others have caught up.
        """

    async def claim(self, space: str, table: Table, row: Mapping[str, Value]) -> Claim:
        """Insert where no row stands. Repeating one's own claim wins again."""

    async def swap(
        self, space: str, table: Table, expected: Mapping[str, Value], row: Mapping[str, Value]
    ) -> Claim:
        """Replace the row where the columns of *expected* hold; the key is in *row*.

        After StorageUnavailable the swap may have happened: read the row before trying again.
        """

    async def release(self, space: str, table: Table, key: Key, expected: Mapping[str, Value]) -> bool:
        """Delete the row where the columns of *expected* hold."""

    async def scan(
        self, space: str, table: Table, after: object | None, limit: int
    ) -> tuple[list[Row], object | None]:
        """Walk a whole table in the engine's own order: for jobs and audits, never for a request.

        The second part of an answer is where to go on, opaque to the caller; None at the end.
        """

    async def apply(self, space: str, changes: Sequence[SchemaChange]) -> None:
        """Make tables and columns that are not there yet; repeating it changes nothing."""

    async def expire(self, space: str, table: Table) -> None:
        """Remove the rows whose time to live is over, where the engine does not do so by itself."""

    async def clear(self, space: str) -> bool:
        """Write the files of a space anew, without what was deleted from it; slow, for a job now and then.

        False where it cannot be made to happen from here: then the store does so in its own time.
        """

    async def ping(self) -> None:
        """Raise StorageUnavailable where the engine would not answer a read now."""

    async def close(self) -> None: ...


def weight(writes: Sequence[Write]) -> int:
    """Bytes of a batch, roughly as Cassandra counts them."""
    total = 0
    for write in writes:
        values = write.row.values() if isinstance(write, Put) else write.key
        if isinstance(write, Update):
            values = (*write.key, *write.values.values())
        total += sum(len(v) if isinstance(v, str | bytes) else 8 for v in values)
    return total


def weigh(writes: Sequence[Write]) -> int:
    """The weight of a batch.

    Raises:
        BatchTooLarge: above MAX_BATCH_BYTES, which both engines refuse alike.
    """
    total = weight(writes)
    if total > MAX_BATCH_BYTES and len(writes) > 1:
        raise BatchTooLarge(f"{total} bytes in one batch, above {MAX_BATCH_BYTES}")
    return total


def to_stored(table: Table, row: Mapping[str, Value]) -> list[Value]:
    """The values of a whole row in the order of `table.stored`; a missing one is a bug."""
    missing = table.stored.keys() - row.keys()
    unknown = row.keys() - table.stored.keys()
    if missing or unknown:
        raise ValueError(f"table {table.name}: missing {sorted(missing)}, unknown {sorted(unknown)}")
    return [row[name] for name in table.stored]


def require_writable(write: Write) -> None:
    """What a table does not take is a bug: plain writes of a conditional one, a number where none orders."""
    table = write.table
    if table.conditional:
        raise ValueError(f"table {table.name} is conditional: claim, swap or release")
    at = 0 if isinstance(write, Update) else write.at
    if not (1 <= at <= MAX_AT if table.timed else at == 0):
        raise ValueError(f"table {table.name}: no write at {at}")


def updated(update: Update) -> tuple[str, ...]:
    """The columns that an update sets; one that it cannot set is a bug."""
    table, names = update.table, tuple(update.values)
    if table.ttl_s or not names or any(name not in table.columns or name in table.key for name in names):
        raise ValueError(f"table {table.name}: cannot set {sorted(names)}")
    return names


async def gather_rows(reads: Iterable[Coroutine[Any, Any, Row | None]]) -> list[Row | None]:
    return list(await asyncio.gather(*reads))
