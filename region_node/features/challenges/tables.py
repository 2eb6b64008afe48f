"""What a home keeps of its people's challenges: where they take part, and how each workout was judged."""

from policies.vocabulary import DataCategory as Category
from region_node.storage.schema import Budget, Column, ColumnType, Table

MAX_CHALLENGES_PER_PERSON = 5_000
MAX_WORKOUTS_PER_CHALLENGE = 20_000

PARTICIPATIONS = Table(
    name="participations",
    partition=("person_id",),
    clustering=("challenge_id",),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "challenge_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "version": Column(ColumnType.INT, Category.NON_PERSONAL),
        "pseudonym": Column(ColumnType.TEXT, Category.PSEUDONYM),
        "body": Column(ColumnType.BYTES, Category.SCORE, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=MAX_CHALLENGES_PER_PERSON, row_bytes=10_000),
)

VERDICTS = Table(
    name="challenge_verdicts",
    partition=("person_id", "challenge_id"),
    clustering=("workout_id",),
    columns={
        "person_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "challenge_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "workout_id": Column(ColumnType.TEXT, Category.IDENTIFIER),
        "body": Column(ColumnType.BYTES, Category.WORKOUT_SUMMARY, sealed=True),
    },
    subject=("person_id",),
    budget=Budget(rows=MAX_WORKOUTS_PER_CHALLENGE, row_bytes=800),
)

TABLES = (PARTICIPATIONS, VERDICTS)
