"""Files that hold secrets: readable by their owner only, replaced whole or not at all."""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import BinaryIO

_OTHERS = 0o077


class PrivateFileError(Exception):
    """A file of secrets is not as it must be; the message names the path and the fix, never the content."""


def read_private(path: Path) -> bytes:
    """Return the content of *path*.

    Raises:
        PrivateFileError: Others than the owner may open the file, or it is no regular file.
        FileNotFoundError: There is no such file.
    """
    while True:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_mode & _OTHERS or not stat.S_ISREG(status.st_mode):
                raise PrivateFileError(f"{path} is open to others: run chmod 600 {path}")
            content = file.read()
        # A file that was replaced while it was read may have been overwritten under the reader.
        if path.stat().st_ino == status.st_ino:
            return content


def create_private(path: Path, content: bytes) -> None:
    """Write a new file of mode 0600, whole and on disk when this returns.

    Raises:
        FileExistsError: Nothing is overwritten.
    """
    with _written_beside(path, content) as beside:
        os.link(beside, path)


def replace_private(path: Path, content: bytes) -> None:
    """Put *content* in place of *path* in one step; a crash leaves the old or the new, never a part.

    What the old file held is overwritten on its blocks before they are given back, as far as the
    file system writes in place (a copy-on-write file system or an SSD may keep it for longer).
    """
    with path.open("r+b") if path.exists() else nullcontext() as old:
        with _written_beside(path, content) as beside:
            beside.replace(path)
        if old is not None:
            _overwrite(old)


@contextmanager
def _written_beside(path: Path, content: bytes) -> Iterator[Path]:
    """A synced file with *content* for the body to put in place, under a lock on the directory.

    Its name is always the same, so that what a crash left of an earlier one is found and erased.
    """
    beside = path.with_name(f".{path.name}.new")
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        _erase_left_over(beside)
        try:
            with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            yield beside
        finally:
            beside.unlink(missing_ok=True)
        os.fsync(directory)
    finally:
        os.close(directory)


def _erase_left_over(beside: Path) -> None:
    if not beside.exists():
        return
    with beside.open("r+b") as file:
        # Two links: the crash came after it was put in place, and its blocks are those of the good file.
        if os.fstat(file.fileno()).st_nlink == 1:
            _overwrite(file)
    beside.unlink()


def _overwrite(file: BinaryIO) -> None:
    file.write(bytes(os.fstat(file.fileno()).st_size))
    file.flush()
    os.fsync(file.fileno())
