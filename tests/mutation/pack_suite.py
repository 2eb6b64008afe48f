"""The tests that a mutant of a pack has to get past; imports the policies, and so is itself imported late."""

from policies.corpus import read_cases, run
from policies.engine import Engine
from policies.loading import PLATFORM_FILE, load_packs
from region_node import packs
from tests.mutation.pack_mutants import PackMutant
from tests.mutation.suites import TESTS, passes

ON_PACKS = (
    "figures",
    "deadlines",
    "retention",
    "thresholds",
    "signup",
    "consent",
    "shipped_packs",
    "deciding_rules",
    "every_question",
    "corpus",
)
"""Tests of what the packs say, beside the cases of the corpus."""


def survives_in_packs(mutant: PackMutant) -> bool:
    """Try the cases of the mutant's own jurisdiction first: they take a fifth of a second."""
    files, platform = packs.shipped_files(), packs.shipped_platform()
    if mutant.file == PLATFORM_FILE:
        platform = mutant.text
    else:
        files[mutant.file] = mutant.text
    law = load_packs(files, platform)
    engine = Engine(law)
    for name in (mutant.file.replace(".toml", ".json"), "platform.json"):
        cases = read_cases(name, (TESTS / "corpus" / name).read_text("utf-8"), law)
        if not all(result.passed for result in run(cases, engine)):
            return False
    packs.shipped_files = lambda: dict(files)
    packs.shipped_platform = lambda: platform
    return passes([TESTS / f"test_{name}.py" for name in ON_PACKS])


def texts_of_packs() -> dict[str, str]:
    return {**packs.shipped_files(), PLATFORM_FILE: packs.shipped_platform()}
