"""A workout as a decoder read it: the device's words and the samples, nothing computed.

Times are seconds since 1970 in UTC, all else SI units or those in the names; a missing value is NaN in
columns and None in summaries.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from region_node.features.workouts.importing.notices import NoticeCode

FloatArray = NDArray[np.float64]

COLUMNS = (
    "time_s",
    "latitude_deg",
    "longitude_deg",
    "altitude_m",
    "heart_rate_bpm",
    "power_w",
    "cadence_rpm",
    "speed_mps",
    "distance_m",
    "temperature_c",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleColumns:
    """Parallel columns in file order; ``distance_m`` is the sensor's cumulative distance."""

    time_s: FloatArray
    latitude_deg: FloatArray
    longitude_deg: FloatArray
    altitude_m: FloatArray
    heart_rate_bpm: FloatArray
    power_w: FloatArray
    cadence_rpm: FloatArray
    speed_mps: FloatArray
    distance_m: FloatArray
    temperature_c: FloatArray
    segment: NDArray[np.int32]
    """Number of the unbroken stretch a sample belongs to; nothing is measured across two of them."""

    def __len__(self) -> int:
        return len(self.time_s)

    def mapped(self, change: Any) -> "SampleColumns":
        """Apply *change* to every column, ``segment`` included."""
        columns = {name: change(getattr(self, name)) for name in COLUMNS}
        return SampleColumns(**columns, segment=change(self.segment))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a device states about a session or a lap."""

    start_at_s: float | None = None
    elapsed_s: float | None = None
    timer_s: float | None = None
    moving_s: float | None = None
    distance_m: float | None = None
    ascent_m: float | None = None
    descent_m: float | None = None
    calories_kcal: float | None = None
    heart_rate_avg_bpm: float | None = None
    heart_rate_max_bpm: float | None = None
    power_avg_w: float | None = None
    power_max_w: float | None = None
    power_weighted_w: float | None = None
    cadence_avg_rpm: float | None = None
    cadence_max_rpm: float | None = None
    speed_avg_mps: float | None = None
    speed_max_mps: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    manufacturer: str | None = None
    product: str | None = None
    software: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Strap:
    """Beats that a chest strap kept by itself and handed over after the workout."""

    time_s: FloatArray
    heart_rate_bpm: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedWorkout:
    format: str
    decoder: str
    sport: str
    sub_sport: str
    columns: SampleColumns
    samples: int
    sessions: tuple[Figures, ...] = ()
    laps: tuple[Figures, ...] = ()
    lengths: int = 0
    legs: int = 1
    device: Device = Device()
    pauses_s: tuple[tuple[float, float], ...] = ()
    """Start and end of each time in which the device's timer stood still."""
    strap: Strap | None = None
    notices: frozenset[NoticeCode] = field(default_factory=frozenset)
