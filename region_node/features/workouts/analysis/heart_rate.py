"""Heart rate (formula version 1; source: the import contract, rule 4)."""

import numpy as np

from region_node.features.workouts.analysis.durations import Pauses
from region_node.features.workouts.analysis.means import above_zero, largest, mean_over_time
from region_node.features.workouts.importing.model import FloatArray, SampleColumns, Strap


def heart_rate_series(
    columns: SampleColumns, strap: Strap | None, start_and_end_s: tuple[float, float] | None
) -> tuple[FloatArray, FloatArray]:
    """Times and values: those of the samples, and of a strap that kept its own, from start to end only."""
    times, values = columns.time_s, above_zero(columns.heart_rate_bpm)
    if strap is None:
        return times, values
    within = np.ones(len(strap.time_s), dtype=bool)
    if start_and_end_s is not None:
        start_s, end_s = start_and_end_s
        within = (strap.time_s >= start_s) & (strap.time_s <= end_s)
    given = ~np.isnan(values)
    times = np.concatenate([times[given], strap.time_s[within]])
    values = np.concatenate([values[given], strap.heart_rate_bpm[within]])
    order = np.argsort(times, kind="stable")
    return times[order], values[order]


def joined_with_strap(columns: SampleColumns, strap: Strap) -> FloatArray:
    """The heart rate column, its holes filled with the mean of the strap's beats since the sample before."""
    times, values = columns.time_s, columns.heart_rate_bpm.copy()
    if not len(times) or np.isnan(times).any():
        return values
    at = np.searchsorted(times, strap.time_s)
    inside = (at < len(times)) & (strap.time_s > times[0] - 1)
    sums = np.bincount(at[inside], weights=strap.heart_rate_bpm[inside], minlength=len(times))
    counts = np.bincount(at[inside], minlength=len(times))
    holes = np.isnan(values) & (counts > 0)
    values[holes] = sums[holes] / counts[holes]
    return values


def heart_rate_figures(
    times_s: FloatArray, values: FloatArray, pauses: Pauses
) -> tuple[float | None, float | None]:
    """Average and maximum in beats a minute."""
    return mean_over_time(times_s, values, pauses), largest(values)
