"""Members of a zip archive, one after the other, as a stream; nothing is written to disk."""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from region_node.features.workouts.importing.containers import coalesced, guarded, stream_chunks
from region_node.features.workouts.importing.limits import (
    FREE_EXPANDED_BYTES,
    MAX_ARCHIVE_BYTES,
    MAX_ARCHIVE_MEMBERS,
    MAX_EXPANDED_BYTES,
    MAX_RATIO,
)
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
_DRIVE = re.compile(r"[A-Za-z]:")


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    packed_bytes: int
    expanded_bytes: int


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
        self._infos = [info for info in self._zip.infolist() if not info.is_dir()]
        _check_members(self._infos, size)

    def __iter__(self) -> Iterator[Member]:
        for info in self._infos:
            yield Member(info.filename, info.compress_size, info.file_size)

    def chunks(self, index: int) -> Iterator[bytes]:
        """Content of member number *index*, within the limits of a file.

        Raises:
            Refusal: It expands too far, or cannot be unpacked.
        """
        info = self._infos[index]
        if info.file_size > max(FREE_EXPANDED_BYTES, MAX_RATIO * info.compress_size):
            raise UnsafeArchive
        if info.file_size > MAX_EXPANDED_BYTES:
            raise TooLarge
        try:
            with self._zip.open(info) as stream:
                yield from coalesced(guarded(stream_chunks(stream), info.compress_size))  # type: ignore[arg-type]  # ZipExtFile reads like a BinaryIO
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            RuntimeError,
            NotImplementedError,
            OSError,
        ) as error:
            raise MalformedFile from error


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
