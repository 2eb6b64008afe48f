"""Looks into the types of bodies and queries: are their lists limited, and what is wrong with a document."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

from locales.messages import N_
from region_node.errors import Mistake

MAX_MISTAKES = 50


def unbounded_lists(kind: type[msgspec.Struct]) -> Iterator[str]:
    """Places in *kind* where a caller could send a list or a map of any length."""
    yield from _unbounded(inspect.type_info(kind), kind.__name__, set())


def _unbounded(info: inspect.Type, place: str, seen: set[type]) -> Iterator[str]:
    if isinstance(info, inspect.StructType):
        if info.cls in seen:
            return
        seen.add(info.cls)
        for field in info.fields:
            yield from _unbounded(field.type, f"{place}.{field.name}", seen)
    elif isinstance(info, inspect.UnionType):
        for option in info.types:
            yield from _unbounded(option, place, seen)
    elif isinstance(info, inspect.CollectionType):
        if info.max_length is None:
            yield place
        yield from _unbounded(info.item_type, f"{place}[]", seen)
    elif isinstance(info, inspect.DictType):
        if info.max_length is None:
            yield place
        yield from _unbounded(info.value_type, f"{place}{{}}", seen)
    elif isinstance(info, inspect.Metadata):
        yield from _unbounded(info.type, place, seen)


def mistakes_of(kind: Any, document: Any, *, strict: bool, prefix: str = "#") -> list[Mistake]:
    """Everything that keeps *document* from being a *kind*; the slow way, taken after a conversion failed."""
    found = []
    for mistake in _mistakes(kind, document, prefix, strict=strict):
        found.append(mistake)
        if len(found) == MAX_MISTAKES:
            break
    return found


def _mistakes(kind: Any, document: Any, pointer: str, *, strict: bool) -> Iterator[Mistake]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if isinstance(document, dict):
            yield from _field_mistakes(kind, document, pointer, strict=strict)
            return
        yield Mistake(pointer=pointer, detail=N_("An object is expected."))
        return
    try:
        msgspec.convert(document, kind, strict=strict)
    except msgspec.ValidationError as fault:
        yield _explained(str(fault), pointer)


def _field_mistakes(kind: type, document: dict[str, Any], pointer: str, *, strict: bool) -> Iterator[Mistake]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    before = None
    for name in document.keys() - fields.keys():
        yield Mistake(pointer=_join(pointer, name), detail=N_("There is no field of this name."))
        before = name
    for name, field in fields.items():
        if name in document:
            inner = list(_mistakes(field.type, document[name], _join(pointer, name), strict=strict))
            yield from inner
            before = inner or before
        elif field.required:
            yield Mistake(pointer=_join(pointer, name), detail=N_("This field is missing."))
            before = name
    if before is None:
        # Each field is right by itself: __post_init__ found that they do not go together.
        try:
            msgspec.convert(document, kind, strict=strict)
        except msgspec.ValidationError as fault:
            yield _explained(str(fault), pointer)


def _join(pointer: str, name: str) -> str:
    """A step further (RFC 6901); names of a caller are cut, parameters stand alone."""
    step = name[:60].replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{step}" if pointer else step


_PLACE = re.compile(r" - at `(?P<place>[^`]*)`$")
_STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")
_EXPLANATIONS = (
    (
        re.compile(r"Expected `(?:str|array|object)` of length >= (?P<limit>\d+)"),
        N_("At least {limit} are needed."),
    ),
    (
        re.compile(r"Expected `(?:str|array|object)` of length <= (?P<limit>\d+)"),
        N_("At most {limit} are allowed."),
    ),
    (re.compile(r"Expected `\w+` >= (?P<limit>\S+)"), N_("The value has to be {limit} or more.")),
    (re.compile(r"Expected `\w+` > (?P<limit>\S+)"), N_("The value has to be more than {limit}.")),
    (re.compile(r"Expected `\w+` <= (?P<limit>\S+)"), N_("The value has to be {limit} or less.")),
    (re.compile(r"Expected `\w+` < (?P<limit>\S+)"), N_("The value has to be less than {limit}.")),
    (re.compile(r"Object missing required field"), N_("A field is missing.")),
    (re.compile(r"Object contains unknown field"), N_("There is a field that is not known.")),
    (re.compile(r"Invalid enum value"), N_("This is none of the possible values.")),
    (re.compile(r"Expected `(?P<expected>[^`]+)`"), N_("A value of the type {expected} is expected.")),
)


def _explained(message: str, pointer: str) -> Mistake:
    """Say what msgspec says, without the value, in a sentence that can be translated."""
    place = _PLACE.search(message)
    if place:
        for name, index in _STEP.findall(place["place"]):
            pointer = _join(pointer, name or index)
    for pattern, detail in _EXPLANATIONS:
        found = pattern.match(message)
        if found:
            return Mistake(pointer=pointer, detail=detail, params=found.groupdict())
    return Mistake(pointer=pointer, detail=N_("This value is not valid."))
