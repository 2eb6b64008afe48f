"""Reads a parsed TOML document key by key and collects every mistake, instead of stopping at the first.

A reading method always returns a value of its type; where the document has none, the value is a stand-in that
never gets out, because `Reading.finish` raises as soon as there is one mistake.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

Choice = TypeVar("Choice", bound=StrEnum)

_MISSING = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One mistake, with the place to correct it."""

    file: str
    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}: {self.path}: {self.problem}" if self.path else f"{self.file}: {self.problem}"


class FaultyDocuments(ValueError):
    """The files were refused; *faults* names every mistake in all of them."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@dataclass(slots=True)
class Reading:
    """The mistakes found so far, over all files of one loading."""

    faults: list[Fault] = field(default_factory=list)

    def document(self, file: str, text: str) -> "Table":
        """Parse *text*; a syntax error is one mistake and gives an empty table that reports no others."""
        try:
            return Table(values=tomllib.loads(text), file=file, path="", reading=self)
        except tomllib.TOMLDecodeError as error:
            self.faults.append(Fault(file=file, path="", problem=f"is not TOML: {error}"))
            return Table(values={}, file=file, path="", reading=Reading())

    def finish(self) -> None:
        """Raise `FaultyDocuments` unless everything was in order."""
        if self.faults:
            raise FaultyDocuments(tuple(self.faults))


@dataclass(slots=True, kw_only=True)
class Table:
    """One table of a document; remembers which keys were asked for."""

    values: dict[str, Any]
    file: str
    path: str
    reading: Reading
    known: set[str] = field(default_factory=set)

    def fault(self, key: str, problem: str) -> None:
        path = ".".join(part for part in (self.path, key) if part)
        self.reading.faults.append(Fault(file=self.file, path=path, problem=problem))

    def has(self, key: str) -> bool:
        return key in self.values

    def text(self, key: str, default: str | None = None) -> str:
        value = self._get(key, str, default)
        if not value and default is None and isinstance(self.values.get(key), str):
            self.fault(key, "is empty")
        return value or ""

    def flag(self, key: str, *, default: bool | None = None) -> bool:
        return bool(self._get(key, bool, default))

    def whole(self, key: str, low: int, high: int) -> int:
        value = self._get(key, int, None)
        if value is None:
            return low
        if not low <= value <= high:
            self.fault(key, f"is {value}, not between {low} and {high}")
        return int(value)

    def day(self, key: str) -> date | None:
        """Return a date that may be left out."""
        value = self._get(key, date, _MISSING)
        if isinstance(value, datetime):
            self.fault(key, "is a moment, not a date")
        return value if isinstance(value, date) else None

    def choice(self, key: str, names: type[Choice]) -> Choice:
        value = self._get(key, str, None)
        if value is not None and value not in set(names):
            self.fault(key, f"is {value!r}, not one of {', '.join(names)}")
        return names(value) if value in set(names) else next(iter(names))

    def texts(self, key: str, *, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        values = self._get(key, list, default)
        if not all(isinstance(value, str) and value for value in values or ()):
            self.fault(key, "holds something else than texts")
            return ()
        if len(set(values or ())) != len(values or ()):
            self.fault(key, "names something twice")
        return tuple(values or ())

    def table(self, key: str, *, optional: bool = False) -> "Table":
        values = self._get(key, dict, {} if optional else None)
        path = ".".join(part for part in (self.path, key) if part)
        unheard = self.reading if values is not None else Reading()
        return Table(values=values or {}, file=self.file, path=path, reading=unheard)

    def tables(self, key: str) -> Iterator["Table"]:
        """Yield the tables of an array, which may be left out."""
        for index, values in enumerate(self._get(key, list, _MISSING) or ()):
            path = f"{self.path}.{key}[{index}]".lstrip(".")
            if isinstance(values, dict):
                yield Table(values=values, file=self.file, path=path, reading=self.reading)
            else:
                self.fault(f"{key}[{index}]", "is not a table")

    def named_tables(self, key: str) -> Iterator[tuple[str, "Table"]]:
        """Yield the tables below *key* by name; it may be left out."""
        outer = self.table(key, optional=True)
        for name in outer.values:
            yield name, outer.table(name)

    def close(self) -> None:
        """Report every key that nothing asked for: a misspelt rule must not be passed over in silence."""
        for key in self.values.keys() - self.known:
            self.fault(key, "is not known")

    def _get(self, key: str, kind: type, default: Any) -> Any:
        self.known.add(key)
        value = self.values.get(key, _MISSING)
        if value is _MISSING:
            if default is None:
                self.fault(key, "is missing")
            return None if default is _MISSING else default
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fault(key, f"is not {_KINDS[kind]}")
            return None
        return value


_KINDS = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    date: "a date",
    list: "a list",
    dict: "a table",
}
