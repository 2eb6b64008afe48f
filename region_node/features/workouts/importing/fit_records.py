"""Values of FIT record messages as columns, by the field table of the FIT profile."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from region_node.features.workouts.importing.fit_definition import Definition
from region_node.features.workouts.importing.model import COLUMNS, FloatArray, SampleColumns

FIT_EPOCH_S = 631_065_600
"""1989-12-31T00:00:00Z as seconds since 1970."""

_SEMICIRCLE_DEG = 180 / 2**31

BASE_TYPES: dict[int, tuple[str, int | None]] = {
    0x00: ("u1", 0xFF),
    0x01: ("i1", 0x7F),
    0x02: ("u1", 0xFF),
    0x83: ("i2", 0x7FFF),
    0x84: ("u2", 0xFFFF),
    0x85: ("i4", 0x7FFFFFFF),
    0x86: ("u4", 0xFFFFFFFF),
    0x88: ("f4", None),
    0x89: ("f8", None),
    0x0A: ("u1", 0),
    0x8B: ("u2", 0),
    0x8C: ("u4", 0),
    0x0D: ("u1", 0xFF),
    0x8E: ("i8", 0x7FFFFFFFFFFFFFFF),
    0x8F: ("u8", 0xFFFFFFFFFFFFFFFF),
    0x90: ("u8", 0),
}
"""NumPy type and the value that means "none", by base type."""


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    scale: float
    offset: float
    low: int
    high: int
    """Range of raw values that the profile's own type of the field can hold."""


_U1, _U2, _U4, _I4 = (0, 0xFE), (0, 0xFFFE), (0, 0xFFFFFFFE), (-0x80000000, 0x7FFFFFFE)
_FIELDS = {
    253: _Field("time_s", 1, -FIT_EPOCH_S, *_U4),
    0: _Field("latitude_deg", 1 / _SEMICIRCLE_DEG, 0, *_I4),
    1: _Field("longitude_deg", 1 / _SEMICIRCLE_DEG, 0, *_I4),
    2: _Field("altitude_m", 5, 500, *_U2),
    3: _Field("heart_rate_bpm", 1, 0, *_U1),
    4: _Field("cadence_rpm", 1, 0, *_U1),
    5: _Field("distance_m", 100, 0, *_U4),
    6: _Field("speed_mps", 1000, 0, *_U2),
    7: _Field("power_w", 1, 0, *_U2),
    13: _Field("temperature_c", 1, 0, -0x80, 0x7E),
    53: _Field("fractional_cadence_rpm", 128, 0, *_U1),
    73: _Field("enhanced_speed_mps", 1000, 0, *_U4),
    78: _Field("enhanced_altitude_m", 5, 500, *_U4),
}
_COMPRESSED_SPEED_DISTANCE = 8
_COMPRESSED_BYTES = 3


def raw_values(rows: NDArray[np.uint8], size: int, base: int, *, big_endian: bool) -> FloatArray | None:
    """The first value of a field in each row, NaN where it is none; None where the type is unknown."""
    known = BASE_TYPES.get(base)
    if known is None:
        return None
    dtype = np.dtype(known[0])
    if size < dtype.itemsize:
        return None
    view = np.ascontiguousarray(rows[:, : dtype.itemsize]).view(
        dtype.newbyteorder(">" if big_endian else "<")
    )
    column = view[:, 0]
    values = column.astype(np.float64)
    if known[1] is not None:
        values[column == known[1]] = np.nan
    return values


class RecordTable:
    """Collects the columns of records, block by block, and puts them in file order."""

    def __init__(self) -> None:
        self._pieces: list[tuple[NDArray[np.int64], dict[str, FloatArray]]] = []

    def add(self, data: bytes, definition: Definition) -> None:
        """Decode the messages of *definition* in the block *data*."""
        count = len(definition.offsets)
        if not count:
            return
        flat = np.frombuffer(data, dtype=np.uint8)
        offsets = np.frombuffer(definition.offsets, dtype=np.int64)
        rows = flat[offsets[:, None] + np.arange(definition.native_size)]
        columns = _decode(rows, definition)
        if definition.compressed_times:
            times = np.full(count, np.nan)
            times[: len(definition.compressed_times)] = definition.compressed_times
            times += FIT_EPOCH_S
            stated = columns.get("time_s")
            columns["time_s"] = times if stated is None else np.where(np.isnan(times), stated, times)
        self._pieces.append((np.array(definition.sequence, dtype=np.int64), columns))

    def columns(self) -> SampleColumns:
        """All records in file order; enhanced fields stand in for the plain ones."""
        count = sum(len(sequence) for sequence, _ in self._pieces)
        order = np.argsort(
            np.concatenate([np.empty(0, np.int64), *(s for s, _ in self._pieces)]), kind="stable"
        )
        columns = {name: self._column(name, count)[order] for name in COLUMNS}
        for plain in ("speed_mps", "altitude_m"):
            enhanced = self._column(f"enhanced_{plain}", count)[order]
            columns[plain] = np.where(np.isnan(enhanced), columns[plain], enhanced)
        fraction = self._column("fractional_cadence_rpm", count)[order]
        columns["cadence_rpm"] += np.where(np.isnan(fraction), 0, fraction)
        rolling = self._column("rolling_distance", count)[order]
        counted = ~np.isnan(rolling)
        if counted.any():
            steps = np.mod(np.diff(rolling[counted], prepend=0.0), 4096)
            rolling[counted] = np.cumsum(steps) / 16
            columns["distance_m"] = np.where(np.isnan(columns["distance_m"]), rolling, columns["distance_m"])
        return SampleColumns(**columns, segment=np.zeros(count, np.int32))

    def _column(self, name: str, count: int) -> FloatArray:
        column = np.full(count, np.nan)
        at = 0
        for sequence, piece in self._pieces:
            if name in piece:
                column[at : at + len(sequence)] = piece[name]
            at += len(sequence)
        return column


def _decode(rows: NDArray[np.uint8], definition: Definition) -> dict[str, FloatArray]:
    columns: dict[str, FloatArray] = {}
    for number, offset, size, base in definition.fields:
        part = rows[:, offset : offset + size]
        if number == _COMPRESSED_SPEED_DISTANCE and size == _COMPRESSED_BYTES:
            _decode_compressed(part, columns)
        field = _FIELDS.get(number)
        if field is None:
            continue
        raw = raw_values(part, size, base, big_endian=definition.big_endian)
        if raw is None:
            continue
        with np.errstate(invalid="ignore"):
            raw[~((raw >= field.low) & (raw <= field.high))] = np.nan
        columns[field.name] = raw / field.scale - field.offset
    return columns


def _decode_compressed(part: NDArray[np.uint8], columns: dict[str, FloatArray]) -> None:
    """Twelve bits of speed (1/100 m/s) and twelve of distance (1/16 m) that roll over."""
    low, middle, high = (part[:, at].astype(np.int64) for at in range(_COMPRESSED_BYTES))
    valid = (low != 0xFF) | (middle != 0xFF) | (high != 0xFF)  # noqa: PLR2004 - all ones mean none
    if not valid.any():
        return
    speed = (low | (middle & 0x0F) << 8) / 100
    columns.setdefault("speed_mps", np.where(valid, speed, np.nan))
    columns["rolling_distance"] = np.where(valid, (middle >> 4) | (high << 4), np.nan)
