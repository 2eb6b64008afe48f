"""An answer names what it rests on, and nothing that only looks as if it did."""

from dataclasses import replace
from datetime import date

import pytest

from policies.facts import ADULT_YEARS, HOME, Facts, InstrumentKind
from policies.vocabulary import DataCategory, Purpose
from region_node.packs import shipped_engine

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
        ["ru.transfer-instrument"],
        id="a-notice-from-russia",
    ),
    pytest.param(replace(CLUB, jurisdiction="eu"), ["eu.consent-is-proven", SHARED], id="consent-in-the-eu"),
    pytest.param(replace(GUARDED, jurisdiction="eu", age_years=15), [BY_GUARDIAN], id="a-guardian-in-the-eu"),
    pytest.param(
        replace(CLUB, jurisdiction="eu", destination_country="JP"), ["eu.transfer-adequate"], id="adequate"
    ),
    pytest.param(
        replace(CLUB, jurisdiction="eu", destination_country="IN", instruments=CLAUSES),
        ["eu.transfer-instrument"],
        id="clauses",
    ),
    pytest.param(
        replace(CLUB, jurisdiction="eu", destination_country="JP", instruments=CLAUSES),
        ["eu.transfer-adequate", "eu.transfer-instrument"],
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
