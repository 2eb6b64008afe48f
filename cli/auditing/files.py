"""Walking folders: every regular file, read piece by piece, unpacked where it is a packed stream."""

import gzip
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

import zstandard

from cli.auditing.model import StoreUnreachable, Tally

PIECE_BYTES = 1024 * 1024
_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"
_BROKEN = (OSError, EOFError, zlib.error, zstandard.ZstdError)


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def require_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise StoreUnreachable(f"{folder} is no folder that can be read: mount it, or name the right one")


def files_below(folder: Path, tally: Tally) -> Iterator[Path]:
    """Regular files in the order of their names. Links are not followed; what cannot be listed is noted."""

    def told(fault: OSError) -> None:
        tally.unread.append(f"{fault.filename}: {fault.strerror}")

    for place, folders, names in os.walk(folder, onerror=told):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if path.is_file() and not path.is_symlink():
                yield path


def starts_with(path: Path, magic: bytes) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(magic)) == magic
    except OSError:
        return False


def pieces_of(path: Path, tally: Tally) -> Iterator[bytes]:
    """A file's bytes, unpacked where it is gzip or zstd; a file that ends early counts as far as it went.

    A file that disappears under the reader was replaced by a live store, and is not noted.
    """
    try:
        with path.open("rb") as file:
            head = file.read(len(_ZSTD))
            file.seek(0)
            for piece in _read(_opened(file, head)):
                tally.counts["bytes"] += len(piece)
                yield piece
    except FileNotFoundError:
        return
    except _BROKEN as fault:
        tally.unread.append(f"{path.name}: {type(fault).__name__}")


def _opened(file: BinaryIO, head: bytes) -> _Readable:
    if head.startswith(_GZIP):
        return gzip.open(file)
    if head == _ZSTD:
        return zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
    return file


def _read(file: _Readable) -> Iterator[bytes]:
    while piece := file.read(PIECE_BYTES):
        yield piece
