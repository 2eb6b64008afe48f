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

MAX_TOKEN_BYTES = MEGABYTE
"""The longest tag or comment of an XML file; expat holds one in memory."""

TIME_LIMIT_S = 20.0
READING_SHARE = 0.7
"""Part of the time limit that reading may use; the rest is for start and analysis."""

CHUNK_BYTES = 256 * 1024


class Deadline:
    """CPU time of this process left for reading one file; another's load does not shorten it."""

    __slots__ = ("_ends_at",)

    def __init__(self, limit_s: float) -> None:
        self._ends_at = time.process_time() + limit_s

    def expired(self) -> bool:
        return time.process_time() >= self._ends_at
