"""Walks the messages of one FIT part block by block, without decoding their values.

A message is found only by walking over all before it, so a fault ends the part: what was found until then
stays. Bulk messages (records, heart rate) are handed on as offsets, summaries as bytes.
"""

from collections.abc import Iterable
from enum import Enum

from region_node.features.workouts.importing.fit_definition import (
    HEART_RATE,
    RECORD,
    SUMMARIES,
    Definition,
    definition_length,
)
from region_node.features.workouts.importing.limits import MAX_SUMMARY_FIELDS, MAX_SUMMARY_MESSAGES
from region_node.features.workouts.importing.refusals import TooLarge

_MAX_RECORD_LAYOUTS = 256
"""Devices repeat a few layouts; each costs a set of columns."""
_UNBOUNDED_KINDS = frozenset({12, 21, 23, 34, 49})
"""Kinds of which only the first ones are kept: sport, event, device_info, activity, file_creator."""


class Stop(Enum):
    """Why a walk over a block ended."""

    END = "all of the block was walked"
    UNFINISHED = "the last message goes on beyond the block"
    FAULT = "a message that cannot be"


class Walk:
    """State of one part: definitions, counts, summaries."""

    __slots__ = (
        "_clock",
        "_definitions",
        "_fields_left",
        "_record_layouts",
        "_samples_left",
        "counts",
        "heart_rate_messages",
        "messages",
        "records",
        "summaries",
    )

    def __init__(self, samples_left: int) -> None:
        self._samples_left = samples_left
        self._fields_left = MAX_SUMMARY_FIELDS
        self._definitions: list[Definition | None] = [None] * 16
        self._clock: int | None = None
        self.messages = 0
        self.records = 0
        self._record_layouts: dict[bytes, Definition] = {}
        self.summaries: list[tuple[Definition, bytes]] = []
        self.heart_rate_messages: list[tuple[Definition, bytes]] = []
        self.counts: dict[int, int] = {}

    def block(self, data: bytes, position: int, end: int) -> tuple[int, Stop]:  # noqa: C901, PLR0912 - one loop, hot
        """Walk from *position* to *end*; return where the first message begins that was not walked."""
        definitions = self._definitions
        timed: Definition | None = None
        timed_at = 0
        stop = Stop.END
        sequence = self.messages
        while position < end:
            header = data[position]
            compressed = header & 0x80
            if not compressed and header & 0x40:
                length = definition_length(data, position)
                if length is None or position + length > end:
                    stop = Stop.UNFINISHED
                    break
                self._define(header, data[position : position + length])
                position += length
                sequence += 1
                continue
            definition = definitions[(header >> 5) & 3 if compressed else header & 15]
            if definition is None:
                stop = Stop.FAULT
                break
            start = position + 1
            after = start + definition.size
            if after > end:
                stop = Stop.UNFINISHED
                break
            if compressed:
                if timed is not None:
                    self._clock = timed.time_at(data, timed_at) or self._clock
                    timed = None
                self._advance_clock(header & 31)
            elif definition.time_offset is not None:
                timed, timed_at = definition, start
            kind = definition.kind
            if kind == RECORD:
                definition.offsets.append(start)
                definition.sequence.append(sequence)
                if compressed or definition.compressed_times:
                    self._note_time(definition, compressed=bool(compressed))
            elif kind in SUMMARIES or kind == HEART_RATE:
                self._keep(definition, data[start : start + definition.native_size])
            sequence += 1
            position = after
        if timed is not None:
            self._clock = timed.time_at(data, timed_at) or self._clock
        self.messages = sequence
        self.records += sum(len(definition.offsets) for definition in self.record_definitions)
        if self.records > self._samples_left:
            raise TooLarge
        return position, stop

    def _define(self, header: int, message: bytes) -> None:
        known = self._record_layouts.get(message)
        if known is None:
            known = Definition(message, with_developer_fields=bool(header & 0x20))
            if known.kind == RECORD:
                if len(self._record_layouts) == _MAX_RECORD_LAYOUTS:
                    raise TooLarge
                self._record_layouts[message] = known
        self._definitions[header & 15] = known

    @property
    def record_definitions(self) -> Iterable[Definition]:
        return self._record_layouts.values()

    def forget_block(self) -> None:
        for definition in self.record_definitions:
            definition.forget_block()

    def _advance_clock(self, offset: int) -> None:
        """The header holds the low five bits of the time; they only ever go up."""
        if self._clock is not None:
            self._clock += (offset - self._clock) & 31

    def _note_time(self, definition: Definition, *, compressed: bool) -> None:
        times = definition.compressed_times
        missing = len(definition.offsets) - len(times) - 1
        times.extend([float("nan")] * missing)
        times.append(float(self._clock) if compressed and self._clock is not None else float("nan"))

    def _keep(self, definition: Definition, content: bytes) -> None:
        kind = definition.kind
        count = self.counts.get(kind, 0)
        self.counts[kind] = count + 1
        self._fields_left -= len(definition.fields)
        if count >= MAX_SUMMARY_MESSAGES or self._fields_left < 0:
            if kind in _UNBOUNDED_KINDS:
                return
            raise TooLarge
        messages = self.heart_rate_messages if kind == HEART_RATE else self.summaries
        messages.append((definition, content))
