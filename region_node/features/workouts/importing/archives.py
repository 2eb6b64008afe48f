"""Members of a zip archive, one after the other, as a stream; nothing is written to disk."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from region_node.features.workouts.importing.containers import Packed, coalesced, guarded
from region_node.features.workouts.importing.limits import (
    CHUNK_BYTES,
    FREE_EXPANDED_BYTES,
    MAX_ARCHIVE_BYTES,
    MAX_ARCHIVE_MEMBERS,
    MAX_EXPANDED_BYTES,
    MAX_RATIO,
)
from region_node.features.workouts.importing.notices import NoticeCode
from region_node.features.workouts.importing.refusals import (
    EmptyFile,
    MalformedFile,
    TooLarge,
    TruncatedFile,
    UnsafeArchive,
)

_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_END_SEARCH_BYTES = 65_536 + 200
_DIRECTORY_BYTES_AT, _DIRECTORY64_BYTES_AT = 12, 40
_MAX_DIRECTORY_BYTES = 4_000_000
_IN_ZIP64 = 0xFFFFFFFF
_LOCAL = b"PK\x03\x04"
_LOCAL_BYTES, _LOCAL_LENGTHS_AT = 30, 26
_PIECE_BYTES = 4096
_ENCRYPTED = 1
_READABLE = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DRIVE = re.compile(r"[A-Za-z]:")


class ZipMembers:
    """A zip whose directory was found harmless.

    Raises (from the constructor):
        Refusal: The archive as a whole is empty, cut, unreadable or unsafe.
    """

    def __init__(self, stream: BinaryIO) -> None:
        size = stream.seek(0, 2)
        _check_directory(stream, size)
        try:
            self._zip = zipfile.ZipFile(stream)
        except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OSError) as error:
            raise MalformedFile from error
        self._stream = stream
        self._size = size
        self._expanded = 0
        self._infos = [info for info in self._zip.infolist() if not info.is_dir()]
        _check_members(self._infos, size)

    def members(self, prefix: str) -> Iterator[Packed]:
        """In the archive's order; each is to be read before the next one is asked for.

        Reading one raises a refusal when it expands too far or cannot be unpacked at all.
        """
        for info in self._infos:
            notices: set[NoticeCode] = set()
            chunks = self._chunks(info, notices)
            yield Packed(f"{prefix}{info.filename}", chunks, info.compress_size, notices)

    def _chunks(self, info: zipfile.ZipInfo, notices: set[NoticeCode]) -> Iterator[bytes]:
        if info.file_size > max(FREE_EXPANDED_BYTES, MAX_RATIO * info.compress_size):
            raise UnsafeArchive
        if info.file_size > MAX_EXPANDED_BYTES:
            raise TooLarge
        if info.flag_bits & _ENCRYPTED or info.compress_type not in _READABLE:
            raise MalformedFile
        yield from coalesced(guarded(self._unpacked(info, notices), info.compress_size))

    def _unpacked(self, info: zipfile.ZipInfo, notices: set[NoticeCode]) -> Iterator[bytes]:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS) if info.compress_type == zipfile.ZIP_DEFLATED else None
        crc = 0
        try:
            for piece in self._packed(info):
                packed = piece
                while packed:
                    out = packed if inflate is None else inflate.decompress(packed, CHUNK_BYTES)
                    packed = b"" if inflate is None else inflate.unconsumed_tail
                    crc = zlib.crc32(out, crc)
                    self._count(len(out))
                    yield out
        except zlib.error:
            notices.add(NoticeCode.CORRUPT_RECORDS)
            return
        if inflate is not None and not inflate.eof:
            notices.add(NoticeCode.TRUNCATED)
        elif crc != info.CRC:
            notices.add(NoticeCode.CHECKSUM)

    def _count(self, expanded: int) -> None:
        """Members may overlap and lie about their sizes: what comes out is counted over all of them."""
        self._expanded += expanded
        if self._expanded > min(MAX_ARCHIVE_BYTES, max(FREE_EXPANDED_BYTES, MAX_RATIO * self._size)):
            raise UnsafeArchive

    def _packed(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        """Bytes as they lie in the archive; the local header says where they begin."""
        self._stream.seek(info.header_offset)
        head = self._stream.read(_LOCAL_BYTES)
        if len(head) < _LOCAL_BYTES or not head.startswith(_LOCAL):
            raise MalformedFile
        self._stream.seek(sum(struct.unpack_from("<HH", head, _LOCAL_LENGTHS_AT)), 1)
        left = info.compress_size
        while left and (piece := self._stream.read(min(left, _PIECE_BYTES))):
            left -= len(piece)
            yield piece


def _check_directory(stream: BinaryIO, size: int) -> None:
    """Refuse a directory that would not fit in memory before it is read."""
    stream.seek(max(0, size - _END_SEARCH_BYTES))
    tail = stream.read(_END_SEARCH_BYTES)
    at = tail.rfind(_END)
    if at < 0 or at + 22 > len(tail):
        raise TruncatedFile
    (directory_bytes,) = struct.unpack_from("<I", tail, at + _DIRECTORY_BYTES_AT)
    at64 = tail.rfind(_END64)
    if directory_bytes == _IN_ZIP64 and 0 <= at64 <= len(tail) - 48:
        (directory_bytes,) = struct.unpack_from("<Q", tail, at64 + _DIRECTORY64_BYTES_AT)
    if directory_bytes > _MAX_DIRECTORY_BYTES:
        raise UnsafeArchive
    stream.seek(0)


def _check_members(infos: list[zipfile.ZipInfo], size: int) -> None:
    if not infos:
        raise EmptyFile
    if len(infos) > MAX_ARCHIVE_MEMBERS or any(_unsafe(info.orig_filename) for info in infos):
        raise UnsafeArchive
    expanded = sum(info.file_size for info in infos)
    if expanded > MAX_ARCHIVE_BYTES or expanded > max(FREE_EXPANDED_BYTES, MAX_RATIO * size):
        raise UnsafeArchive


def _unsafe(name: str) -> bool:
    path = name.replace("\\", "/")
    return path.startswith("/") or bool(_DRIVE.match(path)) or ".." in path.split("/")
