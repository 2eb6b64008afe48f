"""Samples as compressed columns: blocks of up to BLOCK_ROWS rows, each channel as scaled integers.

A channel is rounded to the resolution that its sensors have, stored as differences between
neighbours, its bytes grouped by significance, and the block compressed with Zstandard. Channels
without a value are left out. Lossless at the stated resolution; `missing` values stay missing.
"""

from collections.abc import Iterator, Mapping
from typing import cast

import msgspec
import numpy as np
import zstandard
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

BLOCK_ROWS = 16_384
FORMAT_VERSION = 1
RESOLUTION: dict[str, float] = {
    "time_s": 0.001,
    "latitude_deg": 1e-7,
    "longitude_deg": 1e-7,
    "altitude_m": 0.1,
    "heart_rate_bpm": 1.0,
    "power_w": 1.0,
    "cadence_rpm": 0.5,
    "speed_mps": 0.001,
    "distance_m": 0.01,
    "temperature_c": 0.1,
}
_MISSING = np.iinfo(np.int64).min
_COMPRESSION_LEVEL = 3


HEALTH_CHANNELS = ("heart_rate_bpm",)
"""They lie in blocks of their own, row for row beside those of the other channels."""


class Block(msgspec.Struct, frozen=True):
    """`first` has the value that each channel's differences start from, in units of its resolution."""

    version: int
    rows: int
    width: dict[str, int]
    first: dict[str, int]
    channels: dict[str, bytes]


def encode_blocks(columns: Mapping[str, FloatArray]) -> Iterator[bytes]:
    """Encode parallel columns, block by block, in order."""
    rows = len(next(iter(columns.values()))) if columns else 0
    for begin in range(0, rows, BLOCK_ROWS):
        part = {name: column[begin : begin + BLOCK_ROWS] for name, column in columns.items()}
        yield _encode(part)


def decode_block(body: bytes) -> dict[str, FloatArray]:
    """The columns of one block; NaN stands for a missing value."""
    block = _block(body)
    return {name: _channel(block, name) for name in block.channels}


def has_values(body: bytes) -> bool:
    return bool(_block(body).channels)


def _block(body: bytes) -> Block:
    return msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(body), type=Block)


def _encode(columns: Mapping[str, FloatArray]) -> bytes:
    width: dict[str, int] = {}
    first: dict[str, int] = {}
    channels: dict[str, bytes] = {}
    rows = 0
    for name, column in columns.items():
        rows = len(column)
        present = np.isfinite(column)
        if not present.any():
            continue
        units = np.full(rows, _MISSING, dtype=np.int64)
        units[present] = np.rint(column[present] / RESOLUTION[name]).astype(np.int64)
        first[name], width[name], channels[name] = _pack(units, present)
    packed = msgspec.msgpack.encode(Block(FORMAT_VERSION, rows, width, first, channels))
    return zstandard.ZstdCompressor(level=_COMPRESSION_LEVEL).compress(packed)


def _pack(units: NDArray[np.int64], present: NDArray[np.bool_]) -> tuple[int, int, bytes]:
    """Missing rows repeat their neighbour's value and are told apart by a bit mask that goes in front."""
    last_seen = np.maximum.accumulate(np.where(present, np.arange(len(units)), 0))
    filled = np.where(present, units, units[last_seen])
    start = int(units[present][0])
    filled[: int(np.argmax(present))] = start
    steps = np.diff(filled, prepend=start)
    size = 2 if np.abs(steps).max(initial=0) < 2**15 else 4 if np.abs(steps).max() < 2**31 else 8
    little = np.ascontiguousarray(steps.astype(f"<i{size}"))
    planes = little.view(np.uint8).reshape(len(units), size).T.tobytes()
    return start, size, np.packbits(present).tobytes() + planes


def _channel(block: Block, name: str) -> FloatArray:
    body, size = block.channels[name], block.width[name]
    mask_bytes = -(-block.rows // 8)
    present = np.unpackbits(np.frombuffer(body[:mask_bytes], np.uint8), count=block.rows).astype(bool)
    planes = np.frombuffer(body[mask_bytes:], np.uint8).reshape(size, block.rows)
    steps = np.ascontiguousarray(planes.T).view(f"<i{size}").ravel().astype(np.int64)
    values = (np.cumsum(steps) + block.first[name]) * RESOLUTION[name]
    return cast("FloatArray", np.where(present, values, np.nan))
