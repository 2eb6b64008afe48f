"""The tests that a mutant has to get past: those of the policies, the likeliest to notice first."""

import importlib.abc
import importlib.util
import json
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import msgspec  # noqa: F401 - imported once, before children are forked
import pycountry  # noqa: F401 - as above
import pytest
from hypothesis import settings

from tests.mutation.children import Fate, fates
from tests.mutation.code_mutants import CodeMutant
from tests.mutation.pack_mutants import PackMutant

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests" / "policies"
CORPUS = TESTS / "corpus"
LOADERS = ("loading", "rule_loading", "section_loading")
ENGINES = ("differential", "engine")
LIKELY = {
    **dict.fromkeys(("documents", "pack", "source", "rule_loading", "section_loading", "sections"), LOADERS),
    **dict.fromkeys(("compiling", "destinations", "law", "leaves", "verdicts", "rule", "facts"), ENGINES),
    "engine": ENGINES,
    "reference_engine": ("differential", "explaining"),
    "ruling": ("differential", "deciding_rules"),
    "grid": ("lint", "difference"),
    "dpv": ("vocabulary",),
    "authorities": ("breaches",),
}
"""By module, whose tests are tried first, beside those that have its name."""

SOUND_S = 600.0
ON_PACKS = (
    "figures",
    "deadlines",
    "retention",
    "thresholds",
    "signup",
    "shipped_packs",
    "every_question",
    "corpus",
    "deciding_rules",
)
"""Tests of what the packs say, beside the cases of the corpus."""


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


def survives_in_packs(mutant: PackMutant) -> bool:
    """Try the cases of the mutant's own jurisdiction first: they take a fifth of a second."""
    # here, because the code has to be unread where code is mutated
    from policies.corpus import read_cases, run  # noqa: PLC0415
    from policies.engine import Engine  # noqa: PLC0415
    from policies.loading import PLATFORM_FILE, load_packs  # noqa: PLC0415
    from region_node import packs  # noqa: PLC0415

    files, platform = packs.shipped_files(), packs.shipped_platform()
    if mutant.file == PLATFORM_FILE:
        platform = mutant.text
    else:
        files[mutant.file] = mutant.text
    law = load_packs(files, platform)
    engine = Engine(law)
    for name in (mutant.file.replace(".toml", ".json"), "platform.json"):
        cases = read_cases(name, (CORPUS / name).read_text("utf-8"), law)
        if not all(result.passed for result in run(cases, engine)):
            return False
    packs.shipped_files = lambda: dict(files)
    packs.shipped_platform = lambda: platform
    return passes([TESTS / f"test_{name}.py" for name in ON_PACKS])


def texts_of_packs() -> dict[str, str]:
    from policies.loading import PLATFORM_FILE  # noqa: PLC0415 - as above
    from region_node import packs  # noqa: PLC0415

    return {**packs.shipped_files(), PLATFORM_FILE: packs.shipped_platform()}


def report(figures: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")
