"""Time that counts: elapsed, without pauses (formula version 1; source: the import contract, rule 2)."""

from collections.abc import Sequence

import numpy as np

from region_node.features.workouts.analysis.timeline import Timeline
from region_node.features.workouts.importing.model import FloatArray, SampleColumns

Pauses = tuple[tuple[float, float], ...]


def merged_pauses(pauses: Sequence[tuple[float, float]]) -> Pauses:
    """In order, and none within another."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(pauses):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        elif end > start:
            merged.append((start, end))
    return tuple(merged)


def segment_gaps(columns: SampleColumns) -> Pauses:
    """Times between segments in which no other segment runs."""
    timed = ~np.isnan(columns.time_s)
    times, segments = columns.time_s[timed], columns.segment[timed]
    if not len(times) or segments[0] == segments[-1]:
        return ()
    numbers, at = np.unique(segments, return_inverse=True)
    starts = np.full(len(numbers), np.inf)
    ends = np.full(len(numbers), -np.inf)
    np.minimum.at(starts, at, times)
    np.maximum.at(ends, at, times)
    gaps = []
    reached = None
    for start, end in sorted(zip(starts.tolist(), ends.tolist(), strict=True)):
        if reached is not None and start > reached:
            gaps.append((reached, start))
        reached = end if reached is None else max(reached, end)
    return tuple(gaps)


def paused_before(times: FloatArray, pauses: Pauses) -> FloatArray:
    """Seconds of pause before each time."""
    if not pauses:
        return np.zeros(len(times))
    edges = np.array(pauses).ravel()
    lengths = np.diff(edges)[::2]
    paused = np.repeat(np.concatenate([[0.0], np.cumsum(lengths)]), 2)[1:-1]
    before: FloatArray = np.interp(times, edges, paused)
    return before


def active_steps(times: FloatArray, pauses: Pauses) -> FloatArray:
    """Seconds from each time to the next one, pauses left out."""
    active: FloatArray = np.diff(times - paused_before(times, pauses))
    return active


def paused_within(line: Timeline, pauses: Pauses) -> float:
    """Seconds of pause between the first and the last sample."""
    if not len(line):
        return 0.0
    ends = np.array([line.first_s, line.last_s])
    before, after = paused_before(ends, pauses).tolist()
    return float(after - before)
