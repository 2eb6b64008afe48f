"""Folders that take long to make, made once per process and copied for each test that needs one."""

import os
import shutil
from collections.abc import Awaitable, Callable, Hashable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.servers import DIRECTORY_VARIABLE

_templates: dict[Hashable, Path] = {}


async def fill(target: Path, key: Hashable, make: Callable[[Path], Awaitable[None]]) -> None:
    """Put into *target* what *make* makes in an empty folder, which is the same for each call with *key*."""
    if key not in _templates:
        template = Path(_root().name) / str(len(_templates))
        template.mkdir(mode=0o700)
        await make(template)
        _templates[key] = template
    shutil.copytree(_templates[key], target, dirs_exist_ok=True)


@cache
def _root() -> TemporaryDirectory[str]:
    """Lies with the servers of the run, which are removed however it ends."""
    return TemporaryDirectory(prefix="templates-", dir=os.environ.get(DIRECTORY_VARIABLE))
