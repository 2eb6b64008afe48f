"""What a region keeps of other regions' facts, and of its own by loopback, in the shared space.

Each row begins with the region that received it: regions of one residency group share a store, and are sent
to, and asked to take back, each on its own. The jurisdiction in a row is that of the person; rows about
nobody say that they lie in the shared space.
"""

from policies.vocabulary import DataCategory
from region_node.storage.schema import Budget, Column, ColumnType, SpaceKind, Table

KEPT_S = 60 * 86_400
"""For how long it is known what was taken back: longer than the origin asks again."""

_TEXT = Column(ColumnType.TEXT, DataCategory.NON_PERSONAL)
_ID = Column(ColumnType.TEXT, DataCategory.IDENTIFIER)
_INT = Column(ColumnType.INT, DataCategory.NON_PERSONAL)
_INSTANT = Column(ColumnType.INSTANT, DataCategory.TIMESTAMP)

PROJECTIONS = Table(
    name="projections",
    partition=("region", "person_id", "purpose"),
    clustering=("kind", "aggregate_id"),
    columns={
        "region": _TEXT,
        "person_id": _ID,
        "purpose": _TEXT,
        "kind": _TEXT,
        "aggregate_id": _ID,
        "origin": _TEXT,
        "send_number": _INT,
        "type": _TEXT,
        "version": _INT,
        "lease_s": Column(ColumnType.REAL, DataCategory.NON_PERSONAL),
        "era": _INT,
        "body": Column(ColumnType.BYTES, DataCategory.FREE_TEXT, sealed=True),
    },
    subject=("person_id",),
    timed=True,
    space=SpaceKind.SHARED,
    budget=Budget(rows=20_000, row_bytes=5000),
)

RETRACTIONS = Table(
    name="retractions",
    partition=("region", "person_id"),
    clustering=("scope", "envelope_id"),
    columns={
        "region": _TEXT,
        "person_id": _ID,
        "scope": _TEXT,
        "envelope_id": _ID,
        "send_number": _INT,
        "removed": _INT,
        "done_at": _INSTANT,
    },
    subject=("person_id",),
    conditional=True,
    ttl_s=KEPT_S,
    space=SpaceKind.SHARED,
    budget=Budget(rows=200_000, row_bytes=400),
)

OWED_RECEIPTS = Table(
    name="owed_receipts",
    partition=("region",),
    clustering=("envelope_id", "subject"),
    columns={
        "region": _TEXT,
        "envelope_id": _ID,
        "subject": _ID,
        "body": Column(ColumnType.BYTES, DataCategory.PSEUDONYM),
    },
    ttl_s=KEPT_S,
    space=SpaceKind.SHARED,
    budget=Budget(rows=90_000, row_bytes=1100),
)

ARRIVALS = Table(
    name="arrivals",
    partition=("region",),
    clustering=("origin", "lane"),
    columns={
        "region": _TEXT,
        "origin": _TEXT,
        "lane": _TEXT,
        "version": _INT,
        "heard": Column(ColumnType.BYTES, DataCategory.NON_PERSONAL),
        "era": _INT,
        "beats": _INT,
        "beacon_number": _INT,
        "beacon_at": _INSTANT,
    },
    conditional=True,
    space=SpaceKind.SHARED,
    budget=Budget(rows=600, row_bytes=100_000),
)

QUARANTINE = Table(
    name="quarantine",
    partition=("region", "origin", "reason"),
    clustering=("slot",),
    columns={
        "region": _TEXT,
        "origin": _TEXT,
        "reason": _TEXT,
        "slot": _INT,
        "lane": _TEXT,
        "number": _INT,
        "sha256": _TEXT,
        "envelope_id": _ID,
        "at": _INSTANT,
    },
    space=SpaceKind.SHARED,
    budget=Budget(rows=100, row_bytes=600),
)

QUARANTINE_COUNTS = Table(
    name="quarantine_counts",
    partition=("region",),
    clustering=("origin", "reason"),
    columns={"region": _TEXT, "origin": _TEXT, "reason": _TEXT, "refused": _INT},
    conditional=True,
    space=SpaceKind.SHARED,
    budget=Budget(rows=5000, row_bytes=300),
)

PROJECTION_KEYS = Table(
    name="projection_keys",
    partition=("owner",),
    columns={
        "owner": Column(ColumnType.TEXT, DataCategory.PSEUDONYM),
        "epoch": _INT,
        "wrapped": Column(ColumnType.BYTES, DataCategory.CREDENTIAL),
        "created_at": _INSTANT,
    },
    space=SpaceKind.KEYS,
    conditional=True,
    budget=Budget(rows=1, row_bytes=500),
)

TABLES = (
    PROJECTIONS,
    RETRACTIONS,
    OWED_RECEIPTS,
    ARRIVALS,
    QUARANTINE,
    QUARANTINE_COUNTS,
    PROJECTION_KEYS,
)
