"""Means weighted by time (formula version 1; source: the import contract, rule 4)."""

import numpy as np

from region_node.features.workouts.analysis.durations import Pauses, paused_before
from region_node.features.workouts.importing.model import FloatArray

VALID_FOR_S = 30.0
"""A sensor that falls silent is believed no longer than this."""


def mean_over_time(times_s: FloatArray, values: FloatArray, pauses: Pauses) -> float | None:
    """Each value holds until the next one, at most 30 s, and not during a pause; NaN is no value.

    The last value holds as long as the median of the others. Without times, or with no weight at all, the
    plain mean.
    """
    given = ~np.isnan(values)
    values = values[given]
    if not len(values):
        return None
    times = times_s[given]
    if len(values) == 1 or np.isnan(times).any():
        return float(values.mean())
    ends = np.minimum(times[1:], times[:-1] + VALID_FOR_S)
    held = ends - times[:-1]
    if pauses:
        held -= paused_before(ends, pauses) - paused_before(times[:-1], pauses)
    weights = np.append(held, np.median(held))
    total = float(weights.sum())
    return float(np.dot(values, weights) / total) if total > 0 else float(values.mean())


def largest(values: FloatArray) -> float | None:
    given = values[~np.isnan(values)]
    return float(given.max()) if len(given) else None


def above_zero(values: FloatArray) -> FloatArray:
    """Zeros left out: no heart beats at 0, no pedal turns at 0."""
    with np.errstate(invalid="ignore"):
        return np.where(values > 0, values, np.nan)
