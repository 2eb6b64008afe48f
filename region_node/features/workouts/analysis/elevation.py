"""Ascent and descent (formula version 1).

Source: the import contract, rule 6: running median of 5 samples against spikes, then a hysteresis of 3 m as
GoldenCheetah uses it. Golden: 100 m and 101 m in turn give 0; a steady rise of 50 m gives 50.
"""

import numpy as np

from region_node.features.workouts.importing.model import FloatArray

MEDIAN_SAMPLES = 5
HYSTERESIS_M = 3.0


def running_median(values: FloatArray) -> FloatArray:
    """Median of 5 around each value; the ends are continued with their own value."""
    if len(values) < MEDIAN_SAMPLES:
        return values
    half = MEDIAN_SAMPLES // 2
    padded = np.pad(values, half, mode="edge")
    windows = np.stack([padded[at : at + len(values)] for at in range(MEDIAN_SAMPLES)])
    windows.sort(axis=0)
    median: FloatArray = windows[half]
    return median


def climb(altitude_m: FloatArray) -> tuple[float | None, float | None]:
    """Ascent and descent in metres over altitudes in order; NaN is no value.

    A rise or fall counts from the last turning point once it exceeds 3 m, up to its own turning point or end.
    """
    given = altitude_m[~np.isnan(altitude_m)]
    if not len(given):
        return None, None
    ascent = descent = 0.0
    low = high = anchor = float(given[0])
    direction = 0
    for value in _turning_points(running_median(given)):
        if direction >= 0 and value > high:
            high = value
        if direction <= 0 and value < low:
            low = value
        if direction <= 0 and value - low > HYSTERESIS_M:
            descent += anchor - low if direction else 0.0
            anchor, high, direction = low, value, 1
        elif direction >= 0 and high - value > HYSTERESIS_M:
            ascent += high - anchor if direction else 0.0
            anchor, low, direction = high, value, -1
    if direction > 0:
        ascent += high - anchor
    elif direction < 0:
        descent += anchor - low
    return ascent, descent


def _turning_points(values: FloatArray) -> list[float]:
    """Only the values at which the direction changes, with both ends: the others count for nothing."""
    changed = np.append(True, np.diff(values) != 0)
    values = values[changed]
    if len(values) < MEDIAN_SAMPLES:
        return list(values.tolist())
    rising = np.diff(values) > 0
    turns = np.concatenate([[True], rising[1:] != rising[:-1], [True]])
    return list(values[turns].tolist())
