from datetime import date

import pytest

from policies.documents import FaultyDocuments
from policies.loading import load_packs
from policies.rule import OWN_CONSENT
from policies.ruling import Effect, Obligation, ObligationKind, Reason
from policies.vocabulary import AgeRule, DataCategory, Purpose
from tests.policies.test_loading import GOOD, OVERLAY

RULE = """
[[rules]]
id = "health-needs-consent"
effect = "needs-consent"
reason = "consent-missing"
purposes = ["analysis"]
categories = ["health"]
ref = "Act 1 s.9"
certainty = "high"
basis = "seen"
effective = 2030-01-01
until = 2031-01-01
[rules.when]
category_consent = false
from_age = "own-consent"
under_age = 18
[[rules.obligations]]
kind = "retain"
days = 30
ref = "Act 1 s.10"
"""
REDACT = RULE.replace('"needs-consent"', '"redact"').replace("until =", 'fields = ["day"]\nuntil =')


def faults_of(rules, platform=None):
    with pytest.raises(FaultyDocuments) as refused:
        load_packs({"aa.toml": GOOD + rules}, platform)
    return [str(fault) for fault in refused.value.faults]


def rules_of(rules):
    return load_packs({"aa.toml": GOOD + rules}).by_country["AA"].rules


def test_a_rule_is_read_whole():
    (rule,) = rules_of(RULE)
    assert rule.id == "aa.health-needs-consent"
    assert (rule.effect, rule.reason) == (Effect.NEEDS_CONSENT, Reason.CONSENT_MISSING)
    assert rule.purposes == {Purpose.ANALYSIS}
    assert (rule.when.category_consent, rule.when.consent, rule.when.at_home) == (False, None, None)
    assert (rule.when.from_age, rule.when.under_age) == (OWN_CONSENT, 18)
    assert (rule.source.effective, rule.until) == (date(2030, 1, 1), date(2031, 1, 1))
    assert rule.obligations == (Obligation(kind=ObligationKind.RETAIN, ref="Act 1 s.10", days=30),)


def test_a_category_stands_for_its_kinds():
    (rule,) = rules_of(RULE)
    assert rule.categories == {DataCategory.HEALTH, DataCategory.HEART_RATE, DataCategory.BODY_WEIGHT}


def test_a_star_stands_for_all_that_is_personal():
    (rule,) = rules_of(RULE.replace('["analysis"]', '["*"]').replace('["health"]', '["*"]'))
    assert rule.purposes == set(Purpose)
    assert rule.categories == set(DataCategory) - {DataCategory.NON_PERSONAL}


def test_what_is_not_personal_is_covered_where_it_is_named():
    (rule,) = rules_of(RULE.replace('["health"]', '["*", "non-personal"]'))
    assert rule.categories == set(DataCategory)


def test_rules_stand_in_order_of_their_ids():
    later, earlier = RULE, RULE.replace("health-needs", "a-needs")
    assert [rule.id for rule in rules_of(later + earlier)] == [
        "aa.a-needs-consent",
        "aa.health-needs-consent",
    ]


def test_an_overlays_rule_is_named_for_it():
    rule = RULE.replace("[[rules", "[[overlays.AA.rules").replace("[rules", "[overlays.AA.rules")
    pack = load_packs({"aa.toml": GOOD + OVERLAY + rule}).by_country["AA"]
    assert [one.id for one in pack.overlays["AA"].rules] == ["aa/aa.health-needs-consent"]


def test_an_age_by_name_is_the_rule_of_that_name():
    (rule,) = rules_of(RULE.replace('"own-consent"', '"digital-consent"'))
    assert rule.when.from_age is AgeRule.DIGITAL_CONSENT


def test_a_platform_rule_is_named_for_the_platform():
    platform = 'schema = 1\nversion = "2030-01-01"\n' + RULE
    packs = load_packs({"aa.toml": GOOD}, platform)
    assert [rule.id for rule in packs.platform] == ["platform.health-needs-consent"]


def test_a_platform_rule_names_ages_that_every_pack_has():
    platform = 'schema = 1\nversion = "2030-01-01"\n' + RULE.replace('"own-consent"', '"guardian-link"')
    assert faults_of("", platform) == [
        "platform.toml: rules[0].when.from_age: is 'guardian-link', for which the place sets no figure"
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param('"health-needs', '"Health needs', "rules[0].id: is 'Health needs", id="id"),
        pytest.param('"needs-consent"', '"forbid"', "rules[0].effect: is 'forbid', not one of", id="effect"),
        pytest.param('"consent-missing"', '"because"', "rules[0].reason: is 'because'", id="reason"),
        pytest.param('"analysis"', '"fun"', "rules[0].purposes: names 'fun', which is not", id="purpose"),
        pytest.param('["analysis"]', "[]", "rules[0].purposes: names nothing", id="no-purpose"),
        pytest.param('"health"', '"mood"', "rules[0].categories: names 'mood'", id="category"),
        pytest.param("category_consent", "consents", "rules[0].when.consents: is not known", id="condition"),
        pytest.param('ref = "Act 1 s.9"', "", "rules[0].ref: is missing", id="no-source"),
        pytest.param("until = 2031", "until = 2030", "rules[0].until: is not after the day", id="never"),
        pytest.param("under_age = 18", "under_age = 0", "under_age: is 0, not between 1 and", id="age"),
        pytest.param("under_age = 18", 'signal = "dnt"', "when.signal: is 'dnt', not one of", id="signal"),
        pytest.param(
            '"own-consent"', '"guardian-link"', "from_age: is 'guardian-link', for which", id="age-not-set"
        ),
        pytest.param('"own-consent"', "18", "rules[0].when.under_age: is not above from_age", id="no-ages"),
        pytest.param("under_age = 18", "countries = []", "countries: names nothing", id="no-country"),
        pytest.param("under_age = 18", 'countries = ["zz"]', "countries: names 'zz'", id="country"),
        pytest.param(
            "under_age = 18",
            "at_home = true\nadequate = true",
            "at_home: is true, but other",
            id="abroad-at-home",
        ),
        pytest.param(
            "under_age = 18",
            "at_home = true\ninstrument = false",
            "at_home: is true",
            id="instrument-at-home",
        ),
        pytest.param(
            "under_age = 18", 'at_home = true\ncountries = ["FR"]', "at_home: is true", id="countries-at-home"
        ),
        pytest.param(
            "category_consent = false",
            "category_consent = true\nconsent = false",
            "category_consent: is true, but consent is false",
            id="no-consent-but-one",
        ),
        pytest.param('kind = "retain"', 'kind = "hope"', "obligations[0].kind: is 'hope'", id="obligation"),
        pytest.param(
            "until =", 'fields = ["day"]\nuntil =', "rules[0].fields: has to name", id="fields-kept"
        ),
    ],
)
def test_a_mistake_in_a_rule_is_named_with_its_place(old, new, expected):
    assert old in RULE
    assert any(expected in fault for fault in faults_of(RULE.replace(old, new, 1)))


def test_what_is_redacted_has_to_be_named():
    assert rules_of(REDACT)[0].fields == ("day",)
    assert faults_of(REDACT.replace('fields = ["day"]', ""))[0].startswith("aa.toml: rules[0].fields: has to")


def test_a_rule_without_an_id_is_one_mistake():
    assert faults_of(RULE.replace('"health-needs-consent"', '""')) == ["aa.toml: rules[0].id: is empty"]


def test_two_rules_have_two_ids():
    assert faults_of(RULE + RULE) == [
        "aa.toml: rules[1].id: is 'aa.health-needs-consent', which another rule has"
    ]
