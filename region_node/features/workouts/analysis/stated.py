"""The device's own figures of a whole workout: one session's, or several together (formula version 1).

Source: the import contract, rule 1: of a multisport workout sums, and the largest of the maxima.
"""

from collections.abc import Sequence
from dataclasses import fields

from region_node.features.workouts.importing.model import Figures

_SUMS = ("elapsed_s", "timer_s", "moving_s", "distance_m", "ascent_m", "descent_m", "calories_kcal")
_MAXIMA = ("heart_rate_max_bpm", "power_max_w", "cadence_max_rpm", "speed_max_mps")
_STARTS = "start_at_s"


def stated_figures(sessions: Sequence[Figures]) -> Figures:
    """Averages only of a single session: those of several would need their times in zones."""
    if len(sessions) == 1:
        return sessions[0]
    return Figures(**{one.name: _joined(one.name, sessions) for one in fields(Figures)})


def _joined(name: str, sessions: Sequence[Figures]) -> float | None:
    values = [value for session in sessions if (value := getattr(session, name)) is not None]
    if not values:
        return None
    if name in _SUMS:
        return float(sum(values))
    if name in _MAXIMA:
        return float(max(values))
    return float(min(values)) if name == _STARTS else None
