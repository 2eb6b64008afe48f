"""What a ruling costs: over the packs that ship, by the number of rules, and beside the plain evaluator.

Every decide is timed by itself between two readings of the monotonic clock, and what two readings in a row
take is subtracted. The facts are distinct and in random order, each with consents and objections of its own,
and no ruling is kept from one to the next. Garbage collection runs as it does in a node.
"""

import random
import time
from collections.abc import Callable, Sequence
from statistics import median

from cli.benchmarks.policy_law import facts_on_packs, facts_on_rules, generated_law
from policies.engine import Engine
from policies.facts import Facts
from policies.pack import PackSet
from policies.reference_engine import ReferenceEngine
from policies.ruling import Ruling
from region_node.packs import shipped_engine

SEED = 20_261_121
SIZES = (10, 100, 1_000, 10_000, 30_000)
LEAST_FACTS = 10_000
RUNS = 5
COMPARED = 500
US_PER_NS = 0.001

Decide = Callable[[Facts], Ruling]


class WrongRuling(Exception):
    """The figures would be of an engine that answers wrongly, or that leaves rules out."""


def run(sizes: Sequence[int] = SIZES, least_facts: int = LEAST_FACTS) -> dict[str, object]:
    """Measure; takes a minute. Raises `WrongRuling`."""
    dice = random.Random(SEED)  # noqa: S311 - drawn anew by anybody # nosec B311
    engine = shipped_engine()
    engine.warm()
    facts = facts_on_packs(dice, engine.packs, least_facts)
    reference = ReferenceEngine(engine.packs).decide
    _compare(engine.decide, reference, facts)
    return {
        **_median_of_runs([(engine.decide, facts)])[0],
        "by_rules": _by_rules(dice, engine.packs, sizes, least_facts),
        "reference": _figures(_spent(reference, facts)),
    }


def _by_rules(
    dice: random.Random, packs: PackSet, sizes: Sequence[int], least_facts: int
) -> list[dict[str, float]]:
    questions = [_generated(dice, packs, size, least_facts) for size in sizes]
    return [
        {"rules": size, **figures} for size, figures in zip(sizes, _median_of_runs(questions), strict=True)
    ]


def _generated(
    dice: random.Random, packs: PackSet, size: int, least_facts: int
) -> tuple[Decide, list[Facts]]:
    law = generated_law(min(packs.by_jurisdiction.values(), key=lambda pack: pack.jurisdiction), size)
    engine = Engine(law)
    engine.warm()
    facts = facts_on_rules(dice, law, max(least_facts, 2 * size))
    decided_by = {rule for fact in facts for rule in engine.decide(fact).rules}
    idle = size - len(decided_by)
    if idle:
        raise WrongRuling(f"{idle} of {size} generated rules decided nothing")
    _compare(engine.decide, ReferenceEngine(law).decide, facts)
    return engine.decide, facts


def _compare(decide: Decide, reference: Decide, facts: Sequence[Facts]) -> None:
    wrong = sum(decide(fact) != reference(fact) for fact in facts[:COMPARED])
    if wrong:
        raise WrongRuling(f"{wrong} of {COMPARED} rulings differ from those of the reference")


def _median_of_runs(questions: Sequence[tuple[Decide, Sequence[Facts]]]) -> list[dict[str, float]]:
    """Take turns, so that what else the machine does meets all alike."""
    runs = [[_figures(_spent(decide, facts)) for decide, facts in questions] for _ in range(RUNS)]
    by_question = list(zip(*runs, strict=True))
    return [{key: median(one[key] for one in same) for key in same[0]} for same in by_question]


def _spent(decide: Decide, facts: Sequence[Facts]) -> list[int]:
    """Return what each ruling took, in ns, with the clock's own time."""
    clock = time.perf_counter_ns
    spent = [0] * len(facts)
    for number, fact in enumerate(facts):
        begun = clock()
        decide(fact)
        spent[number] = clock() - begun
    return spent


def _figures(spent: Sequence[int]) -> dict[str, float]:
    clock_ns = median(_spent_by_clock())
    in_order = sorted(spent)
    return {
        f"p{percent}_us": round(US_PER_NS * max(0.0, in_order[len(in_order) * percent // 100] - clock_ns), 3)
        for percent in (50, 99)
    }


def _spent_by_clock() -> list[int]:
    clock = time.perf_counter_ns
    return [-(clock() - clock()) for _ in range(LEAST_FACTS)]
