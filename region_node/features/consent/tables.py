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

GUARDIAN_CODE_LIFE_S = 7 * 86_400

GUARDIAN_CODES = Table(
    name="guardian_codes",
    partition=("code_key",),
    columns={
        "code_key": Column(ColumnType.TEXT, Category.PSEUDONYM),
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
    },
    subject=("person_id",),
    conditional=True,
    ttl_s=GUARDIAN_CODE_LIFE_S,
    budget=Budget(rows=1, row_bytes=300),
)
"""The child who made a code; the code itself is kept as a keyed hash, and taken once."""

MAX_CHILDREN = 20

GUARDIANSHIPS = Table(
    name="guardianships",
    partition=("guardian_id",),
    clustering=("child_id",),
    columns={
        "guardian_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "child_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "since": Column(ColumnType.INSTANT, Category.TIMESTAMP),
    },
    subject=("guardian_id", "child_id"),
    budget=Budget(rows=MAX_CHILDREN, row_bytes=300),
)
"""Where to look for a guardian's children; who answers for a child is what the child's ledger says."""

GUARDIAN_TABLES = (GUARDIAN_CODES, GUARDIANSHIPS)
