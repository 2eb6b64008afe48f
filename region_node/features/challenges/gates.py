"""Gates: speeds and climbs that nobody has reached yet, and workouts whose own analysis doubts them. Pure.

Limits of mean speed by the time in motion lie a little above the best that is published: World Athletics
(400 m 43.03 s, 1,500 m 3:26.00, 10,000 m 26:11.00, half marathon 56:42, marathon 2:00:35, 100 km 6:05:35,
24 h 319.614 km; walking 20 km 1:16:36, 50 km 3:32:33), UCI (hour record 56.792 km; riding in a group and
downhill is faster), World Aquatics (100 m 46.40 s, 1,500 m 14:30.67), World Rowing (2,000 m in the eight
5:18.68), and for climbs the vertical kilometre of Fully in 28:53. The hour record was looked up, the others
are from general knowledge.

A gate accuses nobody: a device may have erred. The owner sees which one closed, and a moderator may excuse
the workout.
"""

from region_node.efforts import IMPLAUSIBLE, MILLI, TIME_IN_DOUBT, Effort, Quantity
from region_node.features.challenges.model import Gates
from region_node.features.challenges.wording import Exclusion

Limits = tuple[tuple[int, float], ...]

_FOOT: Limits = ((0, 10.5), (60, 8.7), (600, 7.0), (1_800, 6.4), (7_000, 5.9), (21_600, 4.7), (80_000, 3.8))
_WALK: Limits = ((0, 5.0), (3_600, 4.5), (12_000, 4.0))
FASTEST_MPS: dict[str, Limits] = {
    "running": _FOOT,
    "hiking": _FOOT,
    "mountaineering": _FOOT,
    "walking": _WALK,
    "snowshoeing": _FOOT,
    "cycling": ((0, 25.0), (3_600, 18.0), (21_600, 14.0), (80_000, 12.0)),
    "swimming": ((0, 2.45), (60, 2.1), (600, 1.8), (3_600, 1.7)),
    "rowing": ((0, 7.0), (1_800, 6.0)),
}
"""From so many seconds in motion on, so many metres a second in the mean; other sports have no limit here."""

FASTEST_CLIMB_MPS = 0.6
INDOOR = frozenset(
    {
        "elliptical",
        "indoor_cycling",
        "indoor_rowing",
        "indoor_running",
        "indoor_skiing",
        "indoor_walking",
        "spin",
        "stair_climbing",
        "treadmill",
        "virtual_activity",
    }
)
SHORTEST_CLIMB_S = 60.0
"""Below it the noise of a barometer is faster than any climber."""


def closed_gates(gates: Gates, effort: Effort) -> list[Exclusion]:
    """All that close, in a fixed order."""
    closed = {
        Exclusion.BY_HAND: not effort.recorded and not gates.by_hand,
        Exclusion.INDOOR: effort.sub_sport in INDOOR and not gates.indoor,
        Exclusion.TOO_FAST: _too_fast(effort),
        Exclusion.IMPLAUSIBLE: bool(effort.warnings & IMPLAUSIBLE),
        Exclusion.TIME_IN_DOUBT: bool(effort.warnings & TIME_IN_DOUBT),
        Exclusion.GAP: gates.longest_gap_s is not None and _gap(effort) > gates.longest_gap_s,
    }
    return [reason for reason, is_closed in closed.items() if is_closed]


def fastest_mps(sport: str, moving_s: float) -> float:
    """The limit for so long in motion; infinite where there is none."""
    limits = [speed for begin, speed in FASTEST_MPS.get(sport, ()) if begin <= moving_s]
    return limits[-1] if limits else float("inf")


def _too_fast(effort: Effort) -> bool:
    moving_s = effort.moving_s or 0.0
    if not moving_s:
        return bool(effort.distance_m and effort.sport in FASTEST_MPS)
    too_far = (effort.distance_m or 0.0) > fastest_mps(effort.sport, moving_s) * moving_s
    climbed_s = max(moving_s, SHORTEST_CLIMB_S)
    climbed_m = (effort.amount(Quantity.CLIMB) or 0) / MILLI
    too_high = climbed_m > FASTEST_CLIMB_MPS * climbed_s
    return too_far or too_high


def _gap(effort: Effort) -> float:
    return float("inf") if effort.longest_gap_s is None else effort.longest_gap_s
