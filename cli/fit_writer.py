"""Writes FIT files: enough of the format for demo activities and for tests, byte by byte as asked."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

from region_node.features.workouts.importing.fit_crc import fit_crc

FIT_EPOCH_S = 631_065_600

ENUM, SINT8, UINT8, SINT16, UINT16, SINT32, UINT32, STRING, BYTE = 0, 1, 2, 0x83, 0x84, 0x85, 0x86, 7, 13
_STRUCT = {
    ENUM: "B",
    SINT8: "b",
    UINT8: "B",
    SINT16: "h",
    UINT16: "H",
    SINT32: "i",
    UINT32: "I",
    BYTE: "B",
}
_HEADER_BYTES = 14
_PROTOCOL, _PROFILE = 0x20, 2132

Value = int | str | tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FitField:
    number: int
    base: int
    value: Value

    def packed(self) -> bytes:
        """Raw little-endian value, as FIT stores it: scaled and offset by the caller."""
        if isinstance(self.value, str):
            return self.value.encode() + b"\0"
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        return struct.pack(f"<{len(values)}{_STRUCT[self.base]}", *values)


@dataclass(frozen=True, slots=True)
class DeveloperField:
    number: int
    developer: int
    packed: bytes


@dataclass(frozen=True, slots=True)
class FitMessage:
    kind: int
    fields: tuple[FitField, ...]
    developer: tuple[DeveloperField, ...] = ()

    def definition(self) -> bytes:
        head = 0x60 if self.developer else 0x40
        parts = [struct.pack("<BBBHB", head, 0, 0, self.kind, len(self.fields))]
        parts += [bytes((one.number, len(one.packed()), one.base)) for one in self.fields]
        if self.developer:
            parts.append(bytes((len(self.developer),)))
            parts += [bytes((one.number, len(one.packed), one.developer)) for one in self.developer]
        return b"".join(parts)

    def content(self) -> bytes:
        return b"".join(one.packed() for one in self.fields) + b"".join(one.packed for one in self.developer)


def fit_body(messages: Iterable[FitMessage]) -> bytes:
    """Messages one after the other, with a definition wherever the layout changes."""
    body = bytearray()
    last = b""
    for message in messages:
        definition = message.definition()
        if definition != last:
            body += definition
            last = definition
        body += b"\0" + message.content()
    return bytes(body)


def fit_header(body_bytes: int) -> bytes:
    head = struct.pack("<BBHI4s", _HEADER_BYTES, _PROTOCOL, _PROFILE, body_bytes, b".FIT")
    return head + struct.pack("<H", fit_crc(head))


def fit_file(messages: Iterable[FitMessage]) -> bytes:
    """A whole file with header and checksums."""
    body = fit_body(messages)
    data = fit_header(len(body)) + body
    return data + struct.pack("<H", fit_crc(data))
