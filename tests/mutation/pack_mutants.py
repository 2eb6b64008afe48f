"""Small wrongs in packs: a rule gone or turned round, a condition left out, a figure or a day off by one."""

import copy
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import tomli_w

TURNED = {
    "allow": "deny",
    "deny": "allow",
    "needs-consent": "allow",
    "needs-guardian": "allow",
    "redact": "allow",
}
LISTS = {"countries", "instruments", "purposes", "categories", "countries_of_concern"}
TEXTS = {"ref", "note", "certainty", "basis", "id", "name", "laws", "version", "schema"}

Path = tuple[str | int, ...]
Change = Callable[[Any, str | int], None]


@dataclass(frozen=True)
class PackMutant:
    """`text` is the whole pack as it would be."""

    name: str
    file: str
    text: str


def mutants_of(file: str, text: str) -> Iterator[PackMutant]:
    pack = tomllib.loads(text)
    for path, what, change in _changes(pack, ()):
        mutated = copy.deepcopy(pack)
        holder = mutated
        for step in path[:-1]:
            holder = holder[step]
        change(holder, path[-1])
        yield PackMutant(f"{file}:{_spelt(pack, path)} {what}", file, tomli_w.dumps(mutated))


def _changes(value: Any, path: Path) -> Iterator[tuple[Path, str, Change]]:
    """Yield where something can be wrong, what it is, and how to make it so in the thing that holds it."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key not in TEXTS:
                yield from _changes(part, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for place, part in enumerate(value):
            yield (*path, place), "gone", _drop
            yield from _changes(part, (*path, place))
    elif path:
        yield from _in_value(value, path)


def _in_value(value: Any, path: Path) -> Iterator[tuple[Path, str, Change]]:
    key = path[-1]
    if isinstance(value, bool):
        yield path, f"not {value}", lambda holder, at: holder.update({at: not value})
        if "when" in path:
            yield path, "without condition", _drop
    elif isinstance(value, int):
        yield path, f"{value} plus 1", lambda holder, at: holder.update({at: value + 1})
    elif isinstance(value, date):
        yield path, "a day later", lambda holder, at: holder.update({at: value + timedelta(days=1)})
    elif key == "effect":
        yield path, f"{value} to {TURNED[value]}", lambda holder, at: holder.update({at: TURNED[value]})
    elif isinstance(value, list) and key in LISTS and len(path) > 1:
        for item in value:
            rest = [one for one in value if one != item]
            yield path, f"without {item}", lambda holder, at, rest=rest: holder.update({at: rest})
    elif "when" in path:
        yield path, "without condition", _drop


def _drop(holder: Any, at: str | int) -> None:
    del holder[at]


def _spelt(pack: dict[str, Any], path: Path) -> str:
    """Return *path* with rules by their ids."""
    parts: list[str] = []
    value: Any = pack
    for step in path:
        value = value[step]
        named = isinstance(step, int) and isinstance(value, dict)
        parts.append(str(value.get("id", step) if named else step))
    return ".".join(parts)
