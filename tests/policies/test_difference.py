import random
from dataclasses import replace
from datetime import date

import pytest

from policies.compiling import compile_law
from policies.difference import ELSEWHERE, _Comparison, difference
from policies.engine import Engine
from policies.facts import HOME
from policies.grid import leaf_at
from policies.law import find_law
from policies.leaves import LeafTables
from policies.loading import load_packs
from policies.pack import PackSet
from policies.ruling import Effect
from policies.vocabulary import DataCategory, Purpose
from region_node.packs import shipped_files, shipped_platform
from tests.support.random_law import FEW_CATEGORIES, FEW_PURPOSES, random_facts, random_packs, random_rule

TODAY = date(2026, 11, 21)
SEED = 5
SINGLE_CATEGORIES = tuple(one for one in FEW_CATEGORIES if one is not DataCategory.WORKOUT_SAMPLES)


def edited(file, old, new):
    files = shipped_files()
    assert old in files[file]
    return load_packs({**files, file: files[file].replace(old, new, 1)}, shipped_platform())


@pytest.fixture(scope="module")
def older_french(packs):
    old = "[overlays.FR.ages.digital-consent]\nyears = 15"
    return difference(packs, edited("eu.toml", old, old.replace("15", "16")), TODAY)


@pytest.fixture(scope="module")
def packs():
    return load_packs(shipped_files(), shipped_platform())


def test_equal_packs_do_not_differ(packs):
    assert () == difference(packs, edited("eu.toml", 'version = "20', 'version = "30'), TODAY)


def test_an_age_changes_rulings_in_its_place_and_band_alone(older_french):
    assert {("eu", "FR", 15, 16)} == {change.people for change in older_french}
    assert set(Purpose) >= {change.scope.purpose for change in older_french} > {Purpose.LEADERBOARD}


def test_a_change_names_effects_and_rules(older_french):
    (change,) = [
        one
        for one in older_french
        if (one.scope.purpose, one.scope.category) == (Purpose.ACCOUNT, DataCategory.COUNTRY)
    ]
    assert (Effect.ALLOW, Effect.NEEDS_GUARDIAN) == (change.before, change.after)
    assert "eu/fr.guardian-needed" in change.rules_after
    assert "eu/fr.guardian-needed" not in change.rules_before
    assert (TODAY, (HOME,)) == (change.since, change.destinations)
    assert not change.only_in_reasons


def test_a_change_to_come_says_when(packs):
    old = "[overlays.FR.ages.digital-consent]\nyears = 15"
    later = edited("eu.toml", old, f"{old.replace('15', '17')}\neffective = 2028-03-01")
    changes = difference(packs, later, TODAY)
    assert {TODAY, date(2028, 3, 1)} == {change.since for change in changes}  # the pack's 16, then 17


def test_another_article_is_a_change_in_reasons_alone(packs):
    changes = difference(packs, edited("br.toml", 'ref = "LGPD Arts. 33-36"', 'ref = "LGPD Art. 33"'), TODAY)
    assert changes
    assert {"br"} == {change.scope.jurisdiction for change in changes}
    assert all(change.only_in_reasons for change in changes)


def test_a_law_that_only_one_version_has_refuses_in_the_other(packs):
    others = tuple(pack for name, pack in packs.by_jurisdiction.items() if name != "sg")
    without = PackSet.of(others, packs.platform)
    gone = difference(packs, without, TODAY)
    assert {"sg"} == {change.scope.jurisdiction for change in gone}
    assert {Effect.DENY} == {change.after for change in gone}
    assert {Effect.DENY} == {change.before for change in difference(without, packs, TODAY)}


@pytest.mark.parametrize("number", range(6))
def test_every_ruling_that_differs_is_covered_by_a_change(number):
    dice = random.Random(SEED + number)  # noqa: S311 - drawn anew by anybody who has the seed
    old = random_packs(dice, 20)
    (pack,) = old.by_jurisdiction.values()
    changed = [*pack.rules[4:], *(random_rule(dice, f"b.9{one}") for one in range(4))]
    transfer = random_packs(dice, 1).by_country["AA"].transfer
    new = PackSet.of((replace(pack, rules=tuple(changed), transfer=transfer),), old.platform)
    changes = difference(old, new, date(2020, 1, 1))
    engines = Engine(old), Engine(new)
    differing = 0
    for _ in range(300):
        facts = random_facts(dice, old, FEW_PURPOSES, SINGLE_CATEGORIES)
        facts = replace(facts, jurisdiction="aa", overlay=facts.overlay.replace("YY", "AA"))
        before, after = (engine.decide(facts) for engine in engines)
        fitting = [one for one in changes if covers(one, facts, before.effect, after.effect)]
        differs = meaning(before) != meaning(after)
        differing += differs
        assert fitting or not differs
    assert differing


def covers(change, facts, before, after):
    scope = change.scope
    return (
        (scope.jurisdiction, scope.overlay, scope.purpose, scope.category)
        == (facts.jurisdiction, facts.overlay, facts.purpose, facts.category)
        and scope.from_age <= facts.age_years
        and (scope.under_age is None or facts.age_years < scope.under_age)
        and ({facts.destination_country, ELSEWHERE} & set(change.destinations))
        and change.since <= facts.at
        and (change.before, change.after) == (before, after)
    )


def meaning(ruling):
    return ruling.effect, ruling.rules, ruling.articles, ruling.obligations, ruling.fields


def test_a_change_to_one_purpose_changes_no_other(packs):
    old = 'ref = "LGPD Art. 18(2)"'
    changes = difference(packs, edited("br.toml", old, 'ref = "LGPD Art. 18"'), TODAY)
    assert {purpose for purpose in Purpose if purpose.startswith("marketing")} == {
        change.scope.purpose for change in changes
    }


def test_cells_and_leaves_that_meet_again_are_not_compared_again(packs):
    law = find_law(packs, "br", "")
    comparison = _Comparison(*(compile_law(law, LeafTables(law.authority)) for _ in range(2)), TODAY)
    leaves = [leaf_at(tables, 0, TODAY, 40, HOME) for tables in (comparison._old, comparison._new)]
    assert comparison._in_leaves(*leaves) is comparison._in_leaves(*leaves)
    assert comparison.changed(0) is comparison.changed(0)
