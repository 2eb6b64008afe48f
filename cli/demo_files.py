"""Activities for the demo and for tests: made by a seed, written as FIT, GPX or TCX. Nobody ever did them."""

import math
import random
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from typing import Any

from cli.demo_fit import activity_as_fit
from cli.demo_model import DemoActivity, DemoLap, DemoPoint, DemoSport
from cli.demo_xml import activity_as_gpx, activity_as_tcx

_METRES_PER_DEGREE = 111_195.0


class DemoFormat(StrEnum):
    FIT = "fit"
    GPX = "gpx"
    TCX = "tcx"


@dataclass(frozen=True, slots=True)
class _Profile:
    speed_mps: float
    heart_rate_bpm: float
    cadence_rpm: float
    power_w: float | None
    climb_m: float
    lap_m: float


_PROFILES = {
    DemoSport.RUN: _Profile(3.1, 148, 84, None, 25, 1_000),
    DemoSport.RIDE: _Profile(7.8, 138, 86, 195, 60, 5_000),
    DemoSport.SWIM: _Profile(1.1, 131, 27, None, 0, 400),
}


def demo_activity(
    sport: DemoSport, *, seed: int, start: datetime, minutes: int, origin: tuple[float, float]
) -> DemoActivity:
    """A loop around *origin* (latitude and longitude in degrees), a sample a second, with one pause.

    The same arguments give the same activity, on every machine.
    """
    dice = random.Random(f"{sport}/{seed}")  # noqa: S311 - invented sports, no secret  # nosec B311
    profile = _PROFILES[sport]
    seconds = minutes * 60
    pause_at, pause_s = dice.randrange(seconds // 3, seconds // 2), dice.randrange(40, 120)
    begin = start.astimezone(UTC).timestamp()
    length = profile.speed_mps * seconds
    points: list[DemoPoint] = []
    distance = 0.0
    for second in range(seconds + 1):
        effort = 1 + 0.12 * math.sin(second / 97) + dice.gauss(0, 0.02)
        speed = profile.speed_mps * effort
        distance += speed if second else 0.0
        warm = 1 - 0.25 * math.exp(-second / 240)
        pausing = pause_s if second > pause_at else 0
        latitude, longitude = _on_loop(origin, distance, length)
        points.append(
            DemoPoint(
                time_s=begin + second + pausing,
                latitude_deg=latitude,
                longitude_deg=longitude,
                altitude_m=120 + profile.climb_m * (1 - math.cos(distance / length * 4 * math.pi)) / 2,
                heart_rate_bpm=round(profile.heart_rate_bpm * warm * (1 + (effort - 1) / 2)),
                cadence_rpm=max(1, round(profile.cadence_rpm * (1 + (effort - 1) / 3))),
                speed_mps=speed,
                distance_m=distance,
                power_w=None if profile.power_w is None else max(0, round(profile.power_w * effort**2)),
            )
        )
    pause = (begin + pause_at, begin + pause_at + pause_s)
    return DemoActivity(
        sport=sport, points=tuple(points), pause_s=pause, laps=_laps(points, profile.lap_m, pause)
    )


def demo_file(activity: DemoActivity, file_format: DemoFormat) -> bytes:
    """The same activity in one of the formats that people bring."""
    writers: dict[DemoFormat, Any] = {
        DemoFormat.FIT: activity_as_fit,
        DemoFormat.GPX: activity_as_gpx,
        DemoFormat.TCX: activity_as_tcx,
    }
    content: bytes = writers[file_format](activity)
    return content


def _on_loop(origin: tuple[float, float], distance_m: float, length_m: float) -> tuple[float, float]:
    """Twice around a circle of half the length, so that distance along it is distance travelled."""
    angle = distance_m / length_m * 4 * math.pi
    radius = length_m / (4 * math.pi)
    latitude = origin[0] + radius * math.sin(angle) / _METRES_PER_DEGREE
    shrink = math.cos(math.radians(origin[0]))
    return latitude, origin[1] + radius * math.cos(angle) / (_METRES_PER_DEGREE * shrink)


def _laps(points: list[DemoPoint], lap_m: float, pause: tuple[float, float]) -> tuple[DemoLap, ...]:
    edges = [0]
    for index, point in enumerate(points):
        if point.distance_m - points[edges[-1]].distance_m >= lap_m:
            edges.append(index)
    if edges[-1] != len(points) - 1:
        edges.append(len(points) - 1)
    return tuple(_lap(points[low : high + 1], pause) for low, high in pairwise(edges))


def _lap(points: list[DemoPoint], pause: tuple[float, float]) -> DemoLap:
    elapsed = points[-1].time_s - points[0].time_s
    paused = pause[1] - pause[0] if points[0].time_s <= pause[0] < points[-1].time_s else 0.0
    beats = [point.heart_rate_bpm for point in points]
    return DemoLap(
        points=tuple(points),
        elapsed_s=elapsed,
        timer_s=elapsed - paused,
        distance_m=points[-1].distance_m - points[0].distance_m,
        heart_rate_avg_bpm=round(sum(beats) / len(beats)),
        heart_rate_max_bpm=max(beats),
    )
