"""Every problem has a status, a code and a title that is translated; none is made around the registry."""

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest

import federation
import region_node
from locales.supported import CATALOGUE_LOCALES
from locales.translator import translator_for
from region_node.errors import GiveUp, InternalFault, Problem, all_problems


def imported_problems():
    for package in (region_node, federation):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)
    return all_problems()


def subclasses(kind):
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


def is_ours(kind):
    """Whether *kind* is no problem that a test has planted."""
    return kind.__module__.startswith(("region_node.", "federation."))


def offences(kind):
    if kind.status not in range(400, 600):
        yield "status"
    if kind.__bases__ == (Problem,) and kind is not InternalFault:
        yield "no branch says what the caller can do"
    if not title_is_marked(kind):
        yield "title is not marked with N_"
    yield from (
        f"title is not translated to {locale}"
        for locale in CATALOGUE_LOCALES
        if kind.title not in translator_for(locale).texts.single
    )


def title_is_marked(kind):
    """Whether the title is written as ``N_("...")``, or taken from another problem."""
    tree = ast.parse(Path(inspect.getsourcefile(kind)).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == kind.__name__:
            for line in node.body:
                if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "title":
                    value = line.value
                    return isinstance(value, ast.Attribute) or (
                        isinstance(value, ast.Call) and getattr(value.func, "id", "") == "N_"
                    )
    return False


def test_every_problem_is_whole_and_translated():
    ours = filter(is_ours, imported_problems().values())
    found = {kind.__qualname__: list(offences(kind)) for kind in ours}
    assert {} == {name: wrong for name, wrong in found.items() if wrong}


def test_every_problem_that_can_be_raised_is_in_the_registry():
    registered = {kind for kind in imported_problems().values() if is_ours(kind)}
    leaves = {kind for kind in subclasses(Problem) if "code" in vars(kind) and is_ours(kind)}
    assert leaves == registered


@pytest.fixture
def planted():
    """A problem that is registered for one test only."""
    kind = type(
        "PlantedProblem", (GiveUp,), {"code": "planted_problem", "status": 404, "title": "Not in a catalogue"}
    )
    yield kind
    vars(importlib.import_module("region_node.errors"))["_CODES"].pop("planted_problem")


def test_a_planted_problem_without_translation_is_found(planted):
    wrong = list(offences(planted))
    assert "title is not marked with N_" in wrong
    assert {f"title is not translated to {locale}" for locale in CATALOGUE_LOCALES} <= set(wrong)


def test_a_planted_problem_without_a_code_cannot_be_defined():
    with pytest.raises(TypeError, match="code"):
        type("Planted", (GiveUp,), {"status": 404, "title": "Planted"})
