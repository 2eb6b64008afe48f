"""The tests that a mutant has to get past: those of the policies, the likeliest to notice first."""

import importlib.abc
import importlib.util
import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import msgspec  # noqa: F401 - so that no child has to
import pycountry  # noqa: F401 - as above
import pytest
from hypothesis import settings

from tests.mutation.children import Fate, fates
from tests.mutation.code_mutants import CodeMutant

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests" / "policies"
LOADERS = ("loading", "rule_loading", "section_loading")
ENGINES = ("differential", "engine", "grounds")
LIKELY = {
    **dict.fromkeys(("documents", "pack", "source", "rule_loading", "section_loading", "sections"), LOADERS),
    **dict.fromkeys(("compiling", "destinations", "law", "leaves", "verdicts", "rule", "facts"), ENGINES),
    "engine": ENGINES,
    "reference_engine": ("differential", "explaining"),
    "ruling": ("differential", "deciding_rules", "refusing"),
    "grid": ("lint", "difference"),
    "dpv": ("vocabulary",),
    "authorities": ("breaches",),
}
"""By module, whose tests are tried first, beside those that have its name."""

SOUND_S = 600.0


def passes(files: list[Path]) -> bool:
    """Whether the tests in *files* pass."""
    settings.register_profile("mutation", derandomize=True, deadline=None, database=None)
    settings.load_profile("mutation")
    ini = str(Path(__file__).with_name("pytest.ini"))
    where = [f"--rootdir={ROOT}", f"--confcutdir={TESTS}", "-c", ini]
    return pytest.main([*where, *map(str, files)]) == pytest.ExitCode.OK


def code_tests(module: str) -> tuple[list[Path], list[Path]]:
    """Return the test files that are likely to notice what is wrong in *module*, and the others."""
    files = sorted(TESTS.glob("test_*.py"))
    likely = {f"test_{name}" for name in (module, *LIKELY.get(module, ()))}
    return [file for file in files if file.stem in likely], [
        file for file in files if file.stem not in likely
    ]


def sound() -> bool:
    """Whether the tests pass as things are, in a child that leaves nothing imported here."""
    everything = [*code_tests("")[0], *code_tests("")[1]]
    ((_, fate),) = fates(["nothing"], lambda _: passes(everything), at_once=1, limit_s=SOUND_S)
    return fate is Fate.SURVIVED


def survives_in_code(mutant: CodeMutant) -> bool:
    sys.meta_path.insert(0, _Wrong(mutant))
    return all(passes(files) for files in code_tests(mutant.module) if files)


class _Wrong(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives out the mutant when its module is imported."""

    def __init__(self, mutant: CodeMutant) -> None:
        self._mutant = mutant
        self._name = f"policies.{mutant.module}"

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        del path, target
        return importlib.util.spec_from_loader(name, self) if name == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._mutant.source, self._name, "exec"), module.__dict__)  # noqa: S102 - our own source


def report(figures: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
