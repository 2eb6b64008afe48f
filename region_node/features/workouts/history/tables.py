"""Sums per person, sport and day or month, and which day and sport each workout was counted under."""

from policies.vocabulary import DataCategory as Category
from region_node.storage.schema import Budget, Column, ColumnType, Table

DAY_SUMS = Table(
    name="day_sums",
    partition=("person_id", "year"),
    clustering=("day", "sport"),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "year": Column(ColumnType.INT, Category.TIMESTAMP),
        "day": Column(ColumnType.TEXT, Category.TIMESTAMP),
        "sport": Column(ColumnType.TEXT, Category.WORKOUT_SUMMARY),
        "figures": Column(ColumnType.BYTES, Category.WORKOUT_SUMMARY, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=366 * 20, row_bytes=500),
)

MONTH_SUMS = Table(
    name="month_sums",
    partition=("person_id", "year"),
    clustering=("month", "sport"),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "year": Column(ColumnType.INT, Category.TIMESTAMP),
        "month": Column(ColumnType.INT, Category.TIMESTAMP),
        "sport": Column(ColumnType.TEXT, Category.WORKOUT_SUMMARY),
        "figures": Column(ColumnType.BYTES, Category.WORKOUT_SUMMARY, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=12 * 50, row_bytes=500),
)

COUNTED = Table(
    name="counted_workouts",
    partition=("person_id", "workout_id"),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "workout_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "day": Column(ColumnType.TEXT, Category.TIMESTAMP),
        "sport": Column(ColumnType.TEXT, Category.WORKOUT_SUMMARY),
    },
    subject=("person_id",),
    budget=Budget(rows=1, row_bytes=300),
)

TABLES = (DAY_SUMS, MONTH_SUMS, COUNTED)
