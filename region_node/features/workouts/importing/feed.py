"""A window over chunks of bytes, so that no file is ever in memory as a whole."""

from collections.abc import Iterable, Iterator


class Feed:
    """Bytes that were fetched and not yet used are ``data[position:]``."""

    __slots__ = ("_chunks", "data", "position")

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks: Iterator[bytes] = iter(chunks)
        self.data = b""
        self.position = 0

    def available(self) -> int:
        return len(self.data) - self.position

    def more(self) -> bool:
        """Fetch one more chunk behind what is unused; False at the end."""
        for chunk in self._chunks:
            if chunk:
                self.data = self.data[self.position :] + chunk
                self.position = 0
                return True
        return False

    def ensure(self, count: int) -> bool:
        """Whether at least *count* unused bytes could be had."""
        while self.available() < count:
            if not self.more():
                return False
        return True

    def take(self, count: int) -> bytes:
        """Use up to *count* of the bytes that are already here."""
        start = self.position
        self.position = min(start + count, len(self.data))
        return self.data[start : self.position]

    def rest(self) -> Iterator[bytes]:
        """All that is left, the unused bytes first."""
        if self.available():
            yield self.take(self.available())
        yield from self._chunks
