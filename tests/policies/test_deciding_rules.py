"""An answer names what it rests on, and nothing that only looks as if it did."""

from dataclasses import replace
from datetime import date

import pytest

from policies.facts import ADULT_YEARS, HOME, Facts, InstrumentKind
from policies.vocabulary import DataCategory, Purpose
from region_node.packs import shipped_engine, shipped_packs
from tests.policies.test_every_question import (
    ADEQUATE,
    CONSENTS_FROM,
    HEALTH,
    HEALTH_BY_NAME,
    IDS,
    MARKETING,
    NO_GROUND_ASKED,
    SHARING,
    SHOWN,
)

CLUB = Facts(
    jurisdiction="ru",
    overlay="",
    age_years=ADULT_YEARS,
    purpose=Purpose.CLUB,
    category=DataCategory.SCORE,
    destination_country=HOME,
    at=date(2026, 11, 21),
    consents=frozenset({(Purpose.CLUB, None)}),
)
GUARDED = replace(CLUB, consents=frozenset(), guardian_consent=True)
HEART_RATE = replace(
    CLUB,
    jurisdiction="in",
    purpose=Purpose.ANALYSIS,
    category=DataCategory.HEART_RATE,
    consents=frozenset({(Purpose.ANALYSIS, DataCategory.HEALTH)}),
)
NOTICE = frozenset({InstrumentKind.NOTICE})
CLAUSES = frozenset({InstrumentKind.STANDARD_CLAUSES})
SHARED, BY_GUARDIAN = "platform.shared-with-consent", "platform.shared-by-guardian"

CASES = [
    pytest.param(CLUB, ["platform.shared-with-consent", "ru.consent-stands-alone"], id="consent-in-russia"),
    pytest.param(replace(CLUB, at=date(2025, 8, 31)), [SHARED], id="not-apart-before-september-2025"),
    pytest.param(replace(GUARDED, age_years=17), [BY_GUARDIAN], id="a-guardians-consent-alone"),
    pytest.param(
        replace(CLUB, destination_country="AM", instruments=NOTICE),
        [SHARED, "ru.consent-stands-alone", "ru.transfer-instrument"],
        id="a-notice-from-russia",
    ),
    pytest.param(replace(CLUB, jurisdiction="eu"), ["eu.consent-is-proven", SHARED], id="consent-in-the-eu"),
    pytest.param(replace(GUARDED, jurisdiction="eu", age_years=15), [BY_GUARDIAN], id="a-guardian-in-the-eu"),
    pytest.param(
        replace(CLUB, jurisdiction="eu", destination_country="JP"),
        ["eu.consent-is-proven", "eu.transfer-adequate", SHARED],
        id="adequate",
    ),
    pytest.param(
        replace(CLUB, jurisdiction="eu", destination_country="IN", instruments=CLAUSES),
        ["eu.consent-is-proven", "eu.transfer-instrument", SHARED],
        id="clauses",
    ),
    pytest.param(
        replace(CLUB, jurisdiction="eu", destination_country="JP", instruments=CLAUSES),
        ["eu.consent-is-proven", "eu.transfer-adequate", "eu.transfer-instrument", SHARED],
        id="adequate-and-clauses",
    ),
    pytest.param(
        replace(HEART_RATE, at=date(2027, 5, 12)), ["in.health-with-written-consent"], id="india-last-day"
    ),
    pytest.param(
        replace(HEART_RATE, at=date(2027, 5, 13)), ["in.health-is-not-special"], id="india-first-day"
    ),
    pytest.param(replace(CLUB, jurisdiction="in"), [SHARED], id="at-home-in-india"),
    pytest.param(
        replace(CLUB, jurisdiction="us-ca", purpose=Purpose.MARKETING_EMAIL, category=DataCategory.EMAIL),
        ["us-ca.marketing-until-objection"],
        id="nobody-was-asked",
    ),
    pytest.param(
        replace(
            CLUB, age_years=15, jurisdiction="eu", category=DataCategory.DATE_OF_BIRTH, guardian_consent=True
        ),
        ["platform.birth-year", "platform.birth-year-by-guardian"],
        id="both-agreed-to-the-year-of-birth",
    ),
    pytest.param(
        replace(GUARDED, category=DataCategory.DATE_OF_BIRTH, jurisdiction="eu", age_years=15),
        ["platform.birth-year-by-guardian"],
        id="the-guardian-agreed-to-the-year-of-birth",
    ),
    pytest.param(
        replace(CLUB, jurisdiction="eu", guardian_consent=True),
        ["eu.consent-is-proven", SHARED],
        id="an-adult-has-no-guardian",
    ),
    pytest.param(
        replace(CLUB, jurisdiction="eu", rights=True, consents=frozenset()),
        ["platform.own-right"],
        id="own-right",
    ),
]


@pytest.mark.parametrize(("facts", "rules"), CASES)
def test_an_answer_names_the_rules_that_hold_and_no_others(facts, rules):
    assert rules == list(shipped_engine().decide(facts).rules)


STUDIED = SHARING | {"research"}
GUARDED_PURPOSES = {"account", "analysis", "support"} | STUDIED | MARKETING
STATES = sorted(shipped_packs().by_jurisdiction["eu"].overlays)
BEFORE = {"br": date(2026, 3, 16), "au": date(2025, 12, 9)}
"""Days on which the stricter laws for minors were not in force yet."""


