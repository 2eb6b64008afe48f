"""Beats of a chest strap from FIT ``hr`` messages.

A message either ties the strap's own clock to a time stamp (``event_timestamp`` beside ``timestamp``) or goes
on from the last beat in twelve bits of 1/1024 s each (``event_timestamp_12``), which roll over every 4 s.
"""

from collections.abc import Sequence

import numpy as np

from region_node.features.workouts.importing.fit_definition import TIMESTAMP_FIELD, Definition
from region_node.features.workouts.importing.fit_records import FIT_EPOCH_S
from region_node.features.workouts.importing.model import FloatArray, Strap

_FRACTION, _BPM, _EVENT_TIME, _EVENT_TIME_12 = 0, 6, 9, 10
_TICKS_PER_S = 1024
_ROLL_OVER = 4096
_INVALID_TICKS = 0xFFFFFFFF
_INVALID_STAMP = 0xFFFFFFFF
_INVALID_BPM = 0xFF


def strap_beats(messages: Sequence[tuple[Definition, bytes]]) -> Strap | None:
    """All beats with a time; None without any. Beats before the first tie to a time stamp are left out."""
    ticks: list[int] = []
    bpm: list[int] = []
    ties: list[tuple[int, float]] = []
    last = None
    for definition, content in messages:
        fields = {
            number: content[offset : offset + size]
            for number, offset, size, _base in definition.fields
            if size
        }
        order = "big" if definition.big_endian else "little"
        event_times = fields.get(_EVENT_TIME, b"")
        wide = [
            int.from_bytes(event_times[at : at + 4], order)  # type: ignore[arg-type]  # one of the two literals
            for at in range(0, len(event_times) - 3, 4)
        ]
        wide = [one for one in wide if one != _INVALID_TICKS]
        if wide:
            last = wide[-1]
            stamp = int.from_bytes(fields.get(TIMESTAMP_FIELD, b"\xff\xff\xff\xff"), order)  # type: ignore[arg-type]  # as above
            if stamp != _INVALID_STAMP:
                fraction = int.from_bytes(fields.get(_FRACTION, b"\0\0"), order) % 0xFFFF  # type: ignore[arg-type]  # as above
                ties.append((wide[0], stamp + FIT_EPOCH_S + fraction / 32768))
            beats = wide
        elif last is not None and _EVENT_TIME_12 in fields:
            beats = _unrolled(fields[_EVENT_TIME_12], last)
            last = beats[-1] if beats else last
        else:
            continue
        values = fields.get(_BPM, b"")
        count = min(len(beats), len(values))
        ticks += beats[:count]
        bpm += values[:count]
    return _tied(ticks, bpm, ties)


def _unrolled(packed: bytes, last: int) -> list[int]:
    beats = []
    for at in range(0, len(packed) - 2, 3):
        low, middle, high = packed[at : at + 3]
        for rolled in (low | (middle & 0x0F) << 8, middle >> 4 | high << 4):
            last += (rolled - last) % _ROLL_OVER
            beats.append(last)
    return beats


def _tied(ticks: list[int], bpm: list[int], ties: list[tuple[int, float]]) -> Strap | None:
    if not ticks or not ties:
        return None
    at: FloatArray = np.array(ticks, dtype=np.float64)
    values: FloatArray = np.array(bpm, dtype=np.float64)
    anchors = np.array(ties)
    nearest = np.clip(np.searchsorted(anchors[:, 0], at, side="right") - 1, 0, None)
    times = anchors[nearest, 1] + (at - anchors[nearest, 0]) / _TICKS_PER_S
    valid = (values > 0) & (values < _INVALID_BPM)
    if not valid.any():
        return None
    order = np.argsort(times[valid], kind="stable")
    return Strap(time_s=times[valid][order], heart_rate_bpm=values[valid][order])
