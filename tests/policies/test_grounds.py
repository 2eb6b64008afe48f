"""What a ruling rests on: articles, the weakest certainty, the mark of memory; two parts abroad."""

from dataclasses import replace

import pytest

from policies.facts import ADULT_YEARS, HOME, InstrumentKind
from policies.ruling import Effect, Reason
from policies.vocabulary import Certainty, DataCategory, Purpose
from region_node.packs import shipped_engine
from tests.policies.test_deciding_rules import CLUB
from tests.policies.test_engine import ABROAD, ALLOWED, CHAT, CONSERVATIVE, SAMPLES, engine, for_category
from tests.policies.test_lint import TRANSFER, rule
from tests.policies.test_loading import GOOD

LAW = GOOD + CONSERVATIVE
BELOW = rule("child", "needs-guardian", 'guardian = false\nunder_age = "conservative"')
AGED = rule("aged", when='at_home = true\nfrom_age = "conservative"')
CERTAIN = (("Act 1",), Certainty.HIGH, False)
BY_MEMORY = (("Act 1", "Act 1 s.3"), Certainty.LOW, True)
CLAUSES = frozenset({InstrumentKind.STANDARD_CLAUSES})
WEAK_TRANSFER = TRANSFER.replace(
    'certainty = "high"\nbasis = "seen"', 'certainty = "low"\nbasis = "recall"', 1
)


def rests_on(ruling):
    return ruling.articles, ruling.certainty, ruling.recalled


def recalled(text):
    return text.replace('certainty = "high"\nbasis = "seen"', 'certainty = "low"\nbasis = "recall"')


@pytest.mark.parametrize(
    ("rules", "years", "age", "expected"),
    [
        pytest.param([BELOW, ALLOWED], 18, 17, BY_MEMORY, id="held-back-for-being-below-it"),
        pytest.param([BELOW, ALLOWED], 16, 16, BY_MEMORY, id="a-minor-let-through-for-having-reached-it"),
        pytest.param([BELOW, ALLOWED], 16, 17, BY_MEMORY, id="until-the-last-day-as-a-minor"),
        pytest.param([BELOW, ALLOWED], 16, 18, CERTAIN, id="who-is-of-age-has-reached-every-age"),
        pytest.param([BELOW, ALLOWED], 16, ADULT_YEARS, CERTAIN, id="an-adult"),
        pytest.param([AGED], 16, 17, BY_MEMORY, id="a-minor-let-through-by-the-rule-that-names-it"),
        pytest.param([AGED], 16, 18, CERTAIN, id="an-adult-by-the-same-rule"),
        pytest.param([AGED], 20, 20, CERTAIN, id="an-adult-above-a-later-age"),
        pytest.param([BELOW, ALLOWED], 20, 19, BY_MEMORY, id="an-adult-below-a-later-age"),
    ],
)
def test_an_age_counts_for_who_is_below_it_and_for_minors_who_have_reached_it(rules, years, age, expected):
    law = engine(*rules, pack=LAW.replace("years = 18", f"years = {years}"))
    assert expected == rests_on(law.decide(replace(CHAT, age_years=age)))


def test_an_age_spares_only_from_rules_whose_other_conditions_hold():
    law = engine(BELOW, ALLOWED, pack=LAW.replace("years = 18", "years = 16"))
    guarded = replace(CHAT, age_years=17, guardian_consent=True)
    assert CERTAIN == rests_on(law.decide(guarded))


def test_an_age_spares_from_nothing_where_a_stronger_rule_decides():
    law = engine(BELOW, rule("no", "deny", "objected = false"), pack=LAW.replace("years = 18", "years = 16"))
    assert CERTAIN == rests_on(law.decide(replace(CHAT, age_years=17)))


@pytest.mark.parametrize(("age", "expected"), [(17, (Certainty.LOW, True)), (18, (Certainty.HIGH, False))])
def test_an_age_that_a_rule_names_as_a_figure_stands_with_the_rule(age, expected):
    law = engine(recalled(rule("child", "deny", "under_age = 17")), ALLOWED)
    ruling = law.decide(replace(CHAT, age_years=age))
    assert expected == (ruling.certainty, ruling.recalled)


def test_an_allow_rests_on_the_sources_of_its_duties():
    duty = 'obligations = [{kind = "retain", days = 1, ref = "Act 9"}]\n[rules.when]'
    reduced = rule("part", "redact", "at_home = true", further='fields = ["day"]')
    bound = recalled(rule("bound", when="at_home = true")).replace("[rules.when]", duty)
    assert (("Act 1",), Certainty.LOW, True) == rests_on(engine(reduced, bound).decide(CHAT))


