"""`make mutation`: how many small wrongs in `policies/` and its packs the tests and the corpus notice.

Prints JSON: of code and of packs, how many mutants there were, how many were killed (those that ran out of
time among them), and the names of those that survived. Exits 1 below 95 %, 2 where the tests fail unmutated.

The runner is our own, because rules and figures are data: what mutates Python leaves them alone. A child that
is forked after the libraries were imported is ready in a fraction of the time that a process takes.
"""

import argparse
import importlib
import os
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain

from tests.mutation import code_mutants, pack_mutants
from tests.mutation.children import Fate, Mutant, fates
from tests.mutation.suites import ROOT, report, sound, survives_in_code

WANTED = 0.95
SEED = 20_261_121
LIMIT_S = 90.0
EACH = 50


def main() -> int:
    wish = _parsed()
    if not sound():
        sys.stderr.write("The tests of the policies fail without any mutant: mend them first.\n")
        return 2
    figures = {}
    if wish.only != "packs":
        figures["code"] = _figures(_chosen(_of_code(), wish), survives_in_code)
    if wish.only != "code":
        # imports the policies: as long as code is mutated, each child has to read them anew
        suite = importlib.import_module("tests.mutation.pack_suite")
        texts = suite.texts_of_packs().items()
        mutants = chain.from_iterable(pack_mutants.mutants_of(file, text) for file, text in texts)
        figures["packs"] = _figures(_chosen(mutants, wish), suite.survives_in_packs)
    report(figures)
    return 0 if all(part["share"] >= WANTED for part in figures.values()) else 1


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Mutate the policies and their packs.")
    parser.add_argument("--only", choices=("code", "packs"))
    parser.add_argument("--match", default="", help="only mutants whose name holds this")
    parser.add_argument("--sample", type=int, help="so many mutants of each part, drawn at random")
    parser.add_argument("--seed", type=int, default=SEED)
    return parser.parse_args()


def _of_code() -> Iterable[code_mutants.CodeMutant]:
    for path in sorted((ROOT / "policies").glob("*.py")):
        yield from code_mutants.mutants_of(f"policies/{path.name}", path.stem, path.read_text("utf-8"))


def _chosen(mutants: Iterable[Mutant], wish: argparse.Namespace) -> list[Mutant]:
    fitting = [mutant for mutant in mutants if wish.match in mutant.name]
    if wish.sample is None or wish.sample >= len(fitting):
        return fitting
    return random.Random(wish.seed).sample(fitting, wish.sample)  # noqa: S311 - drawn anew by anybody


def _figures(mutants: list[Mutant], survives: Callable[[Mutant], bool]) -> dict[str, object]:
    met = Counter[Fate]()
    survivors = []
    for mutant, fate in fates(mutants, survives, at_once=os.cpu_count() or 1, limit_s=LIMIT_S):
        met[fate] += 1
        if fate is Fate.SURVIVED:
            survivors.append(mutant.name)
            sys.stderr.write(f"survived: {mutant.name}\n")
        if met.total() % EACH == 0:
            sys.stderr.write(f"{met.total()} of {len(mutants)}, {len(survivors)} survived\n")
    killed = met.total() - met[Fate.SURVIVED]
    return {
        "mutants": met.total(),
        "killed": killed,
        "timed_out": met[Fate.TIMED_OUT],
        "share": round(killed / met.total(), 4) if met else 1.0,
        "survivors": sorted(survivors),
    }


if __name__ == "__main__":
    sys.exit(main())
