"""The compiled engine and the plain evaluator agree, on the packs that ship and on packs drawn at random."""

import random
from pathlib import Path

import pytest

from policies.corpus import read_cases
from policies.engine import Engine
from policies.reference_engine import ReferenceEngine
from policies.ruling import Effect
from region_node.packs import shipped_packs
from tests.support.random_law import FEW_CATEGORIES, FEW_PURPOSES, random_facts, random_packs

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.json"))
SEED = 20_261_121
RULES = (1, 3, 10, 40)
ENOUGH = 3


def shipped_cases(draw, count):
    packs = shipped_packs()
    for _ in range(count):
        yield packs, random_facts(draw, packs)


def drawn_cases(draw, count, per_pack=50):
    for number in range(count // per_pack):
        packs = random_packs(draw, RULES[number % len(RULES)])
        for _ in range(per_pack):
            yield packs, random_facts(draw, packs, FEW_PURPOSES, FEW_CATEGORIES)


def disagreements(cases):
    """Return the first few facts that the two rule on differently, and the effects and reasons met."""
    packs, differing, met = None, [], set()
    for of, facts in cases:
        if of is not packs:
            packs, engine, reference = of, Engine(of, on_fault=pytest.fail), ReferenceEngine(of)
        expected, ruling = reference.decide(facts), engine.decide(facts)
        met |= {ruling.effect, *ruling.reasons}
        if expected != ruling:
            differing.append((facts, expected, ruling))
        if len(differing) == ENOUGH:
            break
    return differing, met


@pytest.mark.parametrize("cases", [shipped_cases, drawn_cases])
def test_engine_and_reference_agree_on_2000_cases(cases):
    differing, met = disagreements(cases(random.Random(SEED), 2_000))  # noqa: S311 - drawn anew by anybody who has the seed
    assert [] == differing
    assert set(Effect) - {Effect.REDACT} <= met


def test_engine_and_reference_agree_on_every_case_of_the_corpus():
    packs = shipped_packs()
    cases = [case for file in CORPUS for case in read_cases(file.name, file.read_text("utf-8"), packs)]
    differing, met = disagreements((packs, case.facts) for case in cases)
    assert [] == differing
    assert {case.effect for case in cases} <= met


@pytest.mark.long
@pytest.mark.parametrize("cases", [shipped_cases, drawn_cases])
@pytest.mark.timeout(600)
def test_engine_and_reference_agree_on_100000_cases(cases):
    differing, met = disagreements(cases(random.Random(SEED + 1), 100_000))  # noqa: S311 - as above
    assert [] == differing
    assert set(Effect) - {Effect.REDACT} <= met
