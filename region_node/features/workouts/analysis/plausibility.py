"""Figures that hardly any body or machine reaches; they are kept, and doubted (formula version 1)."""

import numpy as np

from region_node.features.workouts.importing.model import Figures, SampleColumns

FASTEST_MPS = {
    "running": 15.0,
    "walking": 8.0,
    "hiking": 8.0,
    "swimming": 5.0,
    "cycling": 40.0,
    "rowing": 10.0,
}
FASTEST_OTHER_MPS = 100.0

HEART_RATE = "heart_rate_bpm"
_PLAUSIBLE = {
    "altitude_m": (-450.0, 9_000.0),
    "heart_rate_bpm": (0.0, 230.0),
    "power_w": (0.0, 2_600.0),
    "cadence_rpm": (0.0, 250.0),
    "temperature_c": (-60.0, 70.0),
}
_LONGEST_S = 8 * 86_400.0


def implausible_speed(sport: str, *speeds_mps: float | None) -> bool:
    fastest = FASTEST_MPS.get(sport, FASTEST_OTHER_MPS)
    return any(speed is not None and speed > fastest for speed in speeds_mps)


def implausible_samples(columns: SampleColumns) -> bool:
    """Whether any channel is, but that of the heart rate."""
    return any(_beyond(columns, name) for name in _PLAUSIBLE if name != HEART_RATE)


def implausible_heart_rate(columns: SampleColumns, figures: Figures) -> bool:
    most = _PLAUSIBLE[HEART_RATE][1]
    stated = (figures.heart_rate_max_bpm, figures.heart_rate_avg_bpm)
    return _beyond(columns, HEART_RATE) or any(value is not None and value > most for value in stated)


def _beyond(columns: SampleColumns, name: str) -> bool:
    low, high = _PLAUSIBLE[name]
    column = getattr(columns, name)
    with np.errstate(invalid="ignore"):
        return bool(((column < low) | (column > high)).any())


def implausible_figures(figures: Figures) -> bool:
    """Whether any is, but those of the heart rate."""
    limits = (
        (figures.power_max_w, 2_600.0),
        (figures.elapsed_s, _LONGEST_S),
        (figures.timer_s, _LONGEST_S),
        (figures.ascent_m, 30_000.0),
    )
    return any(value is not None and value > most for value, most in limits)
