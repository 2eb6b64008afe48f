"""Tables of uploads: the row is the truth about a file on its way in; the queue only hurries it."""

from policies.vocabulary import DataCategory as Category
from region_node.storage.schema import Budget, Column, ColumnType, Order, Table

UPLOADS = Table(
    name="uploads",
    partition=("person_id",),
    clustering=("upload_id",),
    order=Order.DESCENDING,
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "upload_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "version": Column(ColumnType.INT, Category.NON_PERSONAL),
        "state": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "received_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
        "size_bytes": Column(ColumnType.INT, Category.NON_PERSONAL),
        "object_name": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "content_key": Column(ColumnType.TEXT, Category.PSEUDONYM),
        "attempts": Column(ColumnType.INT, Category.NON_PERSONAL),
        "code": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "results": Column(ColumnType.INT, Category.NON_PERSONAL),
        "file_name": Column(ColumnType.TEXT, Category.FREE_TEXT, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=120_000, row_bytes=800),
)

UPLOAD_RESULTS = Table(
    name="upload_results",
    partition=("person_id", "upload_id"),
    clustering=("position",),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "upload_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "position": Column(ColumnType.INT, Category.NON_PERSONAL),
        "outcome": Column(ColumnType.BYTES, Category.FREE_TEXT, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=20_000, row_bytes=2_000),
)

IDEMPOTENCY_KEYS = Table(
    name="idempotency_keys",
    partition=("idempotency_key",),
    columns={
        "idempotency_key": Column(ColumnType.TEXT, Category.PSEUDONYM),
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "upload_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "content_key": Column(ColumnType.TEXT, Category.PSEUDONYM),
    },
    subject=("person_id",),
    conditional=True,
    ttl_s=7 * 86_400,
    budget=Budget(rows=1, row_bytes=400),
)

TABLES = (UPLOADS, UPLOAD_RESULTS, IDEMPOTENCY_KEYS)
