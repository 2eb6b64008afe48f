"""Tables of the contract suite: one of every kind that features declare."""

from policies.vocabulary import DataCategory
from region_node.storage.schema import Budget, Column, ColumnType, Order, Table

NON = DataCategory.NON_PERSONAL

NOTES = Table(
    name="notes",
    partition=("person_id",),
    clustering=("written_at", "note_id"),
    order=Order.DESCENDING,
    columns={
        "person_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
        "written_at": Column(ColumnType.INSTANT, DataCategory.TIMESTAMP),
        "note_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
        "text": Column(ColumnType.TEXT, DataCategory.FREE_TEXT, sealed=True),
        "picture": Column(ColumnType.BYTES, DataCategory.FREE_TEXT, sealed=True),
        "size": Column(ColumnType.INT, NON),
        "weight": Column(ColumnType.REAL, NON),
        "pinned": Column(ColumnType.BOOL, NON),
    },
    subject=("person_id",),
    budget=Budget(rows=1000, row_bytes=1000),
)

ITEMS = Table(
    name="items",
    partition=("box",),
    clustering=("position",),
    columns={
        "box": Column(ColumnType.TEXT, NON),
        "position": Column(ColumnType.INT, NON),
        "value": Column(ColumnType.TEXT, NON),
    },
    budget=Budget(rows=1000, row_bytes=100),
)

SHORT = Table(
    name="short_lived",
    partition=("name",),
    columns={"name": Column(ColumnType.TEXT, NON), "value": Column(ColumnType.TEXT, NON)},
    ttl_s=1,
    budget=Budget(rows=1, row_bytes=100),
)

SEATS = Table(
    name="seats",
    partition=("seat",),
    columns={
        "seat": Column(ColumnType.TEXT, NON),
        "holder": Column(ColumnType.TEXT, NON),
        "counter": Column(ColumnType.INT, NON),
    },
    conditional=True,
    budget=Budget(rows=1, row_bytes=100),
)

TIMED = Table(
    name="timed_cards",
    partition=("box",),
    clustering=("position",),
    columns={
        "box": Column(ColumnType.TEXT, NON),
        "position": Column(ColumnType.INT, NON),
        "value": Column(ColumnType.TEXT, NON),
        "size": Column(ColumnType.INT, NON),
        "weight": Column(ColumnType.REAL, NON),
        "pinned": Column(ColumnType.BOOL, NON),
        "body": Column(ColumnType.BYTES, NON),
        "written_at": Column(ColumnType.INSTANT, NON),
    },
    timed=True,
    budget=Budget(rows=1000, row_bytes=200),
)

TIMED_SHORT = Table(
    name="timed_short_lived",
    partition=("name",),
    columns={"name": Column(ColumnType.TEXT, NON), "value": Column(ColumnType.TEXT, NON)},
    timed=True,
    ttl_s=1,
    budget=Budget(rows=1, row_bytes=100),
)

TABLES = (NOTES, ITEMS, SHORT, SEATS, TIMED, TIMED_SHORT)
