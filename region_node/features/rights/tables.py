"""Tables of rights: requests, what is due when, erasures under way, and the proof that is left of them."""

from policies.vocabulary import DataCategory as Category
from region_node.storage.schema import Budget, Column, ColumnType, Order, Table

RIGHTS_REQUESTS = Table(
    name="rights_requests",
    partition=("request_id",),
    columns={
        "request_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "version": Column(ColumnType.INT, Category.NON_PERSONAL),
        "kind": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "state": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "due_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
        "object_name": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "body": Column(ColumnType.BYTES, Category.FREE_TEXT, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=1, row_bytes=14_000),
)

RIGHTS_DETAILS = Table(
    name="rights_details",
    partition=("request_id",),
    columns={
        "request_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "details": Column(ColumnType.TEXT, Category.FREE_TEXT, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=1, row_bytes=20_000),
)

RIGHTS_BY_PERSON = Table(
    name="rights_by_person",
    partition=("person_id",),
    clustering=("request_id",),
    order=Order.DESCENDING,
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "request_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "opened_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
    },
    subject=("person_id",),
    budget=Budget(rows=5_000, row_bytes=200),
)

RIGHTS_LATEST = Table(
    name="rights_latest",
    partition=("person_id",),
    clustering=("kind",),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "kind": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "request_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
    },
    subject=("person_id",),
    budget=Budget(rows=10, row_bytes=200),
)
"""The newest request of each kind: only that one can be under way, since none is opened while it is."""

RIGHTS_BY_DUE = Table(
    name="rights_by_due",
    partition=("month",),
    clustering=("due_at", "request_id"),
    columns={
        "month": Column(ColumnType.TEXT, Category.TIMESTAMP),
        "due_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
        "request_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "kind": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "state": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "opened_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
    },
    budget=Budget(rows=400_000, row_bytes=250),
)
"""For officers; it names nobody, so it stays when a person is erased."""

ERASURES = Table(
    name="erasures",
    partition=("queue",),
    clustering=("request_id",),
    columns={
        "queue": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "request_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "step": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "body": Column(ColumnType.BYTES, Category.NON_PERSONAL),
    },
    subject=("person_id",),
    indexed=False,
    budget=Budget(rows=20_000, row_bytes=4_000),
)
"""Erasures under way, in one partition, so that a node that starts finds them all; ids and instants only."""

ERASURE_MANIFESTS = Table(
    name="erasure_manifests",
    partition=("request_id",),
    clustering=("number",),
    columns={
        "request_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "number": Column(ColumnType.INT, Category.NON_PERSONAL),
        "places": Column(ColumnType.BYTES, Category.IDENTIFIER),
    },
    budget=Budget(rows=3_000, row_bytes=33_000),
)
"""What an erasure destroys, until it has: names of tables, keys of rows, names of objects."""

ERASURE_PROOFS = Table(
    name="erasure_proofs",
    partition=("request_id",),
    columns={
        "request_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "link": Column(ColumnType.BYTES, Category.CREDENTIAL),
        "receipt": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "cleared_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
    },
    conditional=True,
    budget=Budget(rows=1, row_bytes=6_000),
)
"""What is left of an erased person: the signed receipt, and when the disks were cleared (1970 before)."""

DISKS_TO_CLEAR = Table(
    name="disks_to_clear",
    partition=("queue",),
    clustering=("due_at", "request_id"),
    columns={
        "queue": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "due_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
        "request_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "erased_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
    },
    budget=Budget(rows=50_000, row_bytes=250),
)
"""Erasures whose bytes may still lie in files until the next compaction or VACUUM."""

ARCHIVES_TO_MAKE = Table(
    name="archives_to_make",
    partition=("queue",),
    clustering=("request_id",),
    columns={
        "queue": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "request_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
    },
    subject=("person_id",),
    budget=Budget(rows=100_000, row_bytes=200),
)
"""Approved requests whose archive is not made yet."""

TABLES = (
    RIGHTS_REQUESTS,
    RIGHTS_DETAILS,
    RIGHTS_BY_PERSON,
    RIGHTS_BY_DUE,
    ERASURES,
    ERASURE_MANIFESTS,
    ERASURE_PROOFS,
    DISKS_TO_CLEAR,
)
