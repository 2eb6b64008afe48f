"""Looks into the types of bodies and queries: are their lists limited, and what is wrong with a document."""

import itertools
import re
from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import inspect

from locales.messages import N_
from region_node.errors import Mistake

MAX_MISTAKES = 50


def unbounded_lists(kind: type[msgspec.Struct]) -> Iterator[str]:
    """Places in *kind* where a caller could send a list or a map of any length."""
    yield from _unbounded(inspect.type_info(kind), kind.__name__, set())


def _unbounded(info: inspect.Type, place: str, seen: set[type]) -> Iterator[str]:
    if isinstance(info, inspect.Metadata):
        yield from _unbounded(info.type, place, seen)
        return
    if isinstance(info, inspect.CollectionType | inspect.DictType) and info.max_length is None:
        yield place
    for name, inner in _parts(info, seen):
        yield from _unbounded(inner, f"{place}{name}", seen)


def _parts(info: inspect.Type, seen: set[type]) -> Iterator[tuple[str, inspect.Type]]:
    if isinstance(info, inspect.StructType):
        if info.cls not in seen:
            seen.add(info.cls)
            yield from ((f".{field.name}", field.type) for field in info.fields)
    elif isinstance(info, inspect.UnionType):
        yield from (("", option) for option in info.types)
    elif isinstance(info, inspect.CollectionType):
        yield "[]", info.item_type
    elif isinstance(info, inspect.DictType):
        yield "{}", info.value_type


def mistakes_of(kind: Any, document: Any, *, strict: bool, prefix: str = "#") -> list[Mistake]:
    """Everything that keeps *document* from being a *kind*; the slow way, taken after a conversion failed.

    *strict* is False where texts stand for numbers, as in a query; pointers begin with *prefix*.
    """
    return list(itertools.islice(_Finder(strict).mistakes(kind, document, prefix), MAX_MISTAKES))


class _Finder:
    def __init__(self, strict: bool) -> None:  # noqa: FBT001 - one flag, passed on
        self._strict = strict

    def mistakes(self, kind: Any, document: Any, pointer: str) -> Iterator[Mistake]:
        if document is None and _takes_none(kind):
            return
        kind = _without_none(kind)
        inner = list(self._inside(kind, document, pointer))
        # Where each part is right by itself, it is the whole that breaks a rule, such as a length.
        yield from inner or self._converted(kind, document, pointer)

    def _inside(self, kind: Any, document: Any, pointer: str) -> Iterator[Mistake]:
        bare = get_args(kind)[0] if get_origin(kind) is Annotated else kind
        if isinstance(bare, type) and issubclass(bare, msgspec.Struct) and isinstance(document, dict):
            yield from self._fields(bare, document, pointer)
        elif get_origin(bare) in {list, tuple, set, frozenset} and isinstance(document, list):
            item_kind = get_args(bare)[0]
            for index, item in enumerate(document):
                yield from self.mistakes(item_kind, item, _join(pointer, str(index)))

    def _fields(
        self, kind: type[msgspec.Struct], document: dict[str, Any], pointer: str
    ) -> Iterator[Mistake]:
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        if kind.__struct_config__.forbid_unknown_fields:
            for name in document.keys() - fields.keys():
                yield Mistake(pointer=_join(pointer, name), detail=N_("There is no field of this name."))
        for name, field in fields.items():
            if name in document:
                yield from self.mistakes(field.type, document[name], _join(pointer, name))
            elif field.required:
                yield Mistake(pointer=_join(pointer, name), detail=N_("This field is missing."))

    def _converted(self, kind: Any, document: Any, pointer: str) -> Iterator[Mistake]:
        try:
            msgspec.convert(document, kind, strict=self._strict)
        except msgspec.ValidationError as fault:
            yield _explained(str(fault), pointer)


def _takes_none(kind: Any) -> bool:
    return get_origin(kind) in {Union, UnionType} and NoneType in get_args(kind)


def _without_none(kind: Any) -> Any:
    """The one kind of an optional; unions of several stay, and are judged as a whole."""
    if _takes_none(kind):
        options = [option for option in get_args(kind) if option is not NoneType]
        if len(options) == 1:
            return options[0]
    return kind


def _join(pointer: str, name: str) -> str:
    """A step further (RFC 6901); names of a caller are cut, parameters stand alone."""
    step = name[:60].replace("~", "~0").replace("/", "~1")
    return f"{pointer}/{step}" if pointer else step


_PLACE = re.compile(r" - at `(?P<place>[^`]*)`$")
_STEP = re.compile(r"\.(\w+)|\[(\d+|\.\.\.)\]")
_EXPLANATIONS = (
    (
        re.compile(r"Expected `str` of length >= (?P<limit>\d+)"),
        N_("The text is too short; its least length is {limit}."),
    ),
    (
        re.compile(r"Expected `str` of length <= (?P<limit>\d+)"),
        N_("The text is too long; its greatest length is {limit}."),
    ),
    (
        re.compile(r"Expected `\w+` of length >= (?P<limit>\d+)"),
        N_("There are too few entries; the least number is {limit}."),
    ),
    (
        re.compile(r"Expected `\w+` of length <= (?P<limit>\d+)"),
        N_("There are too many entries; the greatest number is {limit}."),
    ),
    (re.compile(r"Expected `\w+` >= (?P<limit>\S+)"), N_("The value has to be {limit} or more.")),
    (re.compile(r"Expected `\w+` > (?P<limit>\S+)"), N_("The value has to be more than {limit}.")),
    (re.compile(r"Expected `\w+` <= (?P<limit>\S+)"), N_("The value has to be {limit} or less.")),
    (re.compile(r"Expected `\w+` < (?P<limit>\S+)"), N_("The value has to be less than {limit}.")),
    (re.compile(r"Object missing required field"), N_("A field is missing.")),
    (re.compile(r"Object contains unknown field"), N_("There is a field that is not known.")),
    (re.compile(r"Invalid enum value"), N_("This is none of the possible values.")),
    (re.compile(r"Expected `str` matching regex"), N_("The text is not of the form that is needed.")),
    (re.compile(r"Expected `(?P<expected>[^`]+)`, got"), N_("A value of the type {expected} is expected.")),
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
