"""Samples in order of time, one for each instant (formula version 1; source: import contract, rules 2, 8, 9).

A series is never allocated by its span, only by its samples: clocks jump.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from region_node.features.workouts.importing.model import COLUMNS, SampleColumns

MAX_SPAN_S = 8 * 86_400.0
LEAST_TIMED_SHARE = 0.5

BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Timeline:
    """``columns`` are sorted and without repeats; empty when there is no usable time."""

    columns: SampleColumns
    backwards: bool

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def first_s(self) -> float | None:
        return float(self.columns.time_s[0]) if len(self) else None

    @property
    def last_s(self) -> float | None:
        return float(self.columns.time_s[-1]) if len(self) else None

    @property
    def span_s(self) -> float | None:
        return float(self.columns.time_s[-1] - self.columns.time_s[0]) if len(self) else None


def too_few_times(columns: SampleColumns) -> bool:
    """Whether fewer than half of the samples have a time."""
    count = len(columns)
    return count > 0 and int(np.count_nonzero(~np.isnan(columns.time_s))) < LEAST_TIMED_SHARE * count


def without_times(columns: SampleColumns) -> SampleColumns:
    return replace(columns, time_s=np.full(len(columns), np.nan))


def fitting_part(columns: SampleColumns) -> BoolArray | None:
    """Which samples stay when a recording of more than 8 days is cut at its largest gap until it fits.

    Of two sides the one with more samples stays, of equals the first. None when nothing is to be cut.
    Samples without a time stay.
    """
    timed = ~np.isnan(columns.time_s)
    times = np.sort(columns.time_s[timed])
    if not len(times) or times[-1] - times[0] <= MAX_SPAN_S:
        return None
    low, high = 0, len(times)
    # the largest gap of what is left is the next of all gaps, the largest first, that lies within
    for gap in np.argsort(-np.diff(times), kind="stable").tolist():
        if times[high - 1] - times[low] <= MAX_SPAN_S:
            break
        cut = gap + 1
        if not low < cut < high:
            continue
        if cut - low >= high - cut:
            high = cut
        else:
            low = cut
    with np.errstate(invalid="ignore"):
        kept: BoolArray = (columns.time_s >= times[low]) & (columns.time_s <= times[high - 1])
    return kept | ~timed


def timeline(columns: SampleColumns) -> Timeline:
    """Sort by time; of equal times the last value of each column wins, so that split records are merged."""
    timed = ~np.isnan(columns.time_s)
    if not timed.all():
        columns = columns.mapped(lambda column: column[timed])
    steps = np.diff(columns.time_s)
    backwards = bool((steps < 0).any())
    if backwards:
        order = np.argsort(columns.time_s, kind="stable")
        columns = columns.mapped(lambda column: column[order])
        steps = np.diff(columns.time_s)
    if len(steps) and (steps == 0).any():
        columns = _merged(columns, steps)
    return Timeline(columns, backwards)


def _merged(columns: SampleColumns, steps: NDArray[np.float64]) -> SampleColumns:
    group = np.concatenate([[0], np.cumsum(steps > 0)])
    count = int(group[-1]) + 1
    merged = {}
    for name in COLUMNS:
        column = getattr(columns, name)
        held = ~np.isnan(column)
        new = np.full(count, np.nan)
        new[group[held]] = column[held]
        merged[name] = new
    segment = np.empty(count, np.int32)
    segment[group] = columns.segment
    return SampleColumns(**merged, segment=segment)
