"""FIT files: chained parts to workouts."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from region_node.features.workouts.importing.feed import Feed
from region_node.features.workouts.importing.fit_figures import device_of, figures_of, pauses_of, sport_of
from region_node.features.workouts.importing.fit_heart_rate import strap_beats
from region_node.features.workouts.importing.fit_part import (
    LEAST_HEADER_BYTES,
    FitPart,
    begins_part,
    read_part,
)
from region_node.features.workouts.importing.fit_summaries import Messages, decode_summaries
from region_node.features.workouts.importing.limits import MAX_SAMPLES, MAX_WORKOUTS, Deadline
from region_node.features.workouts.importing.model import RecordedWorkout, SampleColumns
from region_node.features.workouts.importing.notices import NoticeCode
from region_node.features.workouts.importing.refusals import (
    MalformedFile,
    NoSamples,
    NotAnActivity,
    TooLarge,
    TruncatedFile,
)
from region_node.features.workouts.importing.values import cleaned, has_data

DECODER = "meridian-fit 1"
_ACTIVITY_TYPES = frozenset({"activity", "activity_summary"})
_SESSION, _LENGTH = 18, 101


def read_fit(chunks: Iterable[bytes], deadline: Deadline) -> list[RecordedWorkout]:
    """Workouts in file order.

    Raises:
        Refusal: Nothing in the file is usable.
    """
    parts, notices = _parts(chunks, deadline)
    if not any(part.walk.messages for part in parts):
        raise TruncatedFile if NoticeCode.TRUNCATED in notices else MalformedFile
    groups = _grouped(parts)
    workouts = []
    for group in groups:
        own = set(notices) if len(groups) == 1 else {code for part in group for code in part.notices}
        if group is groups[-1]:
            own |= notices & {NoticeCode.TRAILING_DATA, NoticeCode.TIME_LIMIT, NoticeCode.TRUNCATED}
        workout = _workout(group, own)
        if workout is not None:
            workouts.append(workout)
    if not workouts:
        raise _nothing(parts, notices)
    return workouts


def _parts(chunks: Iterable[bytes], deadline: Deadline) -> tuple[list[FitPart], set[NoticeCode]]:
    feed = Feed(chunks)
    parts: list[FitPart] = []
    notices: set[NoticeCode] = set()
    samples_left = MAX_SAMPLES
    while feed.ensure(1):
        feed.ensure(LEAST_HEADER_BYTES)
        if not begins_part(feed.data[feed.position : feed.position + LEAST_HEADER_BYTES]):
            notices.add(NoticeCode.TRAILING_DATA if parts else NoticeCode.CORRUPT_RECORDS)
            break
        if len(parts) == MAX_WORKOUTS:
            raise TooLarge
        part = read_part(feed, deadline, samples_left)
        parts.append(part)
        notices |= part.notices
        samples_left -= part.walk.records
        if NoticeCode.TIME_LIMIT in part.notices:
            break
    return parts, notices


def _grouped(parts: Sequence[FitPart]) -> list[list[FitPart]]:
    """Parts of one workout each: a part without a session belongs to the one before it that has one."""
    groups: list[list[FitPart]] = [[]]
    seen = False
    for part in parts:
        if part.walk.counts.get(_SESSION):
            if seen:
                groups.append([])
            seen = True
        groups[-1].append(part)
    return groups


def _workout(parts: Sequence[FitPart], notices: set[NoticeCode]) -> RecordedWorkout | None:
    messages, library = decode_summaries([one for part in parts for one in part.walk.summaries])
    sessions = tuple(figures_of(one, "session") for one in messages.get("session", []))
    types = [one["type"] for one in messages.get("file_id", []) if "type" in one]
    if types and not sessions and not _ACTIVITY_TYPES.intersection(map(str, types)):
        return None
    columns, impossible = cleaned(joined([part.records.columns() for part in parts]))
    samples = len(columns)
    strap = strap_beats([one for part in parts for one in part.walk.heart_rate_messages])
    stated = any(one.elapsed_s or one.timer_s or one.distance_m for one in sessions)
    if not stated and not has_data(columns) and strap is None:
        return None
    if impossible:
        notices = notices | {NoticeCode.INVALID_POSITION}
    if not sessions:
        notices = notices | {NoticeCode.NO_SESSION}
    if not samples:
        notices = notices | {NoticeCode.NO_SAMPLES}
    sport, sub_sport = sport_of(messages)
    return RecordedWorkout(
        format="fit",
        decoder=f"{DECODER}, {library}",
        sport=sport,
        sub_sport=sub_sport,
        columns=columns,
        samples=samples,
        sessions=sessions,
        laps=tuple(figures_of(one, "lap") for one in messages.get("lap", [])),
        lengths=sum(part.walk.counts.get(_LENGTH, 0) for part in parts),
        legs=max(1, len(sessions)),
        device=device_of(messages),
        pauses_s=pauses_of(messages.get("event", [])),
        strap=strap,
        notices=frozenset(notices),
    )


def joined(pieces: Sequence[SampleColumns]) -> SampleColumns:
    """The samples of several parts, one after the other."""
    if len(pieces) == 1:
        return pieces[0]
    names = SampleColumns.__dataclass_fields__
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(piece, name) for piece in pieces]) for name in names
    }
    return SampleColumns(**columns)


def _nothing(parts: Sequence[FitPart], notices: set[NoticeCode]) -> Exception:
    messages: Messages = decode_summaries([one for part in parts for one in part.walk.summaries])[0]
    types = {str(one["type"]) for one in messages.get("file_id", []) if "type" in one}
    if types and not types & _ACTIVITY_TYPES:
        return NotAnActivity()
    if NoticeCode.TRUNCATED in notices:
        return TruncatedFile()
    return NoSamples()
