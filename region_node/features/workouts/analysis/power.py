"""Power and weighted power (formula version 1).

Source: Coggan's fourth-power mean (H. Allen and A. Coggan, "Training and Racing with a Power Meter"): 1 Hz
with zeros, moving mean of 30 s, mean of fourth powers, fourth root. Here full windows only, and never
across a longer gap. Golden: 60 s of 400 W and 60 s of 100 W in turn for an hour give 315.152 W.
"""

import numpy as np

from region_node.features.workouts.analysis.durations import Pauses
from region_node.features.workouts.analysis.means import largest, mean_over_time
from region_node.features.workouts.importing.model import FloatArray

WINDOW_S = 30
LONGEST_FILLED_GAP_S = 10


def power_figures(
    times_s: FloatArray, power_w: FloatArray, pauses: Pauses
) -> tuple[float | None, float | None]:
    """Average (zeros count) and maximum in watts; zeros throughout mean no sensor."""
    most = largest(power_w)
    if not most:
        return None, None
    return mean_over_time(times_s, power_w, pauses), most


def weighted_power(times_s: FloatArray, power_w: FloatArray) -> float | None:
    """Weighted mean in watts; None below 30 s of unbroken data, without times, or without any power.

    Times ascend without repeats; NaN is no value.
    """
    given = ~(np.isnan(power_w) | np.isnan(times_s))
    if not given.any() or not power_w[given].any():
        return None
    seconds = np.floor(times_s[given] - times_s[given][0] + 0.5).astype(np.int64)
    watts = power_w[given]
    last_of_second = np.append(np.diff(seconds) > 0, True)
    seconds, watts = seconds[last_of_second], watts[last_of_second]
    total, count = 0.0, 0
    cuts = np.flatnonzero(np.diff(seconds) > LONGEST_FILLED_GAP_S) + 1
    for stretch, values in zip(np.split(seconds, cuts), np.split(watts, cuts), strict=True):
        fourth, windows = _fourth_powers(stretch, values)
        total += fourth
        count += windows
    return float((total / count) ** 0.25) if count else None


def _fourth_powers(seconds: np.ndarray, watts: FloatArray) -> tuple[float, int]:
    """Sum of the fourth powers of all full windows of one unbroken stretch, and their number."""
    length = int(seconds[-1] - seconds[0]) + 1
    if length < WINDOW_S:
        return 0.0, 0
    each = np.repeat(watts, np.append(np.diff(seconds), 1))
    sums = np.cumsum(np.concatenate([[0.0], each]))
    means = (sums[WINDOW_S:] - sums[:-WINDOW_S]) / WINDOW_S
    return float((means**4).sum()), len(means)
