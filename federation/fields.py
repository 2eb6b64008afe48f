"""What each field of an event holds. A name means the same in every event."""

from datetime import datetime
from typing import Annotated, Any

from msgspec import Meta

from policies.vocabulary import Purpose

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,80}$")]
Measure = Annotated[float, Meta(ge=0)]

FIELD_TYPES: dict[str, Any] = {
    "person_id": Id,
    "workout_id": Id,
    "followed_id": Id,
    "follower_id": Id,
    "version": Annotated[int, Meta(ge=1)],
    "started_at": Annotated[datetime, Meta(tz=True)],
    "sport": Annotated[str, Meta(pattern=r"^[a-z0-9_]{1,40}$")],
    "title": Annotated[str, Meta(max_length=200)],
    "display_name": Annotated[str, Meta(max_length=200)],
    "distance_m": Measure,
    "moving_s": Measure,
    "ascent_m": Measure,
    "purpose": Purpose,
    "kind": Annotated[str, Meta(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)],
}
