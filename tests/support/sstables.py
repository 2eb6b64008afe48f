"""Reads Cassandra's data files, whose chunks are packed with LZ4, as far as a byte search needs it."""

import struct
from collections.abc import Iterator
from pathlib import Path

DATA_SUFFIX = "-Data.db"
MIN_MATCH = 4
LONG = 15


def compressed_chunks(path: Path) -> Iterator[bytes]:
    """The unpacked chunks of a data file; nothing where it is no data file or is not packed."""
    info = path.with_name(path.name.replace(DATA_SUFFIX, "-CompressionInfo.db"))
    if not path.name.endswith(DATA_SUFFIX) or not info.exists():
        return
    raw = path.read_bytes()
    offsets = chunk_offsets(info.read_bytes())
    for begin, end in zip(offsets, [*offsets[1:], len(raw)], strict=True):
        packed = raw[begin : end - 4]  # a checksum of four bytes ends each chunk
        size = int.from_bytes(packed[:4], "little")
        yield unpack_lz4(packed[4:], size)


def chunk_offsets(info: bytes) -> list[int]:
    """From the file that Cassandra writes beside the data: class name, options, sizes, offsets."""
    name_bytes = struct.unpack_from(">H", info)[0]
    name = info[2 : 2 + name_bytes].decode()
    if name != "LZ4Compressor":
        raise ValueError(f"chunks are packed with {name}")
    place = 2 + name_bytes
    options = struct.unpack_from(">i", info, place)[0]
    place += 4
    for _ in range(2 * options):
        place += 2 + struct.unpack_from(">H", info, place)[0]
    place += 4 + 4 + 8  # chunk length, greatest packed length, length of the data
    count = struct.unpack_from(">i", info, place)[0]
    return list(struct.unpack_from(f">{count}q", info, place + 4))


def unpack_lz4(packed: bytes, size: int) -> bytes:
    """One LZ4 block (the block format of LZ4's own description); *size* is what it unpacks to."""
    out = bytearray()
    at = 0
    while at < len(packed):
        token = packed[at]
        literals, at = _length(packed, at + 1, token >> 4)
        out += packed[at : at + literals]
        at += literals
        if at >= len(packed):
            break
        distance = int.from_bytes(packed[at : at + 2], "little")
        match, at = _length(packed, at + 2, token & 15)
        _repeat(out, distance, match + MIN_MATCH)
    if len(out) != size:
        raise ValueError(f"a chunk unpacked to {len(out)} bytes instead of {size}")
    return bytes(out)


def _length(packed: bytes, at: int, start: int) -> tuple[int, int]:
    if start != LONG:
        return start, at
    length = LONG
    while True:
        more = packed[at]
        at += 1
        length += more
        if more != 255:
            return length, at


def _repeat(out: bytearray, distance: int, length: int) -> None:
    while length > 0:
        begin = len(out) - distance
        piece = out[begin : begin + min(length, distance)]
        out += piece
        length -= len(piece)
