"""A workout's document: the device's figures on top, the computed ones beside them (formula version 1)."""

from dataclasses import dataclass, replace
from datetime import datetime

from region_node.features.workouts.analysis.clock import Clocked, clocked
from region_node.features.workouts.analysis.computed import Computed, compute, rounded
from region_node.features.workouts.analysis.formulas import FORMULAS
from region_node.features.workouts.analysis.heart_rate import joined_with_strap
from region_node.features.workouts.analysis.laps import lap_details
from region_node.features.workouts.analysis.plausibility import (
    implausible_figures,
    implausible_heart_rate,
    implausible_samples,
    implausible_speed,
)
from region_node.features.workouts.analysis.stated import stated_figures
from region_node.features.workouts.document import (
    AverageAndMax,
    ComputedFigures,
    DeviceFigures,
    LapDetail,
    PowerFigures,
    WorkoutDocument,
)
from region_node.features.workouts.importing.model import Figures, RecordedWorkout, SampleColumns
from region_node.features.workouts.importing.notices import NoticeCode, notices

ELAPSED_ROOM_S = 15.0
ELAPSED_ROOM_SHARE = 0.005
DISTANCE_ROOM_SHARE = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysedWorkout:
    document: WorkoutDocument
    laps: list[LapDetail]
    samples: SampleColumns
    """In order of time without repeats, beats of a strap joined in; in file order where there is no time."""
    health_warnings: frozenset[NoticeCode]
    """Those of the document's warnings that only the heart rate gave rise to."""


def analyse(workout: RecordedWorkout, *, file: str, part: int, now: datetime) -> AnalysedWorkout:
    clock = clocked(workout, now)
    stated = stated_figures(clock.sessions)
    computed = compute(workout, clock)
    elapsed, timer = _times(stated, computed)
    figures = computed.figures
    distance = _first(stated.distance_m or None, figures.distance_m)
    speed_avg = stated.speed_avg_mps or (distance / timer if distance and timer else None)
    codes = _warnings(workout, clock, stated, figures)
    of_health = _health_warnings(clock, stated) - codes
    document = WorkoutDocument(
        file=file,
        part=part,
        format=workout.format,
        sport=workout.sport,
        sub_sport=workout.sub_sport,
        started_at=clock.started_at(),
        elapsed_s=elapsed,
        timer_s=timer,
        moving_s=_first(stated.moving_s, figures.moving_s),
        distance_m=distance,
        ascent_m=_first(stated.ascent_m, figures.ascent_m),
        descent_m=_first(stated.descent_m, figures.descent_m),
        calories_kcal=rounded(stated.calories_kcal),
        heart_rate=_pair(stated.heart_rate_avg_bpm, stated.heart_rate_max_bpm, figures.heart_rate),
        power=PowerFigures(
            avg=_first(stated.power_avg_w, figures.power.avg),
            max=_first(stated.power_max_w, figures.power.max),
            weighted=_first(stated.power_weighted_w, figures.power.weighted),
        ),
        cadence=_pair(stated.cadence_avg_rpm, stated.cadence_max_rpm, figures.cadence),
        speed=_pair(speed_avg, stated.speed_max_mps, figures.speed),
        samples=workout.samples,
        laps=len(workout.laps),
        lengths=workout.lengths,
        legs=workout.legs,
        device=DeviceFigures(
            manufacturer=workout.device.manufacturer,
            product=workout.device.product,
            software=workout.device.software,
        ),
        decoder=workout.decoder,
        formulas=FORMULAS,
        computed=figures,
        warnings=notices(codes | of_health),
    )
    return AnalysedWorkout(
        document=document,
        laps=lap_details(workout.laps, clock.line, clock.start_s, computed.pauses),
        samples=_samples(workout, clock),
        health_warnings=of_health,
    )


def _samples(workout: RecordedWorkout, clock: Clocked) -> SampleColumns:
    samples = clock.line.columns if len(clock.line) else clock.columns
    if workout.strap is None:
        return samples
    return replace(samples, heart_rate_bpm=joined_with_strap(samples, workout.strap))


def _first(stated: float | None, computed: float | None) -> float | None:
    return rounded(computed if stated is None else stated)


def _pair(avg: float | None, most: float | None, computed: AverageAndMax) -> AverageAndMax:
    return AverageAndMax(avg=_first(avg, computed.avg), max=_first(most, computed.max))


def _times(stated: Figures, computed: Computed) -> tuple[float | None, float | None]:
    """Elapsed time and timer: elapsed is never below the timer."""
    span = computed.figures.elapsed_s
    elapsed = span if stated.elapsed_s is None else stated.elapsed_s
    timer = stated.timer_s
    if timer is None and elapsed is not None:
        paused = 0.0 if span is None or computed.timer_s is None else span - computed.timer_s
        timer = max(0.0, elapsed - paused)
    if timer is not None:
        elapsed = max(elapsed or 0.0, timer)
    return rounded(elapsed), rounded(timer)


def _warnings(
    workout: RecordedWorkout, clock: Clocked, stated: Figures, figures: ComputedFigures
) -> frozenset[NoticeCode]:
    codes = set(workout.notices | clock.notices)
    if disagrees(stated, figures):
        codes.add(NoticeCode.SUMMARY_DISAGREES)
    if implausible_speed(workout.sport, stated.speed_max_mps, stated.speed_avg_mps, figures.speed.max):
        codes.add(NoticeCode.IMPLAUSIBLE_SPEED)
    if implausible_figures(stated) or implausible_samples(clock.columns):
        codes.add(NoticeCode.IMPLAUSIBLE_VALUE)
    return frozenset(codes)


def _health_warnings(clock: Clocked, stated: Figures) -> frozenset[NoticeCode]:
    implausible = implausible_heart_rate(clock.columns, stated)
    return frozenset({NoticeCode.IMPLAUSIBLE_VALUE}) if implausible else frozenset()


def disagrees(stated: Figures, figures: ComputedFigures) -> bool:
    """Beyond max(15 s, 0.5 %) in elapsed time or 2 % in distance, of what the device states."""
    if stated.elapsed_s is not None and figures.elapsed_s is not None:
        room = max(ELAPSED_ROOM_S, ELAPSED_ROOM_SHARE * stated.elapsed_s)
        if abs(stated.elapsed_s - figures.elapsed_s) > room:
            return True
    if not stated.distance_m or figures.distance_m is None:
        return False
    return abs(stated.distance_m - figures.distance_m) > DISTANCE_ROOM_SHARE * stated.distance_m
