"""Unpacks gzip (RFC 1952) piece by piece; what came before a cut or a fault is kept."""

import zlib
from collections.abc import Iterable, Iterator

from region_node.features.workouts.importing.feed import Feed
from region_node.features.workouts.importing.limits import CHUNK_BYTES
from region_node.features.workouts.importing.notices import NoticeCode
from region_node.features.workouts.importing.refusals import MalformedFile

MAGIC = b"\x1f\x8b"

_HEAD_BYTES = 10
_TAIL_BYTES = 8
_INPUT_BYTES = 4096
_MAX_NAME_BYTES = 65_536
_EXTRA, _NAME, _COMMENT, _HEADER_CRC = 4, 8, 16, 2


class _Cut(Exception):
    pass


class Gunzip:
    """Iterate over ``chunks()`` once; ``notices`` gets what was wrong."""

    def __init__(self, packed: Iterable[bytes], notices: set[NoticeCode]) -> None:
        self._feed = Feed(packed)
        self.notices = notices

    def chunks(self) -> Iterator[bytes]:
        first = True
        try:
            while self._feed.ensure(1):
                if not self._header():
                    if first:
                        raise MalformedFile
                    self.notices.add(NoticeCode.TRAILING_DATA)
                    return
                first = False
                yield from self._member()
        except _Cut:
            self.notices.add(NoticeCode.TRUNCATED)
        except zlib.error:
            self.notices.add(NoticeCode.CORRUPT_RECORDS)

    def _need(self, count: int) -> bytes:
        if not self._feed.ensure(count):
            raise _Cut
        return self._feed.take(count)

    def _header(self) -> bool:
        head = self._need(_HEAD_BYTES) if self._feed.ensure(_HEAD_BYTES) else b""
        if not head.startswith(MAGIC + b"\x08"):
            if not head:
                raise _Cut
            return False
        flags = head[3]
        if flags & _EXTRA:
            self._need(int.from_bytes(self._need(2), "little"))
        for flag in (_NAME, _COMMENT):
            if flags & flag:
                self._text()
        if flags & _HEADER_CRC:
            self._need(2)
        return True

    def _text(self) -> None:
        for _ in range(_MAX_NAME_BYTES):
            if self._need(1) == b"\0":
                return
        raise MalformedFile

    def _member(self) -> Iterator[bytes]:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        crc = size = 0
        while not inflate.eof:
            if not self._feed.ensure(1):
                tail = inflate.flush()
                if tail:
                    yield tail
                raise _Cut
            packed = self._feed.take(_INPUT_BYTES)
            while packed and not inflate.eof:
                out = inflate.decompress(packed, CHUNK_BYTES)
                packed = inflate.unconsumed_tail
                if out:
                    crc = zlib.crc32(out, crc)
                    size += len(out)
                    yield out
        self._feed.position -= len(inflate.unused_data)
        tail = self._need(_TAIL_BYTES)
        if tail != crc.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little"):
            self.notices.add(NoticeCode.CHECKSUM)