def rules_for(law, purpose, category, **facts):
    jurisdiction, _, overlay = law.partition("/")
    known = {"jurisdiction": jurisdiction, "overlay": overlay, "purpose": Purpose(purpose)}
    known |= {"category": DataCategory(category), "consents": frozenset()} | facts
    return shipped_engine().decide(replace(CLUB, **known)).rules


def consent(purpose, category=None):
    return frozenset({(Purpose(purpose), DataCategory(category) if category else None)})


@pytest.mark.parametrize("law", sorted(CONSENTS_FROM.keys() - {"eu/FR"}))
def test_a_child_is_refused_for_each_purpose_by_the_article_on_its_age(law):
    protected = MARKETING | {"recommendation"} if law == "in" else set()
    facts = {"age_years": CONSENTS_FROM[law] - 1, "at": BEFORE.get(law, CLUB.at)}
    for purpose in GUARDED_PURPOSES - protected:
        assert f"{law}.guardian-needed" in rules_for(law, purpose, "timestamp", **facts)


@pytest.mark.parametrize("state", STATES)
def test_a_member_states_own_article_stands_in_each_refusal(state):
    overlay = shipped_packs().by_jurisdiction["eu"].overlays[state]
    (limit,) = overlay.ages.values()
    child = {"age_years": limit.years - 1}
    for purpose in GUARDED_PURPOSES if overlay.rules else ():
        assert f"eu/{state.lower()}.guardian-needed" in rules_for(
            f"eu/{state}", purpose, "timestamp", **child
        )
    assert rules_for(f"eu/{state}", "club", "score", **child, rights=True) == ("platform.own-right",)


def test_the_link_to_a_guardian_is_asked_for_in_brazil_for_the_account_alone():
    for purpose in GUARDED_PURPOSES:
        rules = rules_for("br", purpose, "timestamp", age_years=12)
        assert (purpose == "account") is ("br.guardian-linked" in rules)


@pytest.mark.parametrize("law", sorted(HEALTH_BY_NAME - {"in"}))
def test_health_rests_on_its_own_article_for_each_purpose(law):
    for purpose in {"analysis"} | STUDIED:
        for kind in HEALTH:
            named = consent(purpose, kind)
            assert f"{law}.health-with-consent" in rules_for(law, purpose, kind, consents=named)
            assert f"{law}.health-without-consent" in rules_for(law, purpose, kind)


def test_a_limit_on_sensitive_data_holds_in_california_for_each_purpose():
    for purpose in {"analysis"} | STUDIED:
        refused = rules_for("us-ca", purpose, "health", objections=frozenset({Purpose(purpose)}))
        assert "us-ca.health-use-limited" in refused


@pytest.mark.parametrize("law", sorted(CONSENTS_FROM.keys() - {"eu/FR"}))
def test_an_objection_to_each_way_of_advertising_names_its_article(law):
    for purpose in MARKETING:
        refused = rules_for(law, purpose, "display-name", objections=frozenset({Purpose(purpose)}))
        assert f"{law}.marketing-objection" in refused


@pytest.mark.parametrize(("law", "rule"), [("eu", "consent-is-proven"), ("ru", "consent-stands-alone")])
def test_a_consent_rests_on_its_article_for_each_purpose_and_category(law, rule):
    for purpose in STUDIED:
        categories = IDS | {"score", "country", "coarse-location", "workout-summary", "workout-samples"}
        for category in categories if purpose == "research" else SHOWN | {"workout-samples"}:
            given = {"consents": consent(purpose), "channels": frozenset()}
            assert f"{law}.{rule}" in rules_for(law, purpose, category, **given)


def test_what_is_the_owners_alone_is_so_for_each_purpose():
    for purpose in STUDIED:
        for category in ("precise-location", "email", "phone", "credential", "device"):
            assert "platform.not-for-sharing" in rules_for("eu", purpose, category)
    for purpose in MARKETING:
        for category in HEALTH | {"relationship", "score", "date-of-birth", "precise-location"}:
            assert "platform.not-for-marketing" in rules_for("eu", purpose, category)
        for category in ("workout-summary", "workout-samples", "photo", "free-text", "credential"):
            assert "platform.not-for-marketing" in rules_for("eu", purpose, category, channels=frozenset())


RECORDED = {
    **dict.fromkeys(
        ("eu", "gb", "ru", "br", "sg", "ca", "ca-qc", "in", "za", "au", "kr", "ch"), ("record", 0)
    ),
    "jp": ("record", 365),
    "cn": ("record", 1095),
    "tr": ("notify", 5),
}


@pytest.mark.parametrize("law", RECORDED)
def test_a_transfer_brings_the_duty_to_write_it_down(law):
    kinds = CLAUSES | NOTICE
    facts = replace(CLUB, jurisdiction=law, destination_country="NG", instruments=kinds)
    facts = replace(facts, consents=facts.consents | consent("club", "score"))
    found = shipped_engine().decide(facts)
    of_consent = {"GDPR Art. 7(1)", "152-FZ Art. 9(1)"}
    assert [RECORDED[law]] == [
        (duty.kind, duty.days) for duty in found.obligations if duty.ref not in of_consent
    ]


def test_a_consent_in_the_eu_and_russia_is_written_down():
    for law in ("eu", "ru"):
        found = shipped_engine().decide(replace(CLUB, jurisdiction=law))
        assert [duty.kind for duty in found.obligations] == ["record"]


def test_every_law_is_looked_at():
    laws = set(shipped_packs().by_jurisdiction)
    assert laws == {*RECORDED, "us", "us-ca"}
    assert laws > NO_GROUND_ASKED | ADEQUATE.keys()
