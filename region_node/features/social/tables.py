"""Tables of who follows whom, and of the places in feeds: whom, which version, when, nothing that tells more.

Rows lie at the home of their subject. The other person may belong to another residency group, so they stand
there by a reference (`model.reference_to`), and their id is sealed under the subject's key. A reversed table
finds the rows that refer to a person, so that what their home takes back, or erases, can be carried out.
"""

from policies.vocabulary import DataCategory as Category
from region_node.storage.schema import Budget, Column, ColumnType, Order, Table

_ID = Column(ColumnType.TEXT, Category.IDENTIFIER)
_REFERENCE = Column(ColumnType.TEXT, Category.PSEUDONYM)
_OTHER = Column(ColumnType.TEXT, Category.IDENTIFIER, sealed=True)
_NUMBER = Column(ColumnType.INT, Category.NON_PERSONAL)
_FLAG = Column(ColumnType.BOOL, Category.NON_PERSONAL)

FEED_KEPT_S = 30 * 86_400
_PEOPLE = Budget(rows=300_000, row_bytes=340)

FOLLOWS = Table(
    name="follows",
    partition=("person_id",),
    clustering=("followed",),
    columns={
        "person_id": _ID,
        "followed": _REFERENCE,
        "followed_id": _OTHER,
        "version": _NUMBER,
        "active": _FLAG,
    },
    subject=("person_id",),
    budget=_PEOPLE,
)

FOLLOWS_OF = Table(
    name="follows_of",
    partition=("followed",),
    clustering=("person_id",),
    columns={"followed": _REFERENCE, "person_id": _ID},
    subject=("person_id",),
    budget=_PEOPLE,
)
"""`follows` that are active, by the one who is followed, of one jurisdiction's people."""

FOLLOW_REQUESTS = Table(
    name="follow_requests",
    partition=("person_id",),
    clustering=("follower",),
    columns={"person_id": _ID, "follower": _REFERENCE, "follower_id": _OTHER},
    subject=("person_id",),
    budget=_PEOPLE,
)
"""Who has ever asked; whether they do now, `FOLLOW_REQUESTS_BY` says."""

FOLLOW_REQUESTS_BY = Table(
    name="follow_requests_by",
    partition=("follower",),
    clustering=("asked",),
    columns={
        "follower": _REFERENCE,
        "asked": _REFERENCE,
        "person_id": _ID,
        "version": _NUMBER,
        "number": _NUMBER,
        "active": _FLAG,
    },
    subject=("person_id",),
    conditional=True,
    budget=_PEOPLE,
)
"""`number` is the send number of the follower's home: the highest stands. What was taken back is kept for it,
until one of the two is erased; `person_id` is empty where that came before what it takes back."""

FOLLOW_ANSWERS = Table(
    name="follow_answers",
    partition=("person_id",),
    clustering=("follower",),
    columns={
        "person_id": _ID,
        "follower": _REFERENCE,
        "follower_id": _OTHER,
        "version": _NUMBER,
        "accepted": _FLAG,
    },
    subject=("person_id",),
    budget=_PEOPLE,
)

BLOCKS = Table(
    name="blocks",
    partition=("person_id",),
    clustering=("blocked",),
    columns={"person_id": _ID, "blocked": _REFERENCE, "blocked_id": _OTHER},
    subject=("person_id",),
    budget=_PEOPLE,
)

FEED = Table(
    name="feed",
    partition=("person_id",),
    clustering=("started_at", "author", "workout_id"),
    order=Order.DESCENDING,
    columns={
        "person_id": _ID,
        "started_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
        "author": _REFERENCE,
        "author_id": _OTHER,
        "workout_id": _ID,
    },
    subject=("person_id",),
    ttl_s=FEED_KEPT_S,
    budget=Budget(rows=150_000, row_bytes=500),
)

TABLES = (FOLLOWS, FOLLOWS_OF, FOLLOW_REQUESTS, FOLLOW_REQUESTS_BY, FOLLOW_ANSWERS, BLOCKS, FEED)
