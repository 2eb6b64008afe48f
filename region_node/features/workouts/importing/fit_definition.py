"""Definition messages of FIT: how the data messages that follow are laid out."""

from array import array
from typing import Final

RECORD: Final = 20
HEART_RATE: Final = 132
SUMMARIES: Final = frozenset({0, 12, 18, 19, 21, 23, 34, 49, 101})
"""file_id, sport, session, lap, event, device_info, activity, file_creator, length."""
TIMESTAMP_FIELD: Final = 253

_FIELD_BYTES = 3
_HEAD_BYTES = 6


class Definition:
    """One definition and where, in the current block, messages of it begin."""

    __slots__ = (
        "big_endian",
        "compressed_times",
        "fields",
        "kind",
        "native_fields",
        "native_size",
        "offsets",
        "sequence",
        "size",
        "time_offset",
    )

    def __init__(self, message: bytes, *, with_developer_fields: bool) -> None:
        """Read a whole definition *message*, its header byte included."""
        self.big_endian = bool(message[2] & 1)
        self.kind = int.from_bytes(message[3:5], "big" if self.big_endian else "little")
        count = message[5]
        end = _HEAD_BYTES + count * _FIELD_BYTES
        self.native_fields = message[_HEAD_BYTES:end]
        self.fields: list[tuple[int, int, int, int]] = []
        """Number, offset in the message, size and base type of each native field."""
        self.time_offset: int | None = None
        offset = 0
        for at in range(_HEAD_BYTES, end, _FIELD_BYTES):
            number, size, base = message[at : at + _FIELD_BYTES]
            self.fields.append((number, offset, size, base))
            if number == TIMESTAMP_FIELD and size == 4:  # noqa: PLR2004 - a time stamp is a uint32
                self.time_offset = offset
            offset += size
        self.native_size = offset
        if with_developer_fields:
            offset += sum(message[end + 2 :: _FIELD_BYTES])
        self.size = offset
        self.forget_block()

    def forget_block(self) -> None:
        self.offsets = array("q")
        self.sequence = array("q")
        self.compressed_times = array("d")

    def time_at(self, data: bytes, position: int) -> int | None:
        """The FIT time stamp of the message whose content begins at *position*."""
        if self.time_offset is None:
            return None
        at = position + self.time_offset
        value = int.from_bytes(data[at : at + 4], "big" if self.big_endian else "little")
        return None if value == 0xFFFFFFFF else value  # noqa: PLR2004 - the invalid uint32


def definition_length(data: bytes, position: int) -> int | None:
    """Bytes of the definition message at *position*; None if it is not wholly there."""
    if position + _HEAD_BYTES > len(data):
        return None
    length = _HEAD_BYTES + data[position + 5] * _FIELD_BYTES
    if data[position] & 0x20:
        if position + length >= len(data):
            return None
        # developer fields: their sizes are every third byte after the count
        length += 1 + data[position + length] * _FIELD_BYTES
    return length if position + length <= len(data) else None
