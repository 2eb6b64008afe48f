"""Fixtures shared by all tests; nothing here reaches outside loopback."""

import os
import shutil
from pathlib import Path

from hypothesis import settings

pytest_plugins = ["tests.support.servers", "tests.support.node"]

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a private folder in it
ENOUGH_BYTES = 4 * 1024**3


def pytest_configure(config):
    """Keep the folders of tests in memory where there is room: a commit then waits for no disk.

    What a test proves by killing a process holds there too. `PYTEST_DEBUG_TEMPROOT` chooses another place.
    """
    without_servers = "not services" in config.option.markexpr
    if without_servers and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free >= ENOUGH_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
