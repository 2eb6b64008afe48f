"""Wide-column tables of workouts. The sums that lists and charts need are rows of their own."""

from policies.vocabulary import DataCategory as Category
from region_node.storage.schema import Budget, Column, ColumnType, Order, Table

MAX_WORKOUTS_PER_PERSON = 40_000

WORKOUTS = Table(
    name="workouts",
    partition=("person_id", "workout_id"),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "workout_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "version": Column(ColumnType.INT, Category.NON_PERSONAL),
        "upload_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "content_key": Column(ColumnType.TEXT, Category.PSEUDONYM),
        "listed_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
        "duplicate_of": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "details": Column(ColumnType.BYTES, Category.FREE_TEXT, sealed=True),
        "analysis": Column(ColumnType.BYTES, Category.WORKOUT_SUMMARY, sealed=True),
        "health": Column(ColumnType.BYTES, Category.HEART_RATE, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=1, row_bytes=32_000),
)

WORKOUTS_BY_START = Table(
    name="workouts_by_start",
    partition=("person_id",),
    clustering=("listed_at", "workout_id"),
    order=Order.DESCENDING,
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "listed_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
        "workout_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "head": Column(ColumnType.BYTES, Category.WORKOUT_SUMMARY, sealed=True),
        "health": Column(ColumnType.BYTES, Category.HEART_RATE, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=MAX_WORKOUTS_PER_PERSON, row_bytes=2_500),
)

WORKOUT_PARTS = Table(
    name="workout_parts",
    partition=("person_id", "workout_id"),
    clustering=("kind", "number"),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "workout_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "kind": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "number": Column(ColumnType.INT, Category.NON_PERSONAL),
        "body": Column(
            ColumnType.BYTES,
            Category.WORKOUT_SAMPLES,
            sealed=True,
            channels=frozenset({Category.PRECISE_LOCATION}),
        ),
    },
    subject=("person_id",),
    budget=Budget(rows=60, row_bytes=1_000_000),
)
"""What tells about health lies in `WORKOUT_HEALTH_PARTS`, under the same kinds and numbers."""

WORKOUT_HEALTH_PARTS = Table(
    name="workout_health_parts",
    partition=("person_id", "workout_id"),
    clustering=("kind", "number"),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "workout_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "kind": Column(ColumnType.TEXT, Category.NON_PERSONAL),
        "number": Column(ColumnType.INT, Category.NON_PERSONAL),
        "body": Column(ColumnType.BYTES, Category.HEART_RATE, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=60, row_bytes=150_000),
)

CONTENT_CLAIMS = Table(
    name="content_claims",
    partition=("content_key",),
    columns={
        "content_key": Column(ColumnType.TEXT, Category.PSEUDONYM),
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "workout_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "upload_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
    },
    subject=("person_id",),
    conditional=True,
    budget=Budget(rows=1, row_bytes=400),
)

TABLES = (WORKOUTS, WORKOUTS_BY_START, WORKOUT_PARTS, CONTENT_CLAIMS)
"""Those of the first migration; `WORKOUT_HEALTH_PARTS` came later."""
