"""Schemas of event data, made from the catalogue, for what leaves and for what comes in.

Egress leaves out each field that may not go, so all but identifiers may be missing; what is there must be
of its type, and nothing else may be there. What takes back comes whole or not at all.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from federation.catalogue import CATALOGUE, FORMER, CatalogueError, EventType
from federation.envelope import Envelope, EnvelopeRefused, Refusal
from federation.fields import FIELD_TYPES
from federation.topology import Lane
from policies.vocabulary import DataCategory


class SchemaFault(ValueError):
    """Data of our own do not fit their type: a fault of this region. The message names fields, no values."""


def schema_of(event: EventType) -> type[msgspec.Struct]:
    """Raises CatalogueError for a field whose type nobody has declared."""
    untyped = sorted(event.fields.keys() - FIELD_TYPES.keys())
    if untyped:
        raise CatalogueError(f"{event.name}: say in federation.fields what these hold: {untyped}")
    name = f"{event.name.title().replace('.', '')}V{event.version}"
    fields = [
        _field(field, needed=category is DataCategory.IDENTIFIER or event.retracts is not None)
        for field, category in event.fields.items()
    ]
    return msgspec.defstruct(
        name, fields, frozen=True, kw_only=True, forbid_unknown_fields=True, module=__name__
    )


def schemas_of(events: Iterable[EventType]) -> dict[tuple[int, int], tuple[EventType, type[msgspec.Struct]]]:
    return {(event.number, event.version): (event, schema_of(event)) for event in events}


def encode_data(event: EventType, values: Mapping[str, Any]) -> dict[str, Any]:
    """*values* as they stand in an envelope.

    Raises:
        SchemaFault
    """
    _, schema = SCHEMAS[event.number, event.version]
    plain = msgspec.to_builtins(dict(values))
    try:
        data = msgspec.convert(plain, schema, str_keys=True)
    except msgspec.ValidationError:
        raise SchemaFault(f"{event.name}: {_misfits(schema, plain)} do not fit its schema") from None
    encoded: dict[str, Any] = msgspec.to_builtins(data)
    return encoded


def decode_data(envelope: Envelope, lane: Lane) -> msgspec.Struct:
    """The data of an opened envelope that came by *lane*; fields that were left out are UNSET.

    Raises:
        EnvelopeRefused
    """
    event, schema = SCHEMAS.get((envelope.typenumber, envelope.typeversion), (None, msgspec.Struct))
    if event is None or event.name != envelope.type:
        raise EnvelopeRefused(Refusal.UNKNOWN_TYPE)
    # What was published again may take the slower lane; what takes back, and nothing else, has its own.
    if (event.lane is Lane.RETRACTION) != (lane is Lane.RETRACTION):
        raise EnvelopeRefused(Refusal.WRONG_LANE)
    try:
        return msgspec.convert(envelope.data, schema)
    except msgspec.ValidationError:
        raise EnvelopeRefused(Refusal.OUTSIDE_SCHEMA) from None


def _field(name: str, *, needed: bool) -> tuple[str, Any] | tuple[str, Any, Any]:
    kind = FIELD_TYPES[name]
    return (name, kind) if needed else (name, kind | UnsetType, UNSET)


def _misfits(schema: type[msgspec.Struct], values: Mapping[str, Any]) -> list[str]:
    """Names of fields that are missing, unknown or of another type."""
    fields = {field.name: field for field in msgspec.structs.fields(schema)}
    missing = [name for name, field in fields.items() if field.required and name not in values]
    return sorted(
        [*missing, *(name for name in values if name not in fields or not _fits(fields[name], values[name]))]
    )


def _fits(field: msgspec.structs.FieldInfo, value: Any) -> bool:
    try:
        msgspec.convert(value, field.type)
    except msgspec.ValidationError:
        return False
    return True


SCHEMAS = schemas_of([*FORMER, *CATALOGUE.values()])
