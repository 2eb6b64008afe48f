"""Every event type: its number for ever, its version, its lane, and a data category for each field.

Numbers are never used again. The stream of the region itself carries pointers only (id, type, aggregate,
version); the fields described here are what `federation.egress` may let out.
"""

from dataclasses import dataclass
from enum import StrEnum

from federation.topology import Lane
from policies.vocabulary import DataCategory, Purpose


class CatalogueError(ValueError):
    """A type that is declared twice or only in part; raised when the module is imported."""


class Audience(StrEnum):
    """Which regions are told. A region that has a send of the same aggregate is told in any case."""

    NONE = "none"
    """It stays in its region."""
    SENT = "sent"
    """Those that were sent what is taken back now."""
    HOMES = "homes"
    """Where accepted followers have their home, and the own region by loopback."""
    CIRCLE = "circle"
    """As `HOMES`, and where those have their home whom the person follows or has asked to."""
    ONE = "one"
    """Where the other person that the event names has their home."""


class Scope(StrEnum):
    """How much is taken back."""

    AGGREGATE = "aggregate"
    PURPOSE = "purpose"
    """All under one purpose."""
    PERSON = "person"


CONSENT_LEASE_S = 300.0
"""Of what rests on consent: minutes (architecture, section 6). A beacon that is late or lost a few times does
not hide a feed, and what a region that was cut off still shows is no older than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One type of one version.

    Attributes:
        kind: Of the projection that a region keeps of its aggregate; empty where none is kept. All types of a
            kind have the same purpose and lease.
        lease_s: For how long projections are served after the last beacon of their origin; 0 without a kind.
        retracts: How much it takes back, where it does. Of one that has a kind, `projection.retracted` goes
            abroad in its place.
    """

    number: int
    name: str
    version: int
    lane: Lane
    purpose: Purpose
    fields: dict[str, DataCategory]
    kind: str = ""
    lease_s: float = 0.0
    audience: Audience = Audience.NONE
    retracts: Scope | None = None


_SUMMARY_FIELDS = {
    "person_id": DataCategory.IDENTIFIER,
    "workout_id": DataCategory.IDENTIFIER,
    "version": DataCategory.NON_PERSONAL,
    "started_at": DataCategory.TIMESTAMP,
    "sport": DataCategory.WORKOUT_SUMMARY,
    "title": DataCategory.FREE_TEXT,
    "distance_m": DataCategory.WORKOUT_SUMMARY,
    "moving_s": DataCategory.WORKOUT_SUMMARY,
    "ascent_m": DataCategory.WORKOUT_SUMMARY,
}
_WORKOUT = "workout"
_WORKOUT_ID = {"person_id": DataCategory.IDENTIFIER, "workout_id": DataCategory.IDENTIFIER}

WORKOUT_CREATED = EventType(
    number=1,
    name="workout.created",
    version=1,
    lane=Lane.BULK,
    purpose=Purpose.SOCIAL_FEED,
    fields=_SUMMARY_FIELDS,
    kind=_WORKOUT,
    lease_s=CONSENT_LEASE_S,
    audience=Audience.HOMES,
)
WORKOUT_UPDATED = EventType(
    number=2,
    name="workout.updated",
    version=1,
    lane=Lane.BULK,
    purpose=Purpose.SOCIAL_FEED,
    fields=_SUMMARY_FIELDS,
    kind=_WORKOUT,
    lease_s=CONSENT_LEASE_S,
    audience=Audience.HOMES,
)
WORKOUT_DELETED = EventType(
    number=3,
    name="workout.deleted",
    version=1,
    lane=Lane.RETRACTION,
    purpose=Purpose.SOCIAL_FEED,
    fields=_WORKOUT_ID,
    kind=_WORKOUT,
    lease_s=CONSENT_LEASE_S,
    audience=Audience.SENT,
    retracts=Scope.AGGREGATE,
)
PERSON_CREATED = EventType(
    number=4,
    name="person.created",
    version=1,
    lane=Lane.INTERACTIVE,
    purpose=Purpose.ACCOUNT,
    fields={"person_id": DataCategory.IDENTIFIER, "display_name": DataCategory.DISPLAY_NAME},
)
PERSON_ERASED = EventType(
    number=5,
    name="person.erased",
    version=1,
    lane=Lane.RETRACTION,
    purpose=Purpose.ACCOUNT,
    fields={"person_id": DataCategory.IDENTIFIER},
    audience=Audience.SENT,
    retracts=Scope.PERSON,
)
PERSON_UPDATED = EventType(
    number=6,
    name="person.updated",
    version=1,
    lane=Lane.INTERACTIVE,
    purpose=Purpose.ACCOUNT,
    fields={"person_id": DataCategory.IDENTIFIER, "display_name": DataCategory.DISPLAY_NAME},
)
PROJECTION_RETRACTED = EventType(
    number=7,
    name="projection.retracted",
    version=1,
    lane=Lane.RETRACTION,
    purpose=Purpose.ACCOUNT,
    fields={
        "person_id": DataCategory.IDENTIFIER,
        "purpose": DataCategory.NON_PERSONAL,
        "kind": DataCategory.NON_PERSONAL,
    },
    audience=Audience.SENT,
    retracts=Scope.AGGREGATE,
)
"""One projection: the aggregate is that of the envelope. Purpose and kind are those of what it takes back."""

