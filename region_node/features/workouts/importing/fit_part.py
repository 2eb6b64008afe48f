"""One part of a FIT file: header, messages, checksum. Several may be chained."""

import struct
from dataclasses import dataclass, field

from region_node.features.workouts.importing.feed import Feed
from region_node.features.workouts.importing.fit_crc import fit_crc
from region_node.features.workouts.importing.fit_records import RecordTable
from region_node.features.workouts.importing.fit_walk import Stop, Walk
from region_node.features.workouts.importing.limits import Deadline
from region_node.features.workouts.importing.notices import NoticeCode

SIGNATURE = b".FIT"
SIGNATURE_AT = 8
LEAST_HEADER_BYTES = 12

_CRC_BYTES = 2
_UNKNOWN_END = 1 << 62


@dataclass(slots=True)
class FitPart:
    walk: Walk
    records: RecordTable = field(default_factory=RecordTable)
    notices: set[NoticeCode] = field(default_factory=set)


def begins_part(head: bytes) -> bool:
    return (
        len(head) >= LEAST_HEADER_BYTES
        and head[SIGNATURE_AT:LEAST_HEADER_BYTES] == SIGNATURE
        and head[0] >= LEAST_HEADER_BYTES
    )


def read_part(feed: Feed, deadline: Deadline, samples_left: int) -> FitPart:
    """Read the part whose header is next in *feed*, and leave the feed behind it."""
    part = FitPart(walk=Walk(samples_left))
    size = feed.data[feed.position]
    feed.ensure(size)
    header = feed.take(size)
    (stated,) = struct.unpack_from("<I", header, 4)
    if size >= LEAST_HEADER_BYTES + _CRC_BYTES:
        (stored,) = struct.unpack_from("<H", header.ljust(size, b"\0"), LEAST_HEADER_BYTES)
        if stored and stored != fit_crc(header[:LEAST_HEADER_BYTES]):
            part.notices.add(NoticeCode.CHECKSUM)
    _Reader(feed, part, stated, fit_crc(header)).read(deadline)
    return part


class _Reader:
    def __init__(self, feed: Feed, part: FitPart, stated: int, crc: int) -> None:
        self._feed = feed
        self._part = part
        self._left = stated or _UNKNOWN_END
        self._crc = crc
        self._ends_at_header = False

    def read(self, deadline: Deadline) -> None:
        fault = False
        while self._left:
            if not self._feed.available() and not self._feed.more():
                break
            stop = self._block()
            if deadline.expired():
                self._part.notices.add(NoticeCode.TIME_LIMIT)
                return
            if stop is Stop.FAULT:
                fault = True
                break
            if stop is Stop.UNFINISHED and self._feed.available() >= self._left:
                self._part.notices.add(NoticeCode.TRUNCATED)
                break
            if stop is Stop.UNFINISHED and not self._feed.more():
                self._part.notices.add(NoticeCode.TRUNCATED)
                self._left = 0
                self._feed.take(self._feed.available())
                return
        self._finish(fault=fault)

    def _block(self) -> Stop:
        feed, walk = self._feed, self._part.walk
        start = feed.position
        end = min(len(feed.data), start + self._left)
        if self._left > _UNKNOWN_END // 2:
            end = self._next_header(start, end)
        position, stop = walk.block(feed.data, start, end)
        for definition in walk.record_definitions:
            self._part.records.add(feed.data, definition)
        walk.forget_block()
        self._use(position - start)
        return stop

    def _next_header(self, start: int, end: int) -> int:
        """A part that does not say how long it is ends where the next one begins."""
        at = self._feed.data.find(SIGNATURE, start)
        if at < 0 or not begins_part(self._feed.data[at - SIGNATURE_AT : at + len(SIGNATURE)]):
            return end
        self._ends_at_header = True
        self._left = max(0, at - SIGNATURE_AT - start)
        return min(end, start + self._left)

    def _use(self, count: int) -> None:
        feed = self._feed
        used = memoryview(feed.data)[feed.position : feed.position + count]
        self._crc = fit_crc(used, self._crc)
        feed.position += count
        self._left -= count

    def _finish(self, *, fault: bool) -> None:
        feed, notices = self._feed, self._part.notices
        skipped = self._skip()
        if self._left or self._ends_at_header:
            # the size was not to be believed; up to two bytes that are no message are the checksum
            notices.add(NoticeCode.TRUNCATED)
            if fault and skipped > _CRC_BYTES:
                notices.add(NoticeCode.CORRUPT_RECORDS)
            return
        if fault:
            notices.add(NoticeCode.CORRUPT_RECORDS)
        if not feed.ensure(_CRC_BYTES):
            notices.add(NoticeCode.TRUNCATED)
            feed.take(_CRC_BYTES)
            return
        (stored,) = struct.unpack("<H", feed.take(_CRC_BYTES))
        if stored != self._crc:
            notices.add(NoticeCode.CHECKSUM)

    def _skip(self) -> int:
        """Pass over what is left of the part; return how many bytes that were."""
        skipped = 0
        while self._left and (self._feed.available() or self._feed.more()):
            count = min(self._left, self._feed.available())
            self._use(count)
            skipped += count
        return skipped
