"""What an import process does with a file: decode, analyse, thin out and compress. Pure: bytes in, bytes out.

It gets neither keys nor database: a fault in a decoder reaches nothing but the file it was reading.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
import zstandard

from region_node.features.workouts.analyse import analyse_outcomes
from region_node.features.workouts.analysis.summary import AnalysedWorkout
from region_node.features.workouts.charts import chart_of, track_of
from region_node.features.workouts.document import (
    AverageAndMax,
    HealthFigures,
    WorkoutDocument,
    beats_of,
    without_beats,
)
from region_node.features.workouts.importing.model import COLUMNS
from region_node.features.workouts.importing.refusals import Refusal
from region_node.features.workouts.model import (
    Details,
    Heading,
    HealthHeading,
    NewWorkout,
    Part,
    PartKind,
)
from region_node.features.workouts.samples import HEALTH_CHANNELS, encode_blocks, has_values
from region_node.features.workouts.uploads.model import MAX_MEMBER_NAME_BYTES, short_name

NO_FIGURE = AverageAndMax(avg=None, max=None)


class ReadFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file of an upload: its workouts, or why there are none."""

    name: str
    workouts: tuple[NewWorkout, ...] = ()
    code: str = ""
    title: str = ""
    detail: str = ""
    skipped: bool = False


def read_upload(name: str, data: bytes, upload_id: str, health: bool) -> bytes:  # noqa: FBT001 - it crosses to another process by position
    """All files of an upload, in order, as MessagePack of `list[ReadFile]`; runs in an import process.

    Without *health* nothing that tells about it comes back; all else is the same.
    """
    now = datetime.now(UTC)
    files = []
    for outcome in analyse_outcomes(name, io.BytesIO(data), now=now):
        short = short_name(outcome.name, MAX_MEMBER_NAME_BYTES)
        if outcome.refusal is not None:
            files.append(_refused(short, outcome.refusal, skipped=outcome.skipped))
        else:
            workouts = tuple(_new_workout(w, upload_id, outcome.digest) for w in outcome.workouts)
            if not health:
                workouts = tuple(_without_health(workout) for workout in workouts)
            files.append(ReadFile(name=short, workouts=workouts))
    return msgspec.msgpack.encode(files)


def _refused(name: str, refusal: Refusal, *, skipped: bool) -> ReadFile:
    return ReadFile(name=name, code=refusal.code, title=refusal.title, detail=refusal.detail, skipped=skipped)


def _new_workout(workout: AnalysedWorkout, upload_id: str, digest: str) -> NewWorkout:
    document = workout.document
    health = HealthFigures(
        heart_rate=document.heart_rate,
        computed_heart_rate=document.computed.heart_rate,
        calories_kcal=document.calories_kcal,
        warnings=tuple(sorted(workout.health_warnings)),
    )
    document = _kept(workout)
    return NewWorkout(
        part=document.part,
        content=f"{digest}/{document.part}",
        heading=_heading(document, upload_id),
        health_heading=HealthHeading(
            heart_rate_avg_bpm=health.heart_rate.avg,
            heart_rate_max_bpm=health.heart_rate.max,
            calories_kcal=health.calories_kcal,
            warnings=health.warnings,
        ),
        analysis=msgspec.json.encode(document),
        health=msgspec.json.encode(health),
        parts=tuple(_parts(workout)),
        health_parts=tuple(_health_parts(workout)),
    )


def _without_health(workout: NewWorkout) -> NewWorkout:
    return msgspec.structs.replace(workout, health_heading=None, health=b"", health_parts=())


def _kept(workout: AnalysedWorkout) -> WorkoutDocument:
    """Without what is health data, which is kept apart; its file's name cut to what a row may hold."""
    document = workout.document
    computed = msgspec.structs.replace(document.computed, heart_rate=NO_FIGURE)
    file = short_name(document.file, MAX_MEMBER_NAME_BYTES)
    warnings = [notice for notice in document.warnings if notice.code not in workout.health_warnings]
    changes = {"file": file, "heart_rate": NO_FIGURE, "calories_kcal": None, "computed": computed}
    return msgspec.structs.replace(document, **changes, warnings=warnings)


def _heading(document: WorkoutDocument, upload_id: str) -> Heading:
    return Heading(
        version=1,
        details=Details(title="", sport=document.sport, sub_sport=document.sub_sport),
        started_at=datetime.fromisoformat(document.started_at) if document.started_at else None,
        elapsed_s=document.elapsed_s,
        timer_s=document.timer_s,
        moving_s=document.moving_s,
        distance_m=document.distance_m,
        ascent_m=document.ascent_m,
        descent_m=document.descent_m,
        format=document.format,
        warnings=tuple(notice.code for notice in document.warnings),
        upload_id=upload_id,
    )


def _parts(workout: AnalysedWorkout) -> Iterator[Part]:
    columns = {name: getattr(workout.samples, name) for name in COLUMNS if name not in HEALTH_CHANNELS}
    for number, block in enumerate(encode_blocks(columns)):
        yield Part(kind=PartKind.SAMPLES, number=number, body=block)
    chart = chart_of(columns)
    if chart:
        yield _json_part(PartKind.CHART, chart)
    track = track_of(columns, workout.samples.segment)
    if track is not None:
        yield _json_part(PartKind.TRACK, track)
    if workout.laps:
        yield _json_part(PartKind.LAPS, [without_beats(lap) for lap in workout.laps])


def _health_parts(workout: AnalysedWorkout) -> Iterator[Part]:
    """What `_parts` leaves out, under the same kinds and numbers; nothing where nothing was measured."""
    columns = {name: getattr(workout.samples, name) for name in HEALTH_CHANNELS}
    for number, block in enumerate(encode_blocks(columns)):
        if has_values(block):
            yield Part(kind=PartKind.SAMPLES, number=number, body=block)
    chart = chart_of({**columns, "time_s": workout.samples.time_s})
    beats = {name: values for name, values in chart.items() if name in HEALTH_CHANNELS}
    if beats:
        yield _json_part(PartKind.CHART, beats)
    laps = [beats_of(lap) for lap in workout.laps]
    if any(beats != NO_FIGURE for beats in laps):
        yield _json_part(PartKind.LAPS, laps)


def _json_part(kind: PartKind, document: object) -> Part:
    return Part(kind=kind, number=0, body=zstandard.ZstdCompressor().compress(msgspec.json.encode(document)))
