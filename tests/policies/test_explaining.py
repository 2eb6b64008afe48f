from dataclasses import replace
from datetime import date

import pytest

from policies.explaining import Change, explain
from policies.facts import HOME, Facts, InstrumentKind, Signal
from policies.loading import load_packs
from policies.ruling import Effect
from policies.vocabulary import DataCategory, Purpose
from tests.policies.test_lint import rule
from tests.policies.test_loading import GOOD

ADULT = Facts(
    jurisdiction="eu",
    overlay="DE",
    age_years=40,
    purpose=Purpose.LEADERBOARD,
    category=DataCategory.DISPLAY_NAME,
    destination_country=HOME,
    at=date(2027, 1, 1),
)
CONSENT = frozenset({(Purpose.LEADERBOARD, None)})
HEALTH = replace(ADULT, purpose=Purpose.ANALYSIS, category=DataCategory.HEART_RATE)
GIVEN = replace(ADULT, consents=CONSENT)
CALIFORNIAN = replace(
    GIVEN,
    jurisdiction="us-ca",
    overlay="",
    purpose=Purpose.MARKETING_PUSH,
    consents=frozenset({(Purpose.MARKETING_PUSH, None)}),
    signals=frozenset(Signal),
)
ABROAD = replace(GIVEN, category=DataCategory.SCORE, destination_country="US")


def changes(packs, facts, **values):
    return set(explain(packs, replace(facts, **values)).changes)


def report(packs, facts, name):
    (found,) = [report for report in explain(packs, facts).reports if report.rule == name]
    return found


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(ADULT, {("consent",)}, id="a-consent-is-asked-for"),
        pytest.param(HEALTH, {("category-consent",)}, id="health-by-name"),
        pytest.param(GIVEN, set(), id="nothing-where-it-is-allowed"),
        pytest.param(replace(GIVEN, restricted=True), {("restriction",)}, id="restriction-lifted"),
        pytest.param(
            replace(GIVEN, objections=frozenset({Purpose.LEADERBOARD})),
            {("objection",)},
            id="objection-taken-back",
        ),
        pytest.param(ABROAD, {("instrument",), ("destination",)}, id="a-ground-or-home"),
        pytest.param(
            replace(ABROAD, consents=frozenset()),
            {("consent", "instrument"), ("consent", "destination")},
            id="two-things-together",
        ),
        pytest.param(replace(GIVEN, age_years=15), {("guardian",), ("age:16",)}, id="guardian-or-years"),
        pytest.param(
            replace(GIVEN, category=DataCategory.EMAIL),
            set(),
            id="nothing-helps-what-stays-home",
        ),
    ],
)
def test_changes_are_the_smallest_that_allow(packs, facts, expected):
    assert expected <= changes(packs, facts) if expected else not changes(packs, facts)


def test_no_change_holds_another(packs):
    found = changes(packs, ABROAD, consents=frozenset(), age_years=14)
    assert found
    assert not [(less, more) for less in found for more in found if set(less) < set(more)]


def test_a_rule_that_did_not_apply_says_what_it_missed(packs):
    found = report(packs, ABROAD, "eu.transfer-instrument")
    assert (False, ("instrument",)) == (found.applied, found.unmet)
    accepted = replace(ABROAD, instruments=frozenset({InstrumentKind.STANDARD_CLAUSES}))
    assert report(packs, accepted, "eu.transfer-instrument").applied


def test_the_ruling_is_decided_by_rules_that_applied(packs):
    explanation = explain(packs, ABROAD)
    assert Effect.DENY is explanation.ruling.effect
    assert set(explanation.ruling.rules) <= {one.rule for one in explanation.reports if one.applied}


def test_rules_of_the_channels_are_looked_at_for_samples(packs):
    samples = replace(HEALTH, category=DataCategory.WORKOUT_SAMPLES)
    bare = replace(samples, channels=frozenset())
    looked_at = {one.rule for one in explain(packs, samples).reports}
    assert {one.rule for one in explain(packs, bare).reports} < looked_at


@pytest.mark.parametrize("named", [DataCategory.HEART_RATE, DataCategory.PRECISE_LOCATION])
def test_a_rule_that_applies_to_one_channel_is_told_to_apply(named):
    packs = load_packs({"aa.toml": GOOD + rule("given", when="category_consent = true")})
    consents = frozenset({(Purpose.ANALYSIS, named)})
    samples = replace(HEALTH, category=DataCategory.WORKOUT_SAMPLES, jurisdiction="aa", overlay="")
    found = report(packs, replace(samples, consents=consents), "aa.given")
    assert (True, ()) == (found.applied, found.unmet)


def test_what_rests_on_memory_is_marked(packs):
    """Slovenia's age was only recalled, though the rule that names it was read."""
    slovenian = replace(ADULT, overlay="SI", age_years=14)
    found = report(packs, slovenian, "eu.guardian-needed")
    assert found.applied
    assert found.recalled
    assert explain(packs, slovenian).ruling.recalled
    assert not report(packs, replace(slovenian, overlay="AT", age_years=13), "eu.guardian-needed").recalled


def test_an_unknown_law_has_no_rules_to_look_at(packs):
    explanation = explain(packs, replace(ADULT, jurisdiction="xx"))
    assert (Effect.DENY, (), ()) == (explanation.ruling.effect, explanation.reports, explanation.changes)


def test_every_change_is_one_that_somebody_needs(packs):
    asked = [
        replace(ABROAD, age_years=15, restricted=True),
        replace(GIVEN, objections=frozenset({Purpose.LEADERBOARD})),
        ADULT,
        HEALTH,
        CALIFORNIAN,
    ]
    named = {word for facts in asked for change in changes(packs, facts) for word in change}
    assert set(Change) == {Change(word.partition(":")[0]) for word in named}
