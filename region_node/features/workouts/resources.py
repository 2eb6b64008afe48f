"""Workouts, uploads and sums as the API shows them."""

from datetime import date, datetime
from typing import Literal, cast

import msgspec
from msgspec import UNSET, UnsetType

from policies.vocabulary import DataCategory
from region_node.features.workouts.document import AverageAndMax, ComputedFigures, LapDetail, WorkoutDocument
from region_node.features.workouts.history.model import Figures, Period
from region_node.features.workouts.importing.notices import NoticeCode
from region_node.features.workouts.model import ListedWorkout, StoredWorkout, Visibility
from region_node.features.workouts.service import HEALTH, whole_document
from region_node.features.workouts.uploads.model import Outcome, Upload, UploadState
from region_node.http.call import Call

NO_BEATS = AverageAndMax(avg=None, max=None)


class ShownFigures(ComputedFigures, frozen=True, kw_only=True):
    heart_rate: AverageAndMax | UnsetType = UNSET  # type: ignore[assignment]  # absent here


class ShownAnalysis(WorkoutDocument, frozen=True, kw_only=True):
    """What tells about health is absent where it is withheld."""

    calories_kcal: float | UnsetType | None = UNSET  # type: ignore[assignment]  # absent here
    heart_rate: AverageAndMax | UnsetType = UNSET  # type: ignore[assignment]  # absent here
    computed: ShownFigures


class WorkoutResource(msgspec.Struct, frozen=True, kw_only=True):
    """`sport` and `sub_sport` are the owner's choice; those of the file stand in `analysis`.

    `withheld` names the categories of data that are left out, because their use was not allowed.
    """

    workout_id: str
    version: int
    upload_id: str
    title: str
    sport: str
    sub_sport: str
    visibility: Visibility
    duplicate_of: str | None
    analysis: ShownAnalysis
    withheld: tuple[DataCategory, ...] = ()


class TrackGeometry(msgspec.Struct, frozen=True, kw_only=True):
    """Lines of positions: longitude, latitude and, where it is known, altitude in metres."""

    coordinates: list[list[list[float]]]
    type: Literal["MultiLineString"] = "MultiLineString"


class TrackFeature(msgspec.Struct, frozen=True, kw_only=True):
    """A GeoJSON feature (RFC 7946)."""

    geometry: TrackGeometry
    properties: dict[str, str]
    type: Literal["Feature"] = "Feature"