PURPOSE_WITHDRAWN = EventType(
    number=8,
    name="purpose.withdrawn",
    version=1,
    lane=Lane.RETRACTION,
    purpose=Purpose.ACCOUNT,
    fields={"person_id": DataCategory.IDENTIFIER, "purpose": DataCategory.NON_PERSONAL},
    audience=Audience.SENT,
    retracts=Scope.PURPOSE,
)
STANDING_CHANGED = EventType(
    number=9,
    name="standing.changed",
    version=1,
    lane=Lane.INTERACTIVE,
    purpose=Purpose.ACCOUNT,
    fields={"person_id": DataCategory.IDENTIFIER},
)
"""A consent, objection, signal or restriction is another than before: egress looks at what is out there."""

_FOLLOW, _FOLLOWER = "follow", "follower"
_HALF_FIELDS = {"person_id": DataCategory.IDENTIFIER, "version": DataCategory.NON_PERSONAL}
_FOLLOW_FIELDS = _HALF_FIELDS | {"followed_id": DataCategory.IDENTIFIER}
_FOLLOWER_FIELDS = _HALF_FIELDS | {"follower_id": DataCategory.IDENTIFIER}

FOLLOW_REQUESTED = EventType(
    number=10,
    name="follow.requested",
    version=1,
    lane=Lane.INTERACTIVE,
    purpose=Purpose.SOCIAL_FEED,
    fields=_FOLLOW_FIELDS,
    kind=_FOLLOW,
    lease_s=CONSENT_LEASE_S,
    audience=Audience.ONE,
)
"""The follower's half of an edge; the aggregate is the id of the one who is followed."""

FOLLOW_ENDED = EventType(
    number=11,
    name="follow.ended",
    version=1,
    lane=Lane.RETRACTION,
    purpose=Purpose.SOCIAL_FEED,
    fields=_FOLLOW_FIELDS,
    kind=_FOLLOW,
    lease_s=CONSENT_LEASE_S,
    audience=Audience.SENT,
    retracts=Scope.AGGREGATE,
)
FOLLOW_ACCEPTED = EventType(
    number=12,
    name="follow.accepted",
    version=1,
    lane=Lane.INTERACTIVE,
    purpose=Purpose.SOCIAL_FEED,
    fields=_FOLLOWER_FIELDS,
    kind=_FOLLOWER,
    lease_s=CONSENT_LEASE_S,
    audience=Audience.ONE,
)
"""The other half: the aggregate is the follower's id, the version that of the request which was accepted."""

FOLLOW_REVOKED = EventType(
    number=13,
    name="follow.revoked",
    version=1,
    lane=Lane.RETRACTION,
    purpose=Purpose.SOCIAL_FEED,
    fields=_FOLLOWER_FIELDS,
    kind=_FOLLOWER,
    lease_s=CONSENT_LEASE_S,
    audience=Audience.SENT,
    retracts=Scope.AGGREGATE,
)
PROFILE_SHOWN = EventType(
    number=14,
    name="profile.shown",
    version=1,
    lane=Lane.INTERACTIVE,
    purpose=Purpose.SOCIAL_FEED,
    fields={"person_id": DataCategory.IDENTIFIER, "display_name": DataCategory.DISPLAY_NAME},
    kind="profile",
    lease_s=CONSENT_LEASE_S,
    audience=Audience.CIRCLE,
)
"""Once per region, whoever there follows the person or is asked; the aggregate is the person."""

RETIRED_NUMBERS: frozenset[int] = frozenset()

FORMER: tuple[EventType, ...] = ()
"""Earlier versions of types that changed: still read, until every region sends the newer."""


def catalogue_of(*types: EventType) -> dict[str, EventType]:
    """Types by name; refuses a number or a name that is taken."""
    numbers = [event.number for event in types]
    names = [event.name for event in types]
    if len(set(numbers)) < len(numbers) or RETIRED_NUMBERS & set(numbers) or len(set(names)) < len(names):
        raise CatalogueError("numbers and names of events are used once, for ever")
    empty = [event.name for event in types if not event.fields]
    if empty:
        raise CatalogueError(f"no fields declared: {empty}")
    _check_kinds(types)
    return dict(zip(names, types, strict=True))


def _check_kinds(types: tuple[EventType, ...]) -> None:
    """A projection is found by kind and purpose, and served under one lease, whichever type brought it."""
    terms: dict[str, tuple[Purpose, float]] = {}
    for event in types:
        if bool(event.kind) != (event.lease_s > 0):
            raise CatalogueError(f"{event.name}: a kind of projection has a lease, and nothing else has")
        if event.kind and terms.setdefault(event.kind, (event.purpose, event.lease_s)) != (
            event.purpose,
            event.lease_s,
        ):
            raise CatalogueError(f"{event.name}: purpose or lease is not that of the kind {event.kind}")


CATALOGUE = catalogue_of(
    WORKOUT_CREATED,
    WORKOUT_UPDATED,
    WORKOUT_DELETED,
    PERSON_CREATED,
    PERSON_UPDATED,
    PERSON_ERASED,
    PROJECTION_RETRACTED,
    PURPOSE_WITHDRAWN,
    STANDING_CHANGED,
    FOLLOW_REQUESTED,
    FOLLOW_ENDED,
    FOLLOW_ACCEPTED,
    FOLLOW_REVOKED,
    PROFILE_SHOWN,
)
