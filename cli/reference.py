"""The reference of all commands, written from their own help: ``python -m cli.reference docs/cli.md``."""

import enum
import sys
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from cli.app import app
from cli.exit_codes import ExitCode

EXIT_MEANINGS = {
    ExitCode.OK: "done, nothing to complain about",
    ExitCode.DIFFERENCES: "it worked, and what it found is not as it should be",
    ExitCode.USAGE: "wrong options or settings, or software that is not installed",
    ExitCode.REFUSED: "a rule or a person said no",
    ExitCode.NOT_FOUND: "what was named does not exist",
    ExitCode.CONFLICT: "it does not fit the present state",
    ExitCode.UNREACHABLE: "a server or store did not answer",
    ExitCode.PARTIAL: "some of it worked",
}
_MARKER = "Example: "
_HEAD = """# Commands

Written by `make docs` from the commands' own help; do not edit.
Data goes to stdout, everything else to stderr.

Exit statuses mean the same in every command:

| status | meaning |
|---|---|
"""


@dataclass(frozen=True, slots=True)
class Described:
    """A command as its author described it; *example* is one line, empty where none is given.

    `parameters` are its own and, before them, those of its group.
    """

    name: str
    help: str
    example: str
    command: Any
    parameters: tuple[Any, ...]

    @property
    def options(self) -> frozenset[str]:
        return frozenset(name for one in self.parameters for name in one.opts if name.startswith("-"))


def every_command() -> Iterator[Described]:
    """All commands of `meridian`, groups left out, in the order of their names."""
    yield from _below(typer.main.get_command(app), "meridian")


def _below(group: Any, name: str) -> Iterator[Described]:
    for child in sorted(group.list_commands(None)):
        command = group.get_command(None, child)
        if hasattr(command, "list_commands"):
            yield from _below(command, f"{name} {child}")
        else:
            text, _, said = f"{command.help or ''}\n\n{command.epilog or ''}".partition(_MARKER)
            parameters = (*group.params, *command.params)
            yield Described(f"{name} {child}", text.strip(), " ".join(said.split()), command, parameters)


def reference() -> str:
    statuses = "".join(f"| {code.value} | {meaning} |\n" for code, meaning in EXIT_MEANINGS.items())
    return _HEAD + statuses + "".join(_section(one) for one in every_command())


def _section(one: Described) -> str:
    rows = "".join(_row(parameter) for parameter in one.parameters)
    table = f"| option | meaning |\n|---|---|\n{rows}\n" if rows else ""
    return f"\n## {one.name}\n\n{one.help}\n\n{table}```sh\n{one.example}\n```\n"


def _row(parameter: Any) -> str:
    names = ", ".join(f"`{name}`" for name in parameter.opts)
    if not parameter.opts[0].startswith("-"):
        names = f"`{parameter.metavar or parameter.name.upper()}`"
    notes = [text for text in (_choices(parameter), _default(parameter), _variable(parameter)) if text]
    meaning = " ".join([parameter.help or "", *(f"({note})" for note in notes)]).strip()
    return f"| {names} | {meaning} |\n"


def _choices(parameter: Any) -> str:
    annotation = parameter.type_descriptor.annotation
    for kind in (annotation, *typing.get_args(annotation)):
        if isinstance(kind, type) and issubclass(kind, enum.Enum):
            return "one of " + ", ".join(f"`{member.value}`" for member in kind)
    literals = [value for value in typing.get_args(annotation) if isinstance(value, str)]
    return "one of " + ", ".join(f"`{value}`" for value in literals) if literals else ""


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    value = getattr(parameter.default, "value", parameter.default)
    return f"default `{value}`" if value not in (None, False) else ""


def _variable(parameter: Any) -> str:
    variable = getattr(parameter, "envvar", None)
    return f"or `{variable}`" if variable else ""


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference())
