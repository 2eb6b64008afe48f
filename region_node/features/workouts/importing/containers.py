"""Opens files, gzip streams and the members of zip archives as chunks of bytes, within the limits."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from region_node.features.workouts.importing.detect import HEAD_BYTES, Kind, kind_of
from region_node.features.workouts.importing.gunzip import Gunzip
from region_node.features.workouts.importing.limits import (
    CHUNK_BYTES,
    FREE_EXPANDED_BYTES,
    MAX_EXPANDED_BYTES,
    MAX_FILE_BYTES,
    MAX_RATIO,
)
from region_node.features.workouts.importing.notices import NoticeCode
from region_node.features.workouts.importing.refusals import EmptyFile, TooLarge, TruncatedFile, UnsafeArchive


@dataclass(frozen=True, slots=True)
class Packed:
    """A file as it is stored, or as it comes out of a zip."""

    name: str
    chunks: Iterable[bytes]
    packed_bytes: int
    """How long it is where it is stored, to judge the ratio by."""
    notices: set[NoticeCode] = field(default_factory=set)
    """Fills with what was wrong with the packing while ``chunks`` is read."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Content to decode; ``packing`` fills while ``chunks`` is read."""

    kind: Kind
    chunks: Iterator[bytes]
    unpacked: bool
    packing: set[NoticeCode]


def open_content(packed: Packed) -> Opened:
    """Look at the first bytes and take off one layer of gzip.

    Raises:
        Refusal: It is empty, or too large, here or while ``chunks`` is read.
    """
    if packed.packed_bytes > MAX_FILE_BYTES:
        raise TooLarge
    head, chunks = _peeked(packed.chunks)
    kind = kind_of(head)
    if kind is Kind.EMPTY:
        raise TruncatedFile if packed.notices else EmptyFile
    if kind is not Kind.GZIP:
        return Opened(kind, chunks, unpacked=False, packing=packed.notices)
    gunzip = Gunzip(chunks, packed.notices)
    head, inner = _peeked(coalesced(guarded(gunzip.chunks(), packed.packed_bytes)))
    kind = kind_of(head)
    if kind is Kind.EMPTY:
        raise TruncatedFile if gunzip.notices else EmptyFile
    if kind.is_archive:
        raise UnsafeArchive
    return Opened(kind, inner, unpacked=True, packing=gunzip.notices)


def guarded(expanded: Iterable[bytes], packed_bytes: int) -> Iterator[bytes]:
    """Pass chunks on as long as their sum is within size and ratio."""
    total = 0
    for chunk in expanded:
        total += len(chunk)
        if total > max(FREE_EXPANDED_BYTES, MAX_RATIO * packed_bytes):
            raise UnsafeArchive
        if total > MAX_EXPANDED_BYTES:
            raise TooLarge
        yield chunk


def coalesced(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Join small chunks: decoders have a cost for each."""
    waiting: list[bytes] = []
    size = 0
    for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= CHUNK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def stream_chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk


def _peeked(chunks: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes, and all chunks with them."""
    rest = iter(chunks)
    head = b""
    while len(head) < HEAD_BYTES:
        chunk = next(rest, None)
        if chunk is None:
            break
        head = head + chunk if head else chunk
    return head[:HEAD_BYTES], _behind(head, rest)


def _behind(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from rest