@pytest.mark.parametrize(
    ("rules", "facts", "articles"),
    [
        pytest.param(
            [ALLOWED, rule("adequate", when="adequate = true")], {}, {"Act 1", "Act 1 s.21"}, id="finding"
        ),
        pytest.param(
            [ALLOWED, rule("paper", when="at_home = false\ninstrument = true")],
            {"instruments": CLAUSES},
            {"Act 1", "Act 1 s.20"},
            id="kinds-of-instruments",
        ),
        pytest.param(
            [ALLOWED, rule("none", "deny", "at_home = false\nadequate = false")],
            {"destination_country": "US"},
            {"Act 1", "Act 1 s.20"},
            id="not-among-the-findings",
        ),
    ],
)
def test_a_transfer_rests_on_what_the_law_says_of_it(rules, facts, articles):
    ruling = engine(WEAK_TRANSFER, *rules).decide(replace(ABROAD, **facts))
    assert articles == set(ruling.articles)
    assert (Certainty.LOW, True) == (ruling.certainty, ruling.recalled) or "Act 1 s.21" in ruling.articles


def test_what_goes_abroad_needs_a_ground_at_home_and_one_to_go():
    ground, transfer = (
        rule("ground", when="at_home = true\nconsent = true"),
        rule("free", when="at_home = false"),
    )
    agreed = replace(ABROAD, consents=frozenset({(Purpose.CHAT, None)}))
    law = engine(ground, transfer)
    assert ("aa.free", "aa.ground") == law.decide(agreed).rules
    assert (Effect.DENY, (Reason.NO_RULE,)) == (law.decide(ABROAD).effect, law.decide(ABROAD).reasons)
    assert Effect.DENY is engine(ground).decide(agreed).effect
    assert ("aa.ground",) == law.decide(replace(agreed, destination_country=HOME)).rules


def test_what_would_be_reduced_at_home_is_reduced_abroad():
    law = engine(
        rule("part", "redact", "at_home = true", further='fields = ["day"]'),
        rule("free", when="at_home = false"),
    )
    ruling = law.decide(ABROAD)
    assert (Effect.REDACT, ("aa.free", "aa.part"), ("day",)) == (ruling.effect, ruling.rules, ruling.fields)


@pytest.mark.parametrize("weaker", ["heart-rate", "precise-location", "workout-samples"])
def test_samples_rest_on_the_weakest_of_what_they_hold(weaker):
    rules = [
        for_category(rule(part, when="at_home = true"), part)
        for part in ("heart-rate", "precise-location", "workout-samples")
    ]
    law = engine(*(recalled(text) if weaker in text else text for text in rules))
    assert (("Act 1",), Certainty.LOW, True) == rests_on(law.decide(SAMPLES))


def test_samples_rest_on_an_age_that_counts_for_one_channel_alone():
    law = engine(for_category(BELOW, "heart-rate"), ALLOWED, pack=LAW.replace("years = 18", "years = 16"))
    assert BY_MEMORY == rests_on(law.decide(replace(SAMPLES, age_years=17)))


@pytest.mark.parametrize(
    ("jurisdiction", "age", "expected"),
    [
        pytest.param("ch", 16, (Certainty.MEDIUM, True), id="the-swiss-age-is-a-reading"),
        pytest.param("gb", 13, (Certainty.HIGH, True), id="the-british-one-was-not-read"),
        pytest.param("us", 13, (Certainty.HIGH, False), id="the-american-one-was"),
        pytest.param("ch", 18, (Certainty.HIGH, False), id="of-age-in-switzerland"),
    ],
)
def test_a_minors_own_consent_is_as_certain_as_the_age_that_makes_it_one(jurisdiction, age, expected):
    ruling = shipped_engine().decide(replace(CLUB, jurisdiction=jurisdiction, age_years=age))
    assert (Effect.ALLOW, *expected) == (ruling.effect, ruling.certainty, ruling.recalled)


def test_no_article_on_the_age_of_children_stands_in_an_answer_on_an_adult():
    unasked = shipped_engine().decide(replace(CLUB, jurisdiction="eu", consents=frozenset()))
    assert (Effect.NEEDS_CONSENT, ("platform.consent-needed",)) == (unasked.effect, unasked.rules)
    assert not [article for article in unasked.articles if "Art. 8" in article]


def test_a_share_abroad_names_the_consent_and_the_transfer():
    facts = replace(CLUB, jurisdiction="eu", destination_country="BR", category=DataCategory.DISPLAY_NAME)
    ruling = shipped_engine().decide(facts)
    assert {Reason.CONSENT_GIVEN, Reason.TRANSFER_GROUND} == set(ruling.reasons)
    assert {"GDPR Art. 7(1)", "GDPR Art. 45", "Implementing Decision (EU) 2026/179"} <= set(ruling.articles)
