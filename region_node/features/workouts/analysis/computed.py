"""All figures from the samples alone (formula version 1)."""

from dataclasses import dataclass

from region_node.features.workouts.analysis.clock import Clocked
from region_node.features.workouts.analysis.distance import computed_distance
from region_node.features.workouts.analysis.durations import (
    Pauses,
    merged_pauses,
    paused_within,
    segment_gaps,
)
from region_node.features.workouts.analysis.elevation import climb
from region_node.features.workouts.analysis.heart_rate import heart_rate_figures, heart_rate_series
from region_node.features.workouts.analysis.means import above_zero, largest, mean_over_time
from region_node.features.workouts.analysis.moving import largest_speed, moving_time
from region_node.features.workouts.analysis.power import power_figures, weighted_power
from region_node.features.workouts.document import AverageAndMax, ComputedFigures, PowerFigures
from region_node.features.workouts.importing.model import FloatArray, RecordedWorkout, SampleColumns


@dataclass(frozen=True, slots=True)
class Computed:
    figures: ComputedFigures
    pauses: Pauses
    timer_s: float | None
    """Elapsed time without pauses."""


def compute(workout: RecordedWorkout, clock: Clocked) -> Computed:
    line = clock.line
    # without times the samples as they are in the file, so that means and maxima are still known
    columns = line.columns if len(line) else clock.columns
    pauses = merged_pauses(workout.pauses_s or segment_gaps(line.columns))
    elapsed = line.span_s
    timer = None if elapsed is None else elapsed - paused_within(line, pauses)
    distance = computed_distance(clock.columns)
    ascent, descent = climb(_altitudes(clock, columns))
    heart_times, beats = heart_rate_series(columns, workout.strap, _start_and_end(clock))
    heart_avg, heart_max = heart_rate_figures(heart_times, beats, pauses)
    power_avg, power_max = power_figures(columns.time_s, columns.power_w, pauses)
    cadence_avg, cadence_max = _cadence(columns.time_s, columns.cadence_rpm, pauses)
    figures = ComputedFigures(
        elapsed_s=rounded(elapsed),
        moving_s=rounded(moving_time(columns, workout.sport, pauses)) if len(line) else None,
        distance_m=rounded(distance),
        ascent_m=rounded(ascent),
        descent_m=rounded(descent),
        heart_rate=AverageAndMax(avg=rounded(heart_avg), max=rounded(heart_max)),
        power=PowerFigures(
            avg=rounded(power_avg),
            max=rounded(power_max),
            weighted=rounded(weighted_power(columns.time_s, columns.power_w)) if len(line) else None,
        ),
        cadence=AverageAndMax(avg=rounded(cadence_avg), max=rounded(cadence_max)),
        speed=AverageAndMax(
            avg=rounded(distance / timer) if distance and timer else None,
            max=rounded(largest_speed(columns)) if len(line) else rounded(largest(columns.speed_mps)),
        ),
    )
    return Computed(figures, pauses, rounded(timer))


def _start_and_end(clock: Clocked) -> tuple[float, float] | None:
    """By device and samples together: what a strap measured outside of that is not the workout's."""
    ends = [one.start_at_s + one.elapsed_s for one in clock.sessions if one.start_at_s and one.elapsed_s]
    if clock.line.last_s is not None:
        ends.append(clock.line.last_s)
    return None if clock.start_s is None or not ends else (clock.start_s, max(ends))


def _altitudes(clock: Clocked, columns: SampleColumns) -> FloatArray:
    """In order of time; where most samples repeat a time, as a stopped clock writes it, in file order."""
    return columns.altitude_m if 2 * len(columns) > len(clock.columns) else clock.columns.altitude_m


def _cadence(
    times_s: FloatArray, cadence_rpm: FloatArray, pauses: Pauses
) -> tuple[float | None, float | None]:
    """Average without zeros and maximum; zeros throughout mean no sensor (source: contract, rule 4)."""
    turning = above_zero(cadence_rpm)
    return mean_over_time(times_s, turning, pauses), largest(turning)


def rounded(value: float | None) -> float | None:
    """Three decimals: finer than any sensor."""
    return None if value is None else round(value, 3)
