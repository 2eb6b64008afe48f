"""Sessions, laps, lengths, events and devices of FIT: a small file is made of those messages alone and given
to a library, so that one fault in the original, its size or its checksums do not matter here.

Developer fields are left out: a field of another model under a sensor's name would be mixed in.
"""

import struct
from collections.abc import Iterable, Iterator
from datetime import datetime
from importlib.metadata import version
from typing import Any

import fitfast

from region_node.features.workouts.importing.fit_crc import fit_crc
from region_node.features.workouts.importing.fit_definition import Definition

Message = dict[str, Any]
Messages = dict[str, list[Message]]

FAST = f"fitfast {version('fitfast')}"
PATIENT = f"fitdecode {version('fitdecode')}"

_HEADER = struct.Struct("<BBHI4s")
_HEADER_BYTES = 14


def decode_summaries(summaries: list[tuple[Definition, bytes]]) -> tuple[Messages, str]:
    """Messages by kind, and which library read them. Times are seconds since 1970.

    What the fast library refuses the patient one reads message by message, leaving out what it cannot.
    """
    if not summaries:
        return {}, FAST
    data = _small_file(summaries)
    try:
        return _plain(fitfast.parse(data)), FAST
    except ValueError:
        return _plain(_patiently(data)), PATIENT


def _small_file(summaries: Iterable[tuple[Definition, bytes]]) -> bytes:
    body = bytearray()
    last: Definition | None = None
    for definition, content in summaries:
        if definition is not last:
            fields = definition.native_fields
            order = ">" if definition.big_endian else "<"
            body += struct.pack(
                f"{order}BBBHB", 0x40, 0, definition.big_endian, definition.kind, len(fields) // 3
            )
            body += fields
            last = definition
        body += b"\0" + content
    header = _HEADER.pack(_HEADER_BYTES, 0x20, 2132, len(body), b".FIT")
    header += struct.pack("<H", fit_crc(header))
    return header + bytes(body) + struct.pack("<H", fit_crc(header + bytes(body)))


def _plain(messages: dict[str, list[dict[Any, Any]]]) -> Messages:
    """Keep named fields; of several values of a field that should have one, the first."""
    return {
        kind: [{name: _first(value) for name, value in one.items() if isinstance(name, str)} for one in many]
        for kind, many in messages.items()
    }


def _first(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return next((one for one in value if one is not None), None)
    return value


def _patiently(data: bytes) -> Messages:
    messages: Messages = {}
    for frame in _frames(data):
        fields: Message = {}
        for one in frame.fields:
            if one.value is not None and one.name not in fields:
                fields[one.name] = one.value.timestamp() if isinstance(one.value, datetime) else one.value
        messages.setdefault(frame.name, []).append(fields)
    return messages


def _frames(data: bytes) -> Iterator[Any]:
    import fitdecode  # type: ignore[import-untyped]  # noqa: PLC0415 - no types; its profile costs memory, and hardly any file needs it

    reader = fitdecode.FitReader(
        data, check_crc=fitdecode.CrcCheck.DISABLED, error_handling=fitdecode.ErrorHandling.IGNORE
    )
    frames = iter(reader)
    while True:
        try:
            frame = next(frames)
        except StopIteration:
            return
        except Exception:  # noqa: BLE001 - the library fails in many ways on damaged values; what came before stays
            return
        if frame.frame_type == fitdecode.FIT_FRAME_DATA:
            yield frame
