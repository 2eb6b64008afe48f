"""Laps in detail (formula version 1): the device's figures, completed from the samples between lap starts."""

from collections.abc import Sequence

import numpy as np

from region_node.features.workouts.analysis.durations import Pauses
from region_node.features.workouts.analysis.elevation import climb
from region_node.features.workouts.analysis.means import above_zero, largest, mean_over_time
from region_node.features.workouts.analysis.timeline import Timeline
from region_node.features.workouts.document import LapDetail
from region_node.features.workouts.importing.model import Figures

_DETAILED_LAPS = 2_000
"""Beyond that many, a lap shows what the device says and nothing is computed."""


def lap_details(
    laps: Sequence[Figures], line: Timeline, start_s: float | None, pauses: Pauses
) -> list[LapDetail]:
    return [
        _detail(lap, line if index < _DETAILED_LAPS else None, start_s, pauses)
        for index, lap in enumerate(laps)
    ]


def _detail(lap: Figures, line: Timeline | None, start_s: float | None, pauses: Pauses) -> LapDetail:
    heart_avg, heart_max = lap.heart_rate_avg_bpm, lap.heart_rate_max_bpm
    power, ascent = lap.power_avg_w, lap.ascent_m
    seconds = lap.elapsed_s or lap.timer_s
    if line is not None and lap.start_at_s is not None and seconds:
        times = line.columns.time_s
        low, high = np.searchsorted(times, [lap.start_at_s, lap.start_at_s + seconds]).tolist()
        of_lap = slice(low, high)
        beats = above_zero(line.columns.heart_rate_bpm[of_lap])
        watts = line.columns.power_w[of_lap]
        heart_avg = heart_avg or mean_over_time(times[of_lap], beats, pauses)
        heart_max = heart_max or largest(beats)
        power = power or mean_over_time(times[of_lap], watts, pauses)
        ascent = climb(line.columns.altitude_m[of_lap])[0] if ascent is None else ascent
    offset = None
    if lap.start_at_s is not None and start_s is not None:
        offset = _rounded(lap.start_at_s - start_s)
    return LapDetail(
        start_offset_s=offset,
        elapsed_s=_rounded(lap.elapsed_s),
        timer_s=_rounded(lap.timer_s),
        distance_m=_rounded(lap.distance_m),
        heart_rate_avg_bpm=_rounded(heart_avg),
        heart_rate_max_bpm=_rounded(heart_max),
        power_avg_w=_rounded(power),
        ascent_m=_rounded(ascent),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
