import random

import pytest

from cli.benchmarks import policy
from cli.benchmarks.policy_law import facts_on_rules, generated_law
from policies.engine import Engine
from policies.reference_engine import ReferenceEngine
from policies.ruling import Effect


@pytest.fixture
def dice():
    return random.Random(policy.SEED)  # noqa: S311 - drawn anew by anybody who has the seed


@pytest.fixture
def law(packs):
    return generated_law(packs.by_country["BR"], 700)


@pytest.fixture(scope="module")
def packs():
    return policy.shipped_engine().packs


def test_figures_have_the_shape_that_is_promised():
    figures = policy.run(sizes=(10, 50), least_facts=200)
    assert {"p50_us", "p99_us", "by_rules", "reference"} == figures.keys()
    assert [10, 50] == [one["rules"] for one in figures["by_rules"]]
    assert all(
        0 < one["p50_us"] <= one["p99_us"] for one in [figures, *figures["by_rules"], figures["reference"]]
    )


def test_every_generated_rule_decides_some_fact(law, dice):
    engine = Engine(law)
    rulings = [engine.decide(facts) for facts in facts_on_rules(dice, law, 1_400)]
    assert {rule.id for rule in law.by_country["BR"].rules} == {name for one in rulings for name in one.rules}
    assert set(Effect) == {ruling.effect for ruling in rulings}


def test_facts_are_distinct_and_as_many_as_wanted(law, dice):
    facts = facts_on_rules(dice, law, 2_000)
    assert 2_000 == len(facts) == len(set(facts))


def test_a_rule_that_decides_nothing_stops_the_benchmark(packs, dice, monkeypatch):
    monkeypatch.setattr(
        policy, "facts_on_rules", lambda dice, law, count: facts_on_rules(dice, law, count)[:5]
    )
    with pytest.raises(policy.WrongRuling, match="generated rules decided nothing"):
        policy._generated(dice, packs, 10, 10)


def test_a_ruling_that_differs_stops_the_benchmark(law, dice):
    facts = facts_on_rules(dice, law, 1_400)
    no_rules = ReferenceEngine(generated_law(law.by_country["BR"], 0))
    with pytest.raises(policy.WrongRuling, match="differ from those of the reference"):
        policy._compare(Engine(law).decide, no_rules.decide, facts)
