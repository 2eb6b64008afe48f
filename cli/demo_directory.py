"""The demo's own folder: nobody else's files are ever removed, and two demos never share one."""

import fcntl
import shutil
from pathlib import Path
from typing import BinaryIO

MARK_NAME = ".meridian-demo"
LOG_FOLDER = "logs"
LOG_NAME = "demo.log"
KEPT = frozenset({MARK_NAME, LOG_FOLDER})


class DirectoryTaken(Exception):
    """The folder holds something that is not the demo's, or another demo is using it."""


def claim_directory(directory: Path) -> BinaryIO:
    """Take a folder for as long as the returned file is open.

    Raises:
        DirectoryTaken
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark = directory / MARK_NAME
    if not mark.exists() and any(directory.iterdir()):
        raise DirectoryTaken(f"{directory} holds files that are not the demo's; choose an empty --directory")
    held = mark.open("ab")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        held.close()
        raise DirectoryTaken(f"another demo is using {directory}; choose another --directory") from None
    return held


def empty(directory: Path) -> None:
    """Remove what an earlier run left; the mark and the log of this one stay."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    for entry in directory.iterdir():
        if entry.name in KEPT:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
