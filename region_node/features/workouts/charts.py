"""Charts and lines: a workout's samples thinned to what a screen can show, made once at import."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

CHART_POINTS = 1_000
TRACK_POINTS = 5_000
CHART_CHANNELS = (
    "distance_m",
    "altitude_m",
    "heart_rate_bpm",
    "power_w",
    "cadence_rpm",
    "speed_mps",
    "temperature_c",
)
_DECIMALS = {"distance_m": 1, "altitude_m": 1, "speed_mps": 3}


def chart_of(columns: dict[str, FloatArray]) -> dict[str, list[float | None]]:
    """At most CHART_POINTS values a channel, each the mean of an equal number of samples.

    `offset_s` counts from the first sample with a time; channels without a value are left out, as are those
    that are not in *columns*. The times have to be.
    """
    rows = len(columns["time_s"])
    if rows == 0:
        return {}
    edges = np.unique(np.linspace(0, rows, min(rows, CHART_POINTS) + 1).astype(np.int64))[:-1]
    time_s = columns["time_s"]
    chart: dict[str, list[float | None]] = {}
    if np.isfinite(time_s).any():
        chart["offset_s"] = _numbers((time_s - np.nanmin(time_s))[edges], 1)
    for name in CHART_CHANNELS:
        column = columns.get(name)
        if column is not None and np.isfinite(column).any():
            chart[name] = _numbers(_means(column, edges), _DECIMALS.get(name, 0))
    return chart


def track_of(columns: dict[str, FloatArray], segment: NDArray[np.int32]) -> dict[str, Any] | None:
    """A GeoJSON geometry (RFC 7946: longitude, latitude, altitude) or None where there is no position.

    A line for each unbroken segment of at least two positions, thinned to about TRACK_POINTS in all.
    """
    latitude, longitude, altitude = columns["latitude_deg"], columns["longitude_deg"], columns["altitude_m"]
    placed = np.flatnonzero(np.isfinite(latitude) & np.isfinite(longitude))
    step = max(1, -(-len(placed) // TRACK_POINTS))
    lines = []
    for number in np.unique(segment[placed]):
        own = placed[segment[placed] == number]
        kept = np.unique(np.append(own[::step], own[-1:]))
        line = [_position(longitude[i], latitude[i], altitude[i]) for i in kept]
        if len(line) > 1:
            lines.append(line)
    return {"type": "MultiLineString", "coordinates": lines} if lines else None


def _position(longitude: float, latitude: float, altitude: float) -> list[float]:
    place = [round(float(longitude), 6), round(float(latitude), 6)]
    return [*place, round(float(altitude), 1)] if np.isfinite(altitude) else place


def _means(column: FloatArray, edges: NDArray[np.int64]) -> FloatArray:
    present = np.isfinite(column)
    sums = np.add.reduceat(np.where(present, column, 0.0), edges)
    counts = np.add.reduceat(present.astype(np.float64), edges)
    return cast("FloatArray", np.divide(sums, counts, out=np.full(len(edges), np.nan), where=counts > 0))


def _numbers(values: FloatArray, decimals: int) -> list[float | None]:
    rounded = np.round(values, decimals)
    return [value if value == value else None for value in rounded.tolist()]  # noqa: PLR0124 - NaN alone differs
