"""Distance along positions (formula version 1).

Source: the haversine formula (R. W. Sinnott, Sky and Telescope, 1984) on a sphere of the mean radius of the
earth. Checked against: a degree of longitude on the equator is 111,194.927 m.
"""

import numpy as np

from region_node.features.workouts.importing.model import FloatArray, SampleColumns

EARTH_RADIUS_M = 6_371_000.0


def great_circle_steps(latitude_deg: FloatArray, longitude_deg: FloatArray) -> FloatArray:
    """Metres from each position to the next one."""
    latitude, longitude = np.radians(latitude_deg), np.radians(longitude_deg)
    half = np.sin(np.diff(latitude) / 2) ** 2
    cosine = np.cos(latitude)
    half += cosine[:-1] * cosine[1:] * np.sin(np.diff(longitude) / 2) ** 2
    metres: FloatArray = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return metres


def track_length(columns: SampleColumns) -> float | None:
    """Sum over the valid positions in file order, never across segments; a sum of 0 is none."""
    valid = ~np.isnan(columns.latitude_deg)
    steps = great_circle_steps(columns.latitude_deg[valid], columns.longitude_deg[valid])
    segments = columns.segment[valid]
    return float(steps[segments[1:] == segments[:-1]].sum()) or None


def last_cumulative(columns: SampleColumns) -> float | None:
    """The sensor's last word; 0 is none."""
    given = columns.distance_m[~np.isnan(columns.distance_m)]
    return (float(given[-1]) or None) if len(given) else None


def computed_distance(columns: SampleColumns) -> float | None:
    return track_length(columns) or last_cumulative(columns)
