"""TCX: each activity is a workout; what the device states stands in its laps."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from region_node.features.workouts.importing.limits import MAX_SAMPLES, MAX_SUMMARY_MESSAGES, MAX_WORKOUTS
from region_node.features.workouts.importing.model import Device, Figures, RecordedWorkout
from region_node.features.workouts.importing.notices import NoticeCode
from region_node.features.workouts.importing.points import Points, instant, number
from region_node.features.workouts.importing.refusals import (
    NoSamples,
    NotAnActivity,
    Refusal,
    TooLarge,
    TruncatedFile,
)
from region_node.features.workouts.importing.sports import sport_named
from region_node.features.workouts.importing.values import cleaned, has_data
from region_node.features.workouts.importing.xml_reader import DECODER

_POINT_VALUES = {
    "LatitudeDegrees": "latitude_deg",
    "LongitudeDegrees": "longitude_deg",
    "AltitudeMeters": "altitude_m",
    "DistanceMeters": "distance_m",
    "Cadence": "cadence_rpm",
    "RunCadence": "cadence_rpm",
    "Watts": "power_w",
    "Speed": "speed_mps",
}
_LAP_VALUES = {
    "TotalTimeSeconds": "timer_s",
    "DistanceMeters": "distance_m",
    "Calories": "calories_kcal",
    "MaximumSpeed": "speed_max_mps",
    "Cadence": "cadence_avg_rpm",
    "AvgRunCadence": "cadence_avg_rpm",
    "MaxBikeCadence": "cadence_max_rpm",
    "MaxRunCadence": "cadence_max_rpm",
    "AvgSpeed": "speed_avg_mps",
    "AvgWatts": "power_avg_w",
    "MaxWatts": "power_max_w",
}
_HEART_RATES = {"AverageHeartRateBpm": "heart_rate_avg_bpm", "MaximumHeartRateBpm": "heart_rate_max_bpm"}
_NONE_IF_ZERO = frozenset({"distance_m", *_HEART_RATES.values(), "power_avg_w", "power_max_w"})
_MOST = 42_949_672.94


@dataclass(slots=True)
class _Activity:
    sport: tuple[str, str]
    started: float = float("nan")
    laps: list[dict[str, float]] = field(default_factory=list)
    points: Points = field(default_factory=Points)
    product: str | None = None
    version: list[str] = field(default_factory=list)


class TcxHandler:
    """Gathers activities while the file is read; ``workouts`` is asked for once, at the end."""

    def __init__(self) -> None:
        self._activities: list[_Activity] = []
        self._activity: _Activity | None = None
        self._lap: dict[str, float] | None = None
        self._point: dict[str, float] | None = None
        self._position_given = False
        self._heart_rate: str | None = None
        self._in_creator = False
        self._samples = 0
        self._laps = 0
        self._plans = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "Trackpoint":
            self._point = {}
            self._position_given = False
        elif self._point is not None:
            if name == "Position":
                self._position_given = True
        elif name == "Lap" and self._activity is not None:
            self._start_lap(attributes)
        elif name == "Activity":
            if len(self._activities) >= MAX_WORKOUTS:
                raise TooLarge
            self._activity = _Activity(sport=sport_named(attributes.get("Sport")))
            self._activities.append(self._activity)
        elif name in _HEART_RATES:
            self._heart_rate = _HEART_RATES[name]
        elif name == "Creator":
            self._in_creator = True
        elif name in {"Course", "Workout"}:
            self._plans += 1

    def _start_lap(self, attributes: dict[str, str]) -> None:
        self._laps += 1
        if self._laps > MAX_SUMMARY_MESSAGES:
            raise TooLarge
        self._lap = {"start_at_s": instant(attributes.get("StartTime"))}
        if self._activity is not None:
            self._activity.laps.append(self._lap)

    def end(self, name: str, text: str) -> None:
        if self._point is not None:
            self._end_in_point(self._point, name, text)
        elif self._lap is not None:
            self._end_in_lap(self._lap, name, text)
        elif self._activity is not None:
            self._end_in_activity(self._activity, name, text)

    def _end_in_point(self, point: dict[str, float], name: str, text: str) -> None:
        column = _POINT_VALUES.get(name)
        if column is not None:
            point[column] = number(text)
        elif name == "Time":
            point["time_s"] = instant(text)
        elif name == "Value":
            point["heart_rate_bpm"] = number(text)
        elif name == "Trackpoint":
            self._samples += 1
            if self._samples > MAX_SAMPLES:
                raise TooLarge
            if self._activity is not None:
                self._activity.points.add(point, segment=0, position_given=self._position_given)
            self._point = None

    def _end_in_lap(self, lap: dict[str, float], name: str, text: str) -> None:
        if name == "Lap":
            self._lap = None
        elif name == "Value" and self._heart_rate is not None:
            lap[self._heart_rate] = number(text)
        elif name in _HEART_RATES:
            self._heart_rate = None
        elif name in _LAP_VALUES:
            lap[_LAP_VALUES[name]] = number(text)

    def _end_in_activity(self, activity: _Activity, name: str, text: str) -> None:
        if name == "Activity":
            self._activity = None
        elif name == "Id":
            activity.started = instant(text)
        elif name == "Creator":
            self._in_creator = False
        elif self._in_creator and name == "Name":
            activity.product = text.strip()[:80] or None
        elif self._in_creator and name in {"VersionMajor", "VersionMinor"}:
            activity.version.append(text.strip()[:10])

    def workouts(self, notices: frozenset[NoticeCode]) -> list[RecordedWorkout]:
        workouts = [one for activity in self._activities if (one := _workout(activity, notices)) is not None]
        if not workouts:
            raise self._nothing(notices)
        return workouts

    def _nothing(self, notices: frozenset[NoticeCode]) -> Refusal:
        if not self._activities and self._plans:
            return NotAnActivity()
        return TruncatedFile() if NoticeCode.TRUNCATED in notices else NoSamples()


def _workout(activity: _Activity, notices: frozenset[NoticeCode]) -> RecordedWorkout | None:
    columns, impossible = cleaned(activity.points.columns(), activity.points.position_given())
    laps = tuple(_lap(one) for one in activity.laps)
    session = _session(activity.started, laps)
    stated = session.timer_s or session.distance_m
    if not stated and not has_data(columns):
        return None
    own = set(notices)
    if impossible:
        own.add(NoticeCode.INVALID_POSITION)
    if not activity.points.count:
        own.add(NoticeCode.NO_SAMPLES)
    sport, sub_sport = activity.sport
    return RecordedWorkout(
        format="tcx",
        decoder=DECODER,
        sport=sport,
        sub_sport=sub_sport,
        columns=columns,
        samples=activity.points.count,
        sessions=(session,),
        laps=laps,
        device=Device(product=activity.product, software=".".join(activity.version) or None),
        notices=frozenset(own),
    )


def _lap(values: dict[str, float]) -> Figures:
    known = {
        name: value
        for name, value in values.items()
        if (name == "start_at_s" and value == value)  # noqa: PLR0124 - not NaN
        or (0 <= value <= _MOST and (value or name not in _NONE_IF_ZERO))
    }
    return Figures(**known)


def _session(started: float, laps: Sequence[Figures]) -> Figures:
    """The laps together: sums, maxima, and averages weighted by the laps' times."""
    return Figures(
        start_at_s=started if started == started else None,  # noqa: PLR0124 - not NaN
        timer_s=_summed(laps, lambda lap: lap.timer_s) or None,
        distance_m=_summed(laps, lambda lap: lap.distance_m) or None,
        calories_kcal=_summed(laps, lambda lap: lap.calories_kcal),
        heart_rate_avg_bpm=_weighted(laps, lambda lap: lap.heart_rate_avg_bpm),
        heart_rate_max_bpm=_largest(laps, lambda lap: lap.heart_rate_max_bpm),
        power_avg_w=_weighted(laps, lambda lap: lap.power_avg_w),
        power_max_w=_largest(laps, lambda lap: lap.power_max_w),
        cadence_avg_rpm=_weighted(laps, lambda lap: lap.cadence_avg_rpm),
        cadence_max_rpm=_largest(laps, lambda lap: lap.cadence_max_rpm),
        speed_max_mps=_largest(laps, lambda lap: lap.speed_max_mps),
    )


_Pick = Callable[[Figures], float | None]


def _summed(laps: Sequence[Figures], pick: _Pick) -> float | None:
    values = [value for lap in laps if (value := pick(lap)) is not None]
    return sum(values) if values else None


def _largest(laps: Sequence[Figures], pick: _Pick) -> float | None:
    return max((value for lap in laps if (value := pick(lap))), default=None)


def _weighted(laps: Sequence[Figures], pick: _Pick) -> float | None:
    pairs = [(value, lap.timer_s or 0.0) for lap in laps if (value := pick(lap))]
    weight = sum(seconds for _, seconds in pairs)
    if not weight:
        return pairs[0][0] if len(pairs) == 1 else None
    return sum(value * seconds for value, seconds in pairs) / weight
