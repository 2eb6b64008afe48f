"""Collects the points of XML formats in compact columns."""

from array import array
from datetime import UTC, datetime

import numpy as np

from region_node.features.workouts.importing.limits import MAX_SAMPLES
from region_node.features.workouts.importing.model import COLUMNS, FloatArray, SampleColumns
from region_node.features.workouts.importing.refusals import TooLarge

NAN = float("nan")


def number(text: str | None) -> float:
    """NaN for what is no number."""
    if text is None:
        return NAN
    try:
        return float(text)
    except ValueError:
        return NAN


def instant(text: str | None) -> float:
    """Seconds since 1970 of an ISO 8601 time, UTC where no zone is given; NaN for what is none."""
    if text is None:
        return NAN
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return NAN


class Points:
    """Growing columns; a point is added with what it has, the rest is none."""

    __slots__ = ("_columns", "_given", "_segments", "_time", "count")

    def __init__(self) -> None:
        self.count = 0
        self._columns = {name: array("d") for name in COLUMNS}
        self._given = array("d")
        self._segments = array("i")

    def add(self, values: dict[str, float], *, segment: int, position_given: bool) -> None:
        if self.count >= MAX_SAMPLES:
            raise TooLarge
        self.count += 1
        get = values.get
        for name, column in self._columns.items():
            column.append(get(name, NAN))
        self._given.append(position_given)
        self._segments.append(segment)

    def columns(self) -> SampleColumns:
        arrays = {name: np.frombuffer(column, dtype=np.float64) for name, column in self._columns.items()}
        return SampleColumns(**arrays, segment=np.frombuffer(self._segments, dtype=np.int32))

    def position_given(self) -> FloatArray:
        return np.frombuffer(self._given, dtype=np.float64)
