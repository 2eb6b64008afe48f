"""What an invented activity is made of."""

from dataclasses import dataclass
from enum import StrEnum


class DemoSport(StrEnum):
    RUN = "running"
    RIDE = "cycling"
    SWIM = "swimming"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPoint:
    time_s: float
    latitude_deg: float
    longitude_deg: float
    altitude_m: float
    heart_rate_bpm: int
    cadence_rpm: int
    speed_mps: float
    distance_m: float
    power_w: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLap:
    points: tuple[DemoPoint, ...]
    elapsed_s: float
    timer_s: float
    distance_m: float
    heart_rate_avg_bpm: int
    heart_rate_max_bpm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoActivity:
    sport: DemoSport
    points: tuple[DemoPoint, ...]
    pause_s: tuple[float, float]
    """Start and end of the time in which the timer stood still."""
    laps: tuple[DemoLap, ...]

    @property
    def elapsed_s(self) -> float:
        return self.points[-1].time_s - self.points[0].time_s

    @property
    def timer_s(self) -> float:
        return self.elapsed_s - (self.pause_s[1] - self.pause_s[0])

    @property
    def distance_m(self) -> float:
        return self.points[-1].distance_m
