"""Tables of who follows whom, and of the places in feeds: ids, versions and times, nothing that tells more.

Rows lie at the home of their first subject. A reversed table finds the rows that name a person of another
home, so that what that home takes back, or erases, can be carried out.
"""

from policies.vocabulary import DataCategory as Category
from region_node.storage.schema import Budget, Column, ColumnType, Order, Table

_ID = Column(ColumnType.TEXT, Category.IDENTIFIER)
_NUMBER = Column(ColumnType.INT, Category.NON_PERSONAL)
_FLAG = Column(ColumnType.BOOL, Category.NON_PERSONAL)

FEED_KEPT_S = 30 * 86_400
_PEOPLE = Budget(rows=300_000, row_bytes=300)

FOLLOWS = Table(
    name="follows",
    partition=("person_id",),
    clustering=("followed_id",),
    columns={"person_id": _ID, "followed_id": _ID, "version": _NUMBER, "active": _FLAG},
    subject=("person_id",),
    budget=_PEOPLE,
)

FOLLOWS_OF = Table(
    name="follows_of",
    partition=("followed_id",),
    clustering=("person_id",),
    columns={"followed_id": _ID, "person_id": _ID},
    subject=("person_id",),
    budget=_PEOPLE,
)
"""`follows` that are active, by the one who is followed, of one jurisdiction's people."""

FOLLOW_REQUESTS = Table(
    name="follow_requests",
    partition=("person_id",),
    clustering=("follower_id",),
    columns={"person_id": _ID, "follower_id": _ID, "version": _NUMBER, "number": _NUMBER, "active": _FLAG},
    subject=("person_id",),
    conditional=True,
    budget=_PEOPLE,
)
"""`number` is the send number of the follower's home: the highest stands. What was taken back is kept for it,
until one of the two is erased."""

FOLLOW_REQUESTS_BY = Table(
    name="follow_requests_by",
    partition=("follower_id",),
    clustering=("person_id",),
    columns={"follower_id": _ID, "person_id": _ID},
    subject=("person_id",),
    budget=_PEOPLE,
)

FOLLOW_ANSWERS = Table(
    name="follow_answers",
    partition=("person_id",),
    clustering=("follower_id",),
    columns={"person_id": _ID, "follower_id": _ID, "version": _NUMBER, "accepted": _FLAG},
    subject=("person_id",),
    budget=_PEOPLE,
)

BLOCKS = Table(
    name="blocks",
    partition=("person_id",),
    clustering=("blocked_id",),
    columns={"person_id": _ID, "blocked_id": _ID},
    subject=("person_id",),
    budget=_PEOPLE,
)

FEED = Table(
    name="feed",
    partition=("person_id",),
    clustering=("started_at", "author_id", "workout_id"),
    order=Order.DESCENDING,
    columns={
        "person_id": _ID,
        "started_at": Column(ColumnType.INSTANT, Category.TIMESTAMP),
        "author_id": _ID,
        "workout_id": _ID,
    },
    subject=("person_id",),
    ttl_s=FEED_KEPT_S,
    budget=Budget(rows=200_000, row_bytes=400),
)

TABLES = (FOLLOWS, FOLLOWS_OF, FOLLOW_REQUESTS, FOLLOW_REQUESTS_BY, FOLLOW_ANSWERS, BLOCKS, FEED)
