"""Every command has help, an example that would run, output for programs, and says with what it exits."""

import ast
import inspect
import shlex
import textwrap

import pytest
import typer

from cli.app import NOUNS, app
from cli.exit_codes import ExitCode
from cli.reference import EXIT_MEANINGS, Described, every_command
from tests.support.sources import ROOT

WITHOUT_OUTPUT = {
    "meridian node run": "serves until it is stopped; its log is JSON",
    "meridian demo": "its last line is always JSON",
}
# What these mean is the same everywhere, and stands once at the head of the reference.
COMMON_EXITS = {ExitCode.OK, ExitCode.USAGE, ExitCode.UNREACHABLE}
COMMANDS = list(every_command())


def offences(described):
    if len(described.help) < len("Do this."):
        yield "no help"
    if not described.example:
        yield "no example"
    elif not names(described.example, described.name):
        yield "the example is of another command"
    else:
        asked = {word.partition("=")[0] for word in shlex.split(described.example) if word.startswith("-")}
        yield from (f"the example uses {option}" for option in sorted(asked - described.options))
    if "--output" not in described.options and described.name not in WITHOUT_OUTPUT:
        yield "no --output"
    yield from (f"{option.opts[0]} has no help" for option in described.parameters if not (option.help or ""))
    for code in exits_of(described.command.callback) - COMMON_EXITS:
        if str(code.value) not in described.help or "xits" not in described.help:
            yield f"does not say that it exits {code.value}"


def names(example, command):
    """Whether the words of *command* stand in *example*, in their order; options may stand between."""
    words = iter(shlex.split(example))
    return all(word in words for word in command.split())


def exits_of(callback):
    """The statuses that the body of a command names in `typer.Exit(...)`."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(callback))))
    named = {
        node.attr
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "Exit"
        for node in ast.walk(call)
        if isinstance(node, ast.Attribute) and node.attr in ExitCode.__members__
    }
    return {ExitCode[name] for name in named}


def planted(function):
    noun = typer.Typer(add_completion=False)
    noun.command()(function)
    command = typer.main.get_command(noun)
    text, _, example = (command.help or "").partition("Example: ")
    return Described("meridian planted", text.strip(), example.strip(), command, tuple(command.params))


@pytest.mark.parametrize("described", COMMANDS, ids=lambda one: one.name)
def test_a_command_is_whole(described):
    assert [] == list(offences(described))


def test_every_noun_has_a_module_and_every_module_with_commands_is_a_noun():
    with_commands = {
        path.stem for path in (ROOT / "cli").glob("*.py") if "\napp = typer.Typer(" in path.read_text()
    }
    assert with_commands - {"app"} == NOUNS.keys()
    assert sorted(NOUNS) == list(NOUNS)


def test_every_noun_says_in_the_root_help_what_it_is_for():
    root = typer.main.get_command(app)
    assert [] == [noun for noun in NOUNS if not root.get_command(None, noun).help]


def test_every_reason_for_a_command_without_output_is_still_needed():
    without = {one.name for one in COMMANDS if "--output" not in one.options}
    assert without == WITHOUT_OUTPUT.keys()


def test_every_exit_status_has_a_meaning():
    assert EXIT_MEANINGS.keys() == set(ExitCode)


def test_a_planted_command_without_help_example_and_output_is_found():
    def bare():
        raise typer.Exit(ExitCode.CONFLICT)

    found = list(offences(planted(bare)))
    assert {"no help", "no example", "no --output", "does not say that it exits 5"} == set(found)


def test_a_planted_example_with_an_option_that_does_not_exist_is_found():
    def planted_command(output: str = "text"):
        """Do what is planted.

        Example: meridian planted --force
        """
        return output

    found = list(offences(planted(planted_command)))
    assert ["the example uses --force", "--output has no help"] == found
