"""Unpacks Cassandra's data files (SSTables), chunk by chunk, as their CompressionInfo beside them says."""

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import lz4.block  # type: ignore[import-untyped] # ships no types
import zstandard

DATA_SUFFIX = "-Data.db"
INFO_SUFFIX = "-CompressionInfo.db"
CHECKSUM_BYTES = 4
MAX_CHUNK_BYTES = 64 * 1024 * 1024


class SSTableUnreadable(Exception):
    """Packed in a way that is not known here, or broken."""


@dataclass(frozen=True, slots=True)
class Packing:
    """`most_packed` is the size from which on a chunk was left as it is."""

    unpack: Callable[[bytes], bytes]
    most_packed: int
    offsets: tuple[int, ...]


def info_of(path: Path) -> Path | None:
    """The file that says how chunks of *path* are packed; None where they are not, or it holds no data."""
    info = path.with_name(path.name.replace(DATA_SUFFIX, INFO_SUFFIX))
    return info if path.name.endswith(DATA_SUFFIX) and info.exists() else None


def unpacked_chunks(path: Path, info: Path) -> Iterator[bytes]:
    """The data file's content in order.

    Raises:
        SSTableUnreadable, OSError
    """
    packing = _packing(info.read_bytes())
    ends = (*packing.offsets[1:], path.stat().st_size)
    with path.open("rb") as file:
        for begin, end in zip(packing.offsets, ends, strict=True):
            file.seek(begin)
            packed = file.read(end - begin - CHECKSUM_BYTES)
            yield packed if len(packed) >= packing.most_packed else _unpacked(packing, packed)


def _unpacked(packing: Packing, packed: bytes) -> bytes:
    try:
        return packing.unpack(packed)
    except (ValueError, lz4.block.LZ4BlockError, zlib.error, zstandard.ZstdError) as fault:
        raise SSTableUnreadable(f"a chunk does not unpack ({type(fault).__name__})") from fault


def _packing(info: bytes) -> Packing:
    """Class name, options, length of chunks, longest packed one, length of all, count and offsets."""
    try:
        name, at = _text(info, 0)
        (options,) = struct.unpack_from(">i", info, at)
        at += 4
        for _ in range(2 * options):
            _, at = _text(info, at)
        _, most_packed, _, count = struct.unpack_from(">iiqi", info, at)
        offsets = struct.unpack_from(f">{count}q", info, at + 20)
    except (struct.error, UnicodeDecodeError) as fault:
        raise SSTableUnreadable("its compression info is cut") from fault
    if name not in _WAYS:
        raise SSTableUnreadable(f"packed with {name}")
    return Packing(_WAYS[name], most_packed, offsets)


def _text(info: bytes, at: int) -> tuple[str, int]:
    (size,) = struct.unpack_from(">H", info, at)
    return info[at + 2 : at + 2 + size].decode(), at + 2 + size


def _lz4(packed: bytes) -> bytes:
    size = int.from_bytes(packed[:4], "little")
    if size > MAX_CHUNK_BYTES:
        raise ValueError(size)
    return bytes(lz4.block.decompress(packed[4:], uncompressed_size=size))


def _zstd(packed: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(packed, max_output_size=MAX_CHUNK_BYTES)


_WAYS: dict[str, Callable[[bytes], bytes]] = {
    "LZ4Compressor": _lz4,
    "ZstdCompressor": _zstd,
    "DeflateCompressor": lambda packed: zlib.decompress(packed[4:]),
    "NoopCompressor": bytes,
}


def write_packed(data: Path, content: bytes) -> None:
    """A data file of one chunk as Cassandra packs it, for controls."""
    packed = len(content).to_bytes(4, "little") + lz4.block.compress(content, store_size=False)
    name = b"LZ4Compressor"
    head = struct.pack(">H", len(name)) + name + struct.pack(">i", 0)
    info = head + struct.pack(">iiqi", 16384, 2**31 - 1, len(content), 1) + struct.pack(">q", 0)
    data.write_bytes(packed + struct.pack(">I", zlib.crc32(packed)))
    data.with_name(data.name.replace(DATA_SUFFIX, INFO_SUFFIX)).write_bytes(info)
