"""An invented activity as a FIT file, as a watch would write it."""

from cli.demo_model import DemoActivity, DemoLap, DemoPoint, DemoSport
from cli.fit_writer import (
    ENUM,
    FIT_EPOCH_S,
    SINT32,
    STRING,
    UINT8,
    UINT16,
    UINT32,
    FitField,
    FitMessage,
    fit_file,
)

_FILE_ID, _SESSION, _LAP, _RECORD, _EVENT, _ACTIVITY = 0, 18, 19, 20, 21, 34
_TIME = 253
_SPORTS = {DemoSport.RUN: (1, 0), DemoSport.RIDE: (2, 0), DemoSport.SWIM: (5, 18)}
"""Sport and sub-sport numbers of the FIT profile."""
_DEVELOPMENT = 255


def fit_time(time_s: float) -> int:
    return round(time_s) - FIT_EPOCH_S


def semicircles(degrees: float) -> int:
    return round(degrees * 2**31 / 180)


def activity_as_fit(activity: DemoActivity) -> bytes:
    first, last = activity.points[0], activity.points[-1]
    messages = [
        FitMessage(
            _FILE_ID,
            (
                FitField(0, ENUM, 4),
                FitField(1, UINT16, _DEVELOPMENT),
                FitField(2, UINT16, 1),
                FitField(4, UINT32, fit_time(first.time_s)),
                FitField(8, STRING, "Meridian demo"),
            ),
        ),
        timer_event(first.time_s, starts=True),
    ]
    paused = resumed = False
    for point in activity.points:
        if not paused and point.time_s > activity.pause_s[0]:
            paused = True
            messages.append(timer_event(activity.pause_s[0], starts=False))
        if paused and not resumed and point.time_s >= activity.pause_s[1]:
            resumed = True
            messages.append(timer_event(activity.pause_s[1], starts=True))
        messages.append(record(point))
    messages.append(timer_event(last.time_s, starts=False))
    messages += [_lap(lap) for lap in activity.laps]
    messages += [_session(activity), _end(activity)]
    return fit_file(messages)


def timer_event(time_s: float, *, starts: bool) -> FitMessage:
    return FitMessage(
        _EVENT,
        (
            FitField(_TIME, UINT32, fit_time(time_s)),
            FitField(0, ENUM, 0),
            FitField(1, ENUM, 0 if starts else 4),
        ),
    )


def record(point: DemoPoint) -> FitMessage:
    fields = [
        FitField(_TIME, UINT32, fit_time(point.time_s)),
        FitField(0, SINT32, semicircles(point.latitude_deg)),
        FitField(1, SINT32, semicircles(point.longitude_deg)),
        FitField(2, UINT16, round((point.altitude_m + 500) * 5)),
        FitField(3, UINT8, point.heart_rate_bpm),
        FitField(4, UINT8, point.cadence_rpm),
        FitField(5, UINT32, round(point.distance_m * 100)),
        FitField(6, UINT16, round(point.speed_mps * 1000)),
    ]
    if point.power_w is not None:
        fields.append(FitField(7, UINT16, point.power_w))
    return FitMessage(_RECORD, tuple(fields))


def _lap(lap: DemoLap) -> FitMessage:
    return FitMessage(
        _LAP,
        (
            FitField(_TIME, UINT32, fit_time(lap.points[-1].time_s)),
            FitField(2, UINT32, fit_time(lap.points[0].time_s)),
            FitField(7, UINT32, round(lap.elapsed_s * 1000)),
            FitField(8, UINT32, round(lap.timer_s * 1000)),
            FitField(9, UINT32, round(lap.distance_m * 100)),
            FitField(15, UINT8, lap.heart_rate_avg_bpm),
            FitField(16, UINT8, lap.heart_rate_max_bpm),
        ),
    )


def _session(activity: DemoActivity) -> FitMessage:
    sport, sub_sport = _SPORTS[activity.sport]
    beats = [point.heart_rate_bpm for point in activity.points]
    return FitMessage(
        _SESSION,
        (
            FitField(_TIME, UINT32, fit_time(activity.points[-1].time_s)),
            FitField(2, UINT32, fit_time(activity.points[0].time_s)),
            FitField(5, ENUM, sport),
            FitField(6, ENUM, sub_sport),
            FitField(7, UINT32, round(activity.elapsed_s * 1000)),
            FitField(8, UINT32, round(activity.timer_s * 1000)),
            FitField(9, UINT32, round(activity.distance_m * 100)),
            FitField(11, UINT16, round(activity.timer_s / 6)),
            FitField(16, UINT8, round(sum(beats) / len(beats))),
            FitField(17, UINT8, max(beats)),
        ),
    )


def _end(activity: DemoActivity) -> FitMessage:
    return FitMessage(
        _ACTIVITY,
        (
            FitField(_TIME, UINT32, fit_time(activity.points[-1].time_s)),
            FitField(0, UINT32, round(activity.timer_s * 1000)),
            FitField(1, UINT16, 1),
        ),
    )
