"""What the home keeps of what it sent: rows carry the send number as their time, so the latest word stands.

An erasure does not take these rows away with a person's others: without them nobody would know which regions
have to be asked. They go when all have answered (`SendBook.forget`).
"""

from policies.vocabulary import DataCategory as Category
from region_node.storage.schema import Budget, Column, ColumnType, SpaceKind, Table

_ID = Column(ColumnType.TEXT, Category.IDENTIFIER)
_WORD = Column(ColumnType.TEXT, Category.NON_PERSONAL)
_NUMBER = Column(ColumnType.INT, Category.NON_PERSONAL)
_INSTANT = Column(ColumnType.INSTANT, Category.TIMESTAMP)

SEND_NUMBERS = Table(
    name="send_numbers",
    partition=("name",),
    columns={"name": Column(ColumnType.TEXT, Category.PSEUDONYM), "person_id": _ID, "number": _NUMBER},
    subject=("person_id",),
    conditional=True,
    indexed=False,
    budget=Budget(rows=1, row_bytes=200),
)

SENDS = Table(
    name="sends",
    partition=("person_id", "kind"),
    clustering=("aggregate_id", "region"),
    columns={
        "person_id": _ID,
        "kind": _WORD,
        "aggregate_id": _ID,
        "region": _WORD,
        "purpose": _WORD,
        "version": _NUMBER,
        "fields": _WORD,
        "basis": _WORD,
        "consent_version": _NUMBER,
        "pack_version": _WORD,
        "number": _NUMBER,
        "first_at": _INSTANT,
        "at": _INSTANT,
        "retracted": _NUMBER,
        "retracted_at": _INSTANT,
    },
    subject=("person_id",),
    timed=True,
    indexed=False,
    budget=Budget(rows=160_000, row_bytes=500),
)
"""`fields` are names with commas between them; `retracted` is 0 where it was not taken back alone."""

SEND_MARKS = Table(
    name="send_marks",
    partition=("person_id",),
    clustering=("region", "purpose", "what"),
    columns={
        "person_id": _ID,
        "region": _WORD,
        "purpose": _WORD,
        "what": _WORD,
        "number": _NUMBER,
        "terms": _WORD,
        "withdrawn": _NUMBER,
        "at": _INSTANT,
    },
    subject=("person_id",),
    timed=True,
    indexed=False,
    budget=Budget(rows=1_000, row_bytes=2_000),
)
"""As `federation.outgoing.Mark`."""

TAKE_BACKS = Table(
    name="take_backs",
    partition=("person_id",),
    clustering=("number", "region", "purpose"),
    columns={
        "person_id": _ID,
        "number": _NUMBER,
        "region": _WORD,
        "purpose": _WORD,
        "scope": _WORD,
        "kind": _WORD,
        "aggregate_id": _ID,
        "envelope_id": _ID,
        "since": _INSTANT,
        "due_at": _INSTANT,
        "next_at": _INSTANT,
        "asked": _NUMBER,
        "receipt": Column(ColumnType.BYTES, Category.PSEUDONYM),
        "done_at": _INSTANT,
    },
    subject=("person_id",),
    timed=True,
    indexed=False,
    budget=Budget(rows=40_000, row_bytes=1_500),
)
"""What only grows may be written again under the same number: of two rows the larger values stand. A receipt
names the person by a hash."""

QUESTIONS = Table(
    name="take_backs_to_ask",
    partition=("region", "shard"),
    clustering=("next_at", "person_id", "number", "purpose"),
    columns={
        "region": _WORD,
        "shard": _NUMBER,
        "next_at": _INSTANT,
        "person_id": _ID,
        "number": _NUMBER,
        "purpose": _WORD,
    },
    subject=("person_id",),
    indexed=False,
    budget=Budget(rows=200_000, row_bytes=300),
)
"""Leads to rows of `TAKE_BACKS` that have no receipt, by when they are asked again."""

DEBTS = Table(
    name="send_debts",
    partition=("region", "shard"),
    clustering=("person_id", "kind", "aggregate_id"),
    columns={
        "region": _WORD,
        "shard": _NUMBER,
        "person_id": _ID,
        "kind": _WORD,
        "aggregate_id": _ID,
        "number": _NUMBER,
        "since": _INSTANT,
        "cursor": _WORD,
    },
    subject=("person_id",),
    timed=True,
    indexed=False,
    budget=Budget(rows=200_000, row_bytes=400),
)
"""As `federation.outgoing.Debt`; kind and aggregate are empty where everything of the person is owed."""

PEER_SETTINGS = Table(
    name="peer_settings",
    partition=("scope",),
    clustering=("name",),
    columns={
        "scope": _WORD,
        "name": _WORD,
        "level": _WORD,
        "paused": Column(ColumnType.BOOL, Category.NON_PERSONAL),
        "why": _WORD,
    },
    space=SpaceKind.SHARED,
    conditional=True,
    budget=Budget(rows=1_000, row_bytes=500),
)
"""`name` is a region, ``type:`` with the type of an event, or ``*`` for all."""

TABLES = (SEND_NUMBERS, SENDS, SEND_MARKS, TAKE_BACKS, QUESTIONS, DEBTS, PEER_SETTINGS)
