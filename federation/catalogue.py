"""Every event type: its number for ever, its version, its lane, and a data category for each field.

Numbers are never used again. Until egress exists events stay in their region, and the stream
carries pointers only (id, type, aggregate, version), never the fields described here.
"""

from dataclasses import dataclass

from federation.topology import Lane
from policies.vocabulary import DataCategory, Purpose


class CatalogueError(ValueError):
    """A type that is declared twice or only in part; raised when the module is imported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    number: int
    name: str
    version: int
    lane: Lane
    purpose: Purpose
    fields: dict[str, DataCategory]


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
_WORKOUT_ID = {"person_id": DataCategory.IDENTIFIER, "workout_id": DataCategory.IDENTIFIER}

WORKOUT_CREATED = EventType(
    number=1,
    name="workout.created",
    version=1,
    lane=Lane.BULK,
    purpose=Purpose.SOCIAL_FEED,
    fields=_SUMMARY_FIELDS,
)
WORKOUT_UPDATED = EventType(
    number=2,
    name="workout.updated",
    version=1,
    lane=Lane.BULK,
    purpose=Purpose.SOCIAL_FEED,
    fields=_SUMMARY_FIELDS,
)
WORKOUT_DELETED = EventType(
    number=3,
    name="workout.deleted",
    version=1,
    lane=Lane.RETRACTION,
    purpose=Purpose.SOCIAL_FEED,
    fields=_WORKOUT_ID,
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
)
PERSON_UPDATED = EventType(
    number=6,
    name="person.updated",
    version=1,
    lane=Lane.INTERACTIVE,
    purpose=Purpose.ACCOUNT,
    fields={"person_id": DataCategory.IDENTIFIER, "display_name": DataCategory.DISPLAY_NAME},
)

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
    return dict(zip(names, types, strict=True))


CATALOGUE = catalogue_of(
    WORKOUT_CREATED, WORKOUT_UPDATED, WORKOUT_DELETED, PERSON_CREATED, PERSON_UPDATED, PERSON_ERASED
)
