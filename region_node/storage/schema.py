"""Tables, declared once; CQL and SQLite statements are both made from these declarations.

Every table belongs to one kind of space: a jurisdiction's own (`HOME`), the copies that other
regions were allowed to keep (`SHARED`), or wrapped personal keys (`KEYS`). The tenant is the first
part of each partition key and the jurisdiction a column of each row; stores put both there.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property

from policies.facts import SAMPLE_CHANNELS
from policies.vocabulary import DataCategory

TENANT = "tenant"
JURISDICTION = "jurisdiction"


class SchemaError(ValueError):
    """A declaration that cannot be held; raised when its module is imported."""


class ColumnType(StrEnum):
    TEXT = "text"
    INT = "int"
    REAL = "real"
    BOOL = "bool"
    BYTES = "bytes"
    INSTANT = "instant"
    """An aware UTC datetime, kept to the millisecond."""


ZERO: dict[ColumnType, str | int | float | bool | bytes | datetime] = {
    ColumnType.TEXT: "",
    ColumnType.INT: 0,
    ColumnType.REAL: 0.0,
    ColumnType.BOOL: False,
    ColumnType.BYTES: b"",
    ColumnType.INSTANT: datetime.fromtimestamp(0, UTC),
}
"""What a column that a later migration added reads as in rows written before."""


class SpaceKind(StrEnum):
    HOME = "home"
    SHARED = "shared"
    KEYS = "keys"


class Order(StrEnum):
    ASCENDING = "asc"
    DESCENDING = "desc"


@dataclass(frozen=True, slots=True)
class Column:
    """One column; every row has a value in each, so that a put replaces a row whole.

    Sealed columns hold text or bytes, encrypted under the data key of the row's subject.
    """

    type: ColumnType
    category: DataCategory
    sealed: bool = False
    channels: frozenset[DataCategory] = SAMPLE_CHANNELS
    """What samples in it are of: a ruling on them is as strict as the strictest."""


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that one partition may come to; a test fills a partition to prove it."""

    rows: int
    row_bytes: int

    @property
    def partition_bytes(self) -> int:
        return self.rows * self.row_bytes


MAX_PARTITION_BYTES = 100 * 1024 * 1024
DELETES_KEPT_S = 40 * 86_400
"""How long a timed table remembers what was deleted: longer than anything can be on its way there."""

_SEALABLE = {ColumnType.TEXT, ColumnType.BYTES}
_KEY_TYPES = {ColumnType.TEXT, ColumnType.INT, ColumnType.INSTANT}


@dataclass(frozen=True, kw_only=True)
class Table:
    """A wide-column table. `partition` leaves the tenant out: it is put there by the store.

    `conditional` tables take claims and compare-and-set only, never plain writes or batches.
    `timed` tables are written with a number (`at`) that stands for time: the higher one wins, whatever came
    first, a delete wins a tie, and a delete covers what comes after it with no higher number.
    `subject` names the columns that hold a person's id; sealed columns are sealed for the first.
    What is derived is worked out once: rows are made of it by the thousand, hence no slots.
    `ttl_s` is the life of each row in seconds, counted from its last write; 0 means for ever.
    `indexed` is False for the books that an erasure keeps of itself: it alone takes their rows away.
    """

    name: str
    partition: tuple[str, ...]
    clustering: tuple[str, ...] = ()
    order: Order = Order.ASCENDING
    columns: dict[str, Column] = field(hash=False)
    subject: tuple[str, ...] = ()
    conditional: bool = False
    timed: bool = False
    indexed: bool = True
    ttl_s: int = 0
    space: SpaceKind = SpaceKind.HOME
    budget: Budget

    def __post_init__(self) -> None:
        faults = list(self._faults())
        if faults:
            raise SchemaError(f"table {self.name}: " + "; ".join(faults))

    def _faults(self) -> list[str]:
        faults = [f"key column {name} is not declared" for name in self.own_key if name not in self.columns]
        faults += [
            f"subject column {name} is not declared" for name in self.subject if name not in self.columns
        ]
        faults += [
            f"{name} is put there by the store" for name in (TENANT, JURISDICTION) if name in self.columns
        ]
        for name, column in self.columns.items():
            if column.sealed and column.type not in _SEALABLE:
                faults.append(f"{name}: only text and bytes can be sealed")
            if column.sealed and (name in self.own_key or not self.subject or self.conditional):
                faults.append(f"{name}: a sealed column needs a subject and is no key nor compared")
            if name in self.own_key and column.type not in _KEY_TYPES:
                faults.append(f"{name}: {column.type} cannot be part of a key")
        if self.timed and self.conditional:
            faults.append("a timed table cannot be compared and set")
        if not self.partition:
            faults.append("no partition key")
        if self.budget.partition_bytes > MAX_PARTITION_BYTES:
            faults.append(
                f"a partition may come to {self.budget.partition_bytes} bytes, above {MAX_PARTITION_BYTES}"
            )
        return faults

    @cached_property
    def is_of_one(self) -> bool:
        """Whether the rows of a partition are all about the same people."""
        return set(self.subject) <= set(self.partition)

    @cached_property
    def own_key(self) -> tuple[str, ...]:
        return self.partition + self.clustering

    @cached_property
    def key(self) -> tuple[str, ...]:
        return (TENANT, *self.partition, *self.clustering)

    @cached_property
    def stored(self) -> dict[str, ColumnType]:
        """Names and types as they lie in the engine, in a fixed order."""
        own = {name: ColumnType.BYTES if c.sealed else c.type for name, c in self.columns.items()}
        return {TENANT: ColumnType.TEXT, JURISDICTION: ColumnType.TEXT, **own}

    @cached_property
    def sealed_columns(self) -> tuple[str, ...]:
        return tuple(name for name, column in self.columns.items() if column.sealed)

    @cached_property
    def instant_columns(self) -> tuple[str, ...]:
        return self._of_type(ColumnType.INSTANT)

    @cached_property
    def bool_columns(self) -> tuple[str, ...]:
        return self._of_type(ColumnType.BOOL)

    def _of_type(self, kind: ColumnType) -> tuple[str, ...]:
        return tuple(name for name, stored in self.stored.items() if stored is kind)
