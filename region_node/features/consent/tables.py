"""The consent ledger's table: the chain in the clear, what was said sealed."""

from policies.vocabulary import DataCategory as Category
from region_node.storage.schema import Budget, Column, ColumnType, Table

MAX_ENTRIES = 100_000

CONSENT_ENTRIES = Table(
    name="consent_entries",
    partition=("person_id",),
    clustering=("seq",),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "seq": Column(ColumnType.INT, Category.NON_PERSONAL),
        "received_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
        "stored_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
        "previous": Column(ColumnType.BYTES, Category.NON_PERSONAL),
        "hash": Column(ColumnType.BYTES, Category.NON_PERSONAL),
        "body": Column(ColumnType.BYTES, Category.DATE_OF_BIRTH, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=MAX_ENTRIES, row_bytes=1_000),
)
"""The body is sealed whole: which purposes somebody was asked about tells something of them as well."""

TABLES = (CONSENT_ENTRIES,)
