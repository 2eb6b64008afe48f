"""Files that hold secrets: readable by their owner only, replaced whole or not at all."""

import os
import secrets
import stat
from contextlib import nullcontext
from pathlib import Path

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
    """Write a new file of mode 0600; on disk when this returns.

    Raises:
        FileExistsError: Nothing is overwritten.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    _fill(descriptor, content)
    _sync_directory(path.parent)


def replace_private(path: Path, content: bytes) -> None:
    """Put *content* in place of *path* in one step; a crash leaves the old or the new, never a part.

    What the old file held is overwritten on its blocks before they are given back, as far as the
    file system writes in place (a copy-on-write file system or an SSD may keep it for longer).
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        create_private(beside, content)
        with path.open("r+b") if path.exists() else nullcontext() as old:
            beside.replace(path)
            _sync_directory(path.parent)
            if old is not None:
                old.write(bytes(os.fstat(old.fileno()).st_size))
                old.flush()
                os.fsync(old.fileno())
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _fill(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