class WorkoutListItem(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, metres and beats a minute, as in a workout's analysis; `withheld` as there."""

    workout_id: str
    version: int
    upload_id: str
    title: str
    sport: str
    sub_sport: str
    visibility: Visibility
    duplicate_of: str | None
    listed_at: datetime
    started_at: datetime | None
    elapsed_s: float | None
    timer_s: float | None
    moving_s: float | None
    distance_m: float | None
    ascent_m: float | None
    descent_m: float | None
    heart_rate_avg_bpm: float | UnsetType | None = UNSET
    heart_rate_max_bpm: float | UnsetType | None = UNSET
    calories_kcal: float | UnsetType | None = UNSET
    format: str
    warnings: tuple[str, ...]
    withheld: tuple[DataCategory, ...] = ()


class WorkoutList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[WorkoutListItem]
    next_cursor: str | None


class ShownLap(LapDetail, frozen=True, kw_only=True):
    """What tells about health is absent where it is withheld."""

    heart_rate_avg_bpm: float | UnsetType | None = UNSET  # type: ignore[assignment]  # absent here
    heart_rate_max_bpm: float | UnsetType | None = UNSET  # type: ignore[assignment]  # absent here


class LapList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[ShownLap]
    withheld: tuple[DataCategory, ...] = ()


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """Parallel lists of at most 1,000 values; null where nothing was measured."""

    channels: dict[str, list[float | None]]
    withheld: tuple[DataCategory, ...] = ()


class SampleBlock(msgspec.Struct, frozen=True, kw_only=True):
    """Up to 16,384 samples in full; `block` + 1 is the next, until one is not found."""

    block: int
    channels: dict[str, list[float | None]]
    withheld: tuple[DataCategory, ...] = ()


class OutcomeResource(msgspec.Struct, frozen=True, kw_only=True):
    """`code`, `title` and `detail` say why a file was refused; null where it became a workout."""

    file: str
    part: int
    workout_id: str | None
    known: bool
    warnings: tuple[str, ...]
    code: str | None
    title: str | None
    detail: str | None


class UploadResource(msgspec.Struct, frozen=True, kw_only=True):
    upload_id: str
    version: int
    state: UploadState
    file_name: str
    size_bytes: int
    received_at: datetime
    code: str | None
    results: int


class UploadList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[UploadResource]
    next_cursor: str | None


class OutcomeList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[OutcomeResource]
    next_cursor: str | None


class Total(msgspec.Struct, frozen=True, kw_only=True):
    begins: date
    sport: str
    figures: Figures


class Statistics(msgspec.Struct, frozen=True, kw_only=True):
    """Days and periods are those of the person's time zone; weeks begin on Monday."""

    period: Period
    first: date
    last: date
    time_zone: str
    items: list[Total]


def workout_resource(workout: StoredWorkout) -> WorkoutResource:
    details = workout.details
    return WorkoutResource(
        workout_id=workout.workout_id,
        version=workout.version,
        upload_id=workout.upload_id,
        title=details.title,
        sport=details.sport,
        sub_sport=details.sub_sport,
        visibility=details.visibility,
        duplicate_of=workout.duplicate_of or None,
        # It is encoded already; the type stands in the API's description.
        analysis=cast("ShownAnalysis", whole_document(workout)),
        withheld=() if workout.health else HEALTH,
    )


def list_item(workout: ListedWorkout) -> WorkoutListItem:
    heading, health, details = workout.heading, workout.health, workout.heading.details
    warnings = heading.warnings
    if health is not None and health.warnings:
        warnings = tuple(code for code in NoticeCode if code in {*warnings, *health.warnings})
    return WorkoutListItem(
        workout_id=workout.workout_id,
        version=heading.version,
        upload_id=heading.upload_id,
        title=details.title,
        sport=details.sport,
        sub_sport=details.sub_sport,
        visibility=details.visibility,
        duplicate_of=heading.duplicate_of or None,
        listed_at=workout.listed_at,
        started_at=heading.started_at,
        elapsed_s=heading.elapsed_s,
        timer_s=heading.timer_s,
        moving_s=heading.moving_s,
        distance_m=heading.distance_m,
        ascent_m=heading.ascent_m,
        descent_m=heading.descent_m,
        heart_rate_avg_bpm=health.heart_rate_avg_bpm if health else UNSET,
        heart_rate_max_bpm=health.heart_rate_max_bpm if health else UNSET,
        calories_kcal=health.calories_kcal if health else UNSET,
        format=heading.format,
        warnings=warnings,
        withheld=() if health else HEALTH,
    )


def lap_list(laps: bytes, beats: bytes, withheld: tuple[DataCategory, ...]) -> LapList:
    """The stored laps with the figures of `beats_of`, as far as there are any and they are not withheld."""
    items = msgspec.json.decode(laps, type=list[ShownLap])
    figures = msgspec.json.decode(beats, type=list[AverageAndMax]) if beats else [NO_BEATS] * len(items)
    shown = [
        msgspec.structs.replace(
            lap,
            heart_rate_avg_bpm=UNSET if withheld else of_lap.avg,
            heart_rate_max_bpm=UNSET if withheld else of_lap.max,
        )
        for lap, of_lap in zip(items, figures, strict=True)
    ]
    return LapList(items=shown, withheld=withheld)


def upload_resource(upload: Upload) -> UploadResource:
    return UploadResource(
        upload_id=upload.upload_id,
        version=upload.version,
        state=upload.state,
        file_name=upload.file_name,
        size_bytes=upload.size_bytes,
        received_at=upload.received_at,
        code=upload.code or None,
        results=upload.results,
    )


def outcome_resource(call: Call, outcome: Outcome) -> OutcomeResource:
    """The texts of a refusal in the language of the reader."""
    return OutcomeResource(
        file=outcome.file,
        part=outcome.part,
        workout_id=outcome.workout_id or None,
        known=outcome.known,
        warnings=outcome.warnings,
        code=outcome.code or None,
        title=call.translate(outcome.title) if outcome.title else None,
        detail=call.translate(outcome.detail) if outcome.detail else None,
    )
