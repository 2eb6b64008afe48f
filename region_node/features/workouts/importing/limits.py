"""How much one file may cost: bytes, samples, time. Figures of the import contract."""

import time

MEGABYTE = 1_000_000

MAX_FILE_BYTES = 50 * MEGABYTE
MAX_EXPANDED_BYTES = 200 * MEGABYTE
MAX_SAMPLES = 400_000
MAX_SUMMARY_MESSAGES = 20_000
"""Sessions, laps, lengths and events of a file together; real ones have hundreds."""

MAX_RATIO = 200
FREE_EXPANDED_BYTES = 10 * MEGABYTE
"""Up to here any compression ratio is harmless."""
MAX_ARCHIVE_MEMBERS = 10_000
MAX_ARCHIVE_BYTES = 4_000 * MEGABYTE

MAX_WORKOUTS = 1_000
"""Workouts in one file that is not an archive."""

MAX_SUMMARY_FIELDS = 400_000
"""Fields of all summary messages of a file together; a lap has some 60."""

MAX_TOKEN_BYTES = 128 * 1024
"""The longest tag or comment of an XML file; expat holds one in memory."""
MAX_XML_NAMES = 500
"""Different names of elements and attributes in an XML file; expat keeps them all."""

TIME_LIMIT_S = 20.0
READING_SHARE = 0.7
"""Part of the time limit that reading may use; the rest is for start and analysis."""

CHUNK_BYTES = 256 * 1024


class Deadline:
    """Time left for reading one file."""

    __slots__ = ("_ends_at",)

    def __init__(self, limit_s: float) -> None:
        self._ends_at = time.monotonic() + limit_s

    def expired(self) -> bool:
        return time.monotonic() >= self._ends_at
