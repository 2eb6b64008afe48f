"""A person's days with what they brought, and what all days up to the end of a year come to."""

from policies.vocabulary import DataCategory as Category
from region_node.storage.schema import Budget, Column, ColumnType, Table

ACHIEVEMENT_DAYS = Table(
    name="achievement_days",
    partition=("person_id", "year"),
    clustering=("day",),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "year": Column(ColumnType.INT, Category.TIMESTAMP),
        "day": Column(ColumnType.TEXT, Category.TIMESTAMP),
        "body": Column(ColumnType.BYTES, Category.WORKOUT_SUMMARY, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=366, row_bytes=20_000),
)

ACHIEVEMENTS = Table(
    name="achievements",
    partition=("person_id",),
    clustering=("year",),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "year": Column(ColumnType.INT, Category.TIMESTAMP),
        "body": Column(ColumnType.BYTES, Category.WORKOUT_SUMMARY, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=140, row_bytes=30_000),
)

TABLES = (ACHIEVEMENT_DAYS, ACHIEVEMENTS)
