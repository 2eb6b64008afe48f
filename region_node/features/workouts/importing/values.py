"""What counts as a value: positions on earth, numbers that their FIT field could hold."""

import numpy as np

from region_node.features.workouts.importing.model import COLUMNS, FloatArray, SampleColumns

RANGES = {
    "altitude_m": (-500.0, 858_993_458.0),
    "heart_rate_bpm": (0.0, 254.0),
    "power_w": (0.0, 65_534.0),
    "cadence_rpm": (0.0, 255.0),
    "speed_mps": (0.0, 4_294_967.0),
    "distance_m": (0.0, 42_949_672.94),
    "temperature_c": (-128.0, 126.0),
}
"""Least and largest value of the FIT profile's widest field for a column (fractions included)."""

VALUE_COLUMNS = tuple(name for name in COLUMNS if name not in {"time_s", "latitude_deg", "longitude_deg"})
MAX_LATITUDE_DEG = 90.0
MAX_LONGITUDE_DEG = 180.0


def cleaned(columns: SampleColumns, position_given: FloatArray | None = None) -> tuple[SampleColumns, bool]:
    """Blank out what is no value; also say whether a position was given that does not exist.

    *position_given* is above zero where a position was written, even one that is no number.
    """
    new = {name: getattr(columns, name) for name in COLUMNS}
    latitude, longitude = new["latitude_deg"], new["longitude_deg"]
    real = (np.abs(latitude) <= MAX_LATITUDE_DEG) & (np.abs(longitude) <= MAX_LONGITUDE_DEG)
    real &= (latitude != 0) | (longitude != 0)
    given = ~np.isnan(latitude) | ~np.isnan(longitude)
    if position_given is not None:
        given |= position_given > 0
    if not real.all():
        new["latitude_deg"] = np.where(real, latitude, np.nan)
        new["longitude_deg"] = np.where(real, longitude, np.nan)
    for name, (low, high) in RANGES.items():
        column = new[name]
        with np.errstate(invalid="ignore"):
            held = (column >= low) & (column <= high)
        if not held.all():
            new[name] = np.where(held, column, np.nan)
    new["time_s"] = np.where(np.isfinite(new["time_s"]), new["time_s"], np.nan)
    return SampleColumns(**new, segment=columns.segment), bool((given & ~real).any())


def has_data(columns: SampleColumns) -> bool:
    """Whether any sample has a position or a value; a time alone is neither."""
    if not np.isnan(columns.latitude_deg).all():
        return True
    return any(not np.isnan(getattr(columns, name)).all() for name in VALUE_COLUMNS)
