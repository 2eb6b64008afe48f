"""When a workout was, and whether its clock can be believed (formula version 1; contract, rules 2, 9)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from region_node.features.workouts.analysis.timeline import (
    MAX_SPAN_S,
    Timeline,
    fitting_part,
    timeline,
    too_few_times,
    without_times,
)
from region_node.features.workouts.importing.model import Figures, RecordedWorkout, SampleColumns
from region_node.features.workouts.importing.notices import NoticeCode

CLOCK_SET_AFTER_S = 631_065_600 + 0x10000000
"""1998-07-04T20:37:36Z: below it, a FIT time counts from when the device was switched on."""
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocked:
    """Samples whose times can be worked with, and what the device says that fits them."""

    columns: SampleColumns
    """In file order, what was cut off left out."""
    line: Timeline
    sessions: tuple[Figures, ...]
    start_s: float | None
    """Earliest of device and samples, even of a clock that was never set."""
    notices: frozenset[NoticeCode]

    def started_at(self) -> str | None:
        if self.start_s is None or NoticeCode.CLOCK_NOT_SET in self.notices:
            return None
        try:
            moment = datetime.fromtimestamp(self.start_s, UTC)
        except (ValueError, OverflowError, OSError):
            return None
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def clocked(workout: RecordedWorkout, now: datetime) -> Clocked:
    notices: set[NoticeCode] = set()
    columns, sessions = workout.columns, workout.sessions
    if too_few_times(columns):
        notices.add(NoticeCode.NO_TIME)
        columns = without_times(columns)
    kept = fitting_part(columns)
    if kept is not None:
        notices.add(NoticeCode.TIME_JUMP)
        columns = columns.mapped(lambda column: column[kept])
    line = timeline(columns)
    if line.backwards:
        notices.add(NoticeCode.TIME_NOT_MONOTONIC)
    sessions, set_aside = _fitting_sessions(sessions, line, cut=kept is not None)
    if set_aside:
        notices.add(NoticeCode.TIME_JUMP)
    starts = [one.start_at_s for one in sessions if one.start_at_s is not None]
    if line.first_s is not None:
        starts.append(line.first_s)
    start = min(starts, default=None)
    latest = max([*starts, *([line.last_s] if line.last_s is not None else [])], default=None)
    if start is not None and start < CLOCK_SET_AFTER_S:
        notices.add(NoticeCode.CLOCK_NOT_SET)
    if latest is not None and latest > now.timestamp() + DAY_S:
        notices.add(NoticeCode.TIME_IN_FUTURE)
    return Clocked(columns=columns, line=line, sessions=sessions, start_s=start, notices=frozenset(notices))


def _fitting_sessions(
    sessions: Sequence[Figures], line: Timeline, *, cut: bool
) -> tuple[tuple[Figures, ...], bool]:
    """Set aside a start that is days away from the samples, and after a cut a time longer than allowed."""
    fitting = []
    set_aside = False
    for session in sessions:
        new = session
        start = session.start_at_s
        if start is not None and _days_away(start, line):
            new = replace(new, start_at_s=None)
            set_aside = True
        if cut and session.elapsed_s is not None and not _elapsed_fits(session.elapsed_s, line):
            new = replace(new, elapsed_s=None)
        fitting.append(new)
    return tuple(fitting), set_aside


def _days_away(start_s: float, line: Timeline) -> bool:
    first, last = line.first_s, line.last_s
    return first is not None and last is not None and max(last, start_s) - min(first, start_s) > MAX_SPAN_S


def _elapsed_fits(elapsed_s: float, line: Timeline) -> bool:
    return elapsed_s <= MAX_SPAN_S and elapsed_s >= (line.span_s or 0.0)
