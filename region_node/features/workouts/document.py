"""The document of a workout, as the command line prints it and the import worker stores it."""

import msgspec

from region_node.features.workouts.importing.notices import Notice, NoticeCode


class AverageAndMax(msgspec.Struct, frozen=True, kw_only=True):
    """Nulls when there is no sensor."""

    avg: float | None
    max: float | None


class PowerFigures(msgspec.Struct, frozen=True, kw_only=True):
    avg: float | None
    max: float | None
    weighted: float | None


class DeviceFigures(msgspec.Struct, frozen=True, kw_only=True):
    manufacturer: str | None
    product: str | None
    software: str | None


class ComputedFigures(msgspec.Struct, frozen=True, kw_only=True):
    """From the samples alone."""

    elapsed_s: float | None
    moving_s: float | None
    distance_m: float | None
    ascent_m: float | None
    descent_m: float | None
    heart_rate: AverageAndMax
    power: PowerFigures
    cadence: AverageAndMax
    speed: AverageAndMax


class WorkoutDocument(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds, metres, watts, beats and turns a minute, m/s; the device's figures where it has them."""

    file: str
    part: int
    format: str
    sport: str
    sub_sport: str
    started_at: str | None
    elapsed_s: float | None
    timer_s: float | None
    moving_s: float | None
    distance_m: float | None
    ascent_m: float | None
    descent_m: float | None
    calories_kcal: float | None
    heart_rate: AverageAndMax
    power: PowerFigures
    cadence: AverageAndMax
    speed: AverageAndMax
    samples: int
    laps: int
    lengths: int
    legs: int
    device: DeviceFigures
    decoder: str
    formulas: str
    computed: ComputedFigures
    warnings: list[Notice]


class RefusalDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A problem document: why nothing of a file became a workout."""

    file: str
    part: int
    code: str
    title: str
    detail: str


class LapDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A lap as the device states it; what it does not state is computed where samples have times."""

    start_offset_s: float | None
    elapsed_s: float | None
    timer_s: float | None
    distance_m: float | None
    heart_rate_avg_bpm: float | None
    heart_rate_max_bpm: float | None
    power_avg_w: float | None
    ascent_m: float | None


def without_beats(lap: LapDetail) -> LapDetail:
    return msgspec.structs.replace(lap, heart_rate_avg_bpm=None, heart_rate_max_bpm=None)


def beats_of(lap: LapDetail) -> AverageAndMax:
    return AverageAndMax(avg=lap.heart_rate_avg_bpm, max=lap.heart_rate_max_bpm)


class HealthFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a document that tell about health; they are kept apart from the rest of it.

    `warnings` are codes of those that only health figures gave rise to.
    """

    heart_rate: AverageAndMax
    computed_heart_rate: AverageAndMax
    calories_kcal: float | None
    warnings: tuple[NoticeCode, ...] = ()
