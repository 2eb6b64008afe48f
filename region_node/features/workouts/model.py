"""Workouts as they are kept and shown. What is health data lies apart from the rest, in its own column."""

import base64
import hashlib
from datetime import datetime
from enum import StrEnum

import msgspec

MAX_TITLE_LENGTH = 200
MAX_LISTED_YEAR = 2100
"""A workout whose file names a later start is listed by its upload."""


class Visibility(StrEnum):
    """Who may see a workout, once others can; `ONLY_ME` unless its owner says otherwise."""

    ONLY_ME = "only-me"
    FOLLOWERS = "followers"
    CLUB = "club"
    EVERYONE = "everyone"


class PartKind(StrEnum):
    """What a workout keeps beside its summary, each sealed and compressed on its own."""

    CHART = "chart"
    LAPS = "laps"
    SAMPLES = "samples"
    TRACK = "track"


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner may edit. Sport names are those of the FIT profile."""

    title: str
    sport: str
    sub_sport: str
    visibility: Visibility = Visibility.ONLY_ME


class Heading(msgspec.Struct, frozen=True, kw_only=True):
    """What a list shows of a workout, and what sums are made of."""

    version: int
    details: Details
    started_at: datetime | None
    elapsed_s: float | None
    timer_s: float | None
    moving_s: float | None
    distance_m: float | None
    ascent_m: float | None
    descent_m: float | None
    format: str
    warnings: tuple[str, ...]
    upload_id: str
    duplicate_of: str = ""


class HealthHeading(msgspec.Struct, frozen=True, kw_only=True):
    """Of the figures of a list, those that tell about health."""

    heart_rate_avg_bpm: float | None
    heart_rate_max_bpm: float | None
    calories_kcal: float | None
    warnings: tuple[str, ...] = ()


class Part(msgspec.Struct, frozen=True, kw_only=True):
    kind: PartKind
    number: int
    body: bytes


class NewWorkout(msgspec.Struct, frozen=True, kw_only=True):
    """One workout as the import process hands it over; `part` counts the workouts of a file from 1.

    `content` names the bytes that it came from, the same for the same file (or member of a zip) and part.
    `analysis` and `health` are JSON documents that together are the one of `workout analyse`. What tells
    about health is missing (no bytes, None, no parts) where its owner has not consented.
    """

    part: int
    content: str
    heading: Heading
    health_heading: HealthHeading | None
    analysis: bytes
    health: bytes
    parts: tuple[Part, ...]
    health_parts: tuple[Part, ...]


class StoredWorkout(msgspec.Struct, frozen=True, kw_only=True):
    """A workout as its row has it; `listed_at` is its start, or its upload where the clock was not set.

    `health` has no bytes where it is withheld, or was not imported.
    """

    person_id: str
    workout_id: str
    version: int
    upload_id: str
    content_key: str
    listed_at: datetime
    duplicate_of: str
    details: Details
    analysis: bytes
    health: bytes


class ContentClaim(msgspec.Struct, frozen=True, kw_only=True):
    """The one workout that a content is, and the upload that makes or made it."""

    content_key: str
    person_id: str
    workout_id: str
    upload_id: str


class ListedWorkout(msgspec.Struct, frozen=True, kw_only=True):
    workout_id: str
    listed_at: datetime
    heading: Heading
    health: HealthHeading | None
    """None where it is withheld, or was not imported."""


def workout_id_of(upload_id: str, position: int, part: int) -> str:
    """The same id however often an upload is worked on: 26 lower-case characters."""
    digest = hashlib.blake2b(f"{upload_id}/{position}/{part}".encode(), digest_size=16).digest()
    return base64.b32encode(digest).decode().rstrip("=").lower()
