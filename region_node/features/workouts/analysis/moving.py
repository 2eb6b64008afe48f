"""Moving time and speed (formula version 1).

Source of the thresholds: the import contract, rule 7 (running: 30 minutes a mile, as Strava documents it);
sports it does not name take 1 km/h, the usual threshold of gpxpy.
"""

import numpy as np

from region_node.features.workouts.analysis.distance import great_circle_steps
from region_node.features.workouts.analysis.durations import Pauses, active_steps
from region_node.features.workouts.analysis.elevation import running_median
from region_node.features.workouts.analysis.means import largest
from region_node.features.workouts.importing.model import FloatArray, SampleColumns

RUN_MPS, RIDE_MPS, SLOW_MPS, OTHER_MPS = 0.89, 0.5, 0.1, 1 / 3.6
THRESHOLDS_MPS = {
    "running": RUN_MPS,
    "cycling": RIDE_MPS,
    "e_biking": RIDE_MPS,
    **dict.fromkeys(
        (
            "walking",
            "hiking",
            "snowshoeing",
            "mountaineering",
            "swimming",
            "rowing",
            "paddling",
            "kayaking",
            "rafting",
            "stand_up_paddleboarding",
            "surfing",
            "windsurfing",
            "kitesurfing",
            "sailing",
            "boating",
            "fishing",
            "diving",
            "water_skiing",
            "wakeboarding",
            "wakesurfing",
        ),
        SLOW_MPS,
    ),
}
LONG_STEP_S = 10.0
"""Over a longer step the momentary speed at its end says nothing about the time before."""


def travelled_steps(columns: SampleColumns) -> FloatArray:
    """Metres from each sample to the next, by the sensor's distance or else by position; NaN if unknown."""
    steps = np.diff(_filled(columns.distance_m))
    if not np.nansum(np.abs(steps)):
        steps = np.full(max(0, len(columns) - 1), np.nan)
    valid = np.flatnonzero(~np.isnan(columns.latitude_deg))
    if len(valid) > 1 and np.isnan(steps).all():
        metres = great_circle_steps(columns.latitude_deg[valid], columns.longitude_deg[valid])
        apart = np.diff(valid)
        # a stretch with samples that have no position is spread over its samples
        filled = np.repeat(metres / apart, apart)
        steps[valid[0] : valid[-1]] = filled
    with np.errstate(invalid="ignore"):
        return np.where(steps < 0, 0.0, steps)


def _filled(cumulative: FloatArray) -> FloatArray:
    """Holes of a cumulative column filled evenly; NaN before the first and after the last value."""
    given = np.flatnonzero(~np.isnan(cumulative))
    if not len(given) or len(given) == len(cumulative):
        return cumulative
    at = np.arange(len(cumulative), dtype=np.float64)
    return np.interp(at, given, cumulative[given], left=np.nan, right=np.nan)


def step_speeds(columns: SampleColumns) -> FloatArray:
    """Speed over each step in m/s: the sensor's at its end; over long steps, or without one, by distance."""
    seconds = np.diff(columns.time_s)
    with np.errstate(divide="ignore", invalid="ignore"):
        travelled = travelled_steps(columns) / seconds
    sensed = columns.speed_mps[1:]
    if not np.nansum(sensed):
        return travelled
    by_sensor = ~np.isnan(sensed) & ((seconds <= LONG_STEP_S) | np.isnan(travelled))
    return np.where(by_sensor, sensed, travelled)


def moving_time(columns: SampleColumns, sport: str, pauses: Pauses) -> float | None:
    """Seconds above the sport's threshold, pauses left out; None when no speed is known."""
    speeds = step_speeds(columns)
    if np.isnan(speeds).all():
        return None
    with np.errstate(invalid="ignore"):
        moving = speeds > THRESHOLDS_MPS.get(sport, OTHER_MPS)
    return float(active_steps(columns.time_s, pauses)[moving].sum())


def largest_speed(columns: SampleColumns) -> float | None:
    """The sensor's largest, else the largest of a running median of 5 steps: single positions jump."""
    sensed = largest(columns.speed_mps)
    if sensed:
        return sensed
    speeds = step_speeds(columns)
    return largest(running_median(speeds[np.isfinite(speeds)])) or None
