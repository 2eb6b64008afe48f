from dataclasses import replace
from datetime import date

import pytest

from policies.retention import Kept, due_of, retention_rules
from policies.sections import CountedFrom, RecordKind
from policies.vocabulary import DataCategory, Purpose

TODAY = date(2026, 11, 21)
DAYS = {
    CountedFrom.COLLECTION: date(2020, 1, 1),
    CountedFrom.LAST_USE: date(2021, 1, 1),
    CountedFrom.WITHDRAWAL: date(2022, 1, 1),
    CountedFrom.CLOSING: date(2023, 1, 1),
}
SUMMARY = Kept(
    record=RecordKind.DATA, purpose=Purpose.ANALYSIS, category=DataCategory.WORKOUT_SUMMARY, days=DAYS
)
SHARED = replace(SUMMARY, purpose=Purpose.LEADERBOARD)
ACCOUNT = replace(SUMMARY, record=RecordKind.ACCOUNT, purpose=Purpose.ACCOUNT)
LOG = replace(SUMMARY, record=RecordKind.SECURITY_LOG, purpose=Purpose.SECURITY, category=DataCategory.DEVICE)
USE = replace(LOG, record=RecordKind.DATA_USE)

CASES = [
    pytest.param("eu", SUMMARY, "closed-account", date(2023, 1, 31), id="a-month-after-closing"),
    pytest.param("ru", SHARED, "after-withdrawal", date(2022, 1, 31), id="russia-30-days-after-withdrawal"),
    pytest.param("ru", SUMMARY, "closed-account", date(2023, 1, 31), id="what-needed-no-consent-stays"),
    pytest.param("kr", SUMMARY, "purpose-met", date(2023, 1, 6), id="korea-five-days"),
    pytest.param("tr", SUMMARY, "closed-account", date(2023, 1, 31), id="turkeys-half-year-is-longer"),
    pytest.param("in", ACCOUNT, "inactive", date(2024, 1, 1), id="india-three-years-without-use"),
    pytest.param("eu", ACCOUNT, "inactive-account", date(2024, 1, 1), id="three-years-everywhere"),
    pytest.param("eu", LOG, "security-log", date(2020, 3, 31), id="logs-90-days"),
    pytest.param("in", LOG, "logs", date(2020, 12, 31), id="india-logs-at-least-a-year"),
    pytest.param("in", USE, "data-use", date(2021, 2, 4), id="ours-is-longer-than-the-least"),
    pytest.param("eu", replace(LOG, record=RecordKind.UNCONFIRMED_SIGNUP), "unconfirmed-signup",
                 date(2020, 1, 8), id="sign-up-7-days"),
    pytest.param("eu", replace(LOG, record=RecordKind.REFUSED_UPLOAD), "refused-upload",
                 date(2020, 1, 31), id="refused-file-30-days"),
    pytest.param("eu", replace(LOG, record=RecordKind.CONSENT), "consent", date(2025, 12, 31), id="proof"),
    pytest.param("eu", replace(LOG, record=RecordKind.REQUEST), "request", date(2025, 12, 31), id="request"),
    pytest.param("ca", replace(LOG, record=RecordKind.INCIDENT), "incident", date(2025, 12, 31), id="breach"),
]  # fmt: skip


@pytest.mark.parametrize(("jurisdiction", "kept", "rule", "on"), CASES)
def test_a_thing_is_due_when_law_or_platform_says(packs, jurisdiction, kept, rule, on):
    due = due_of(kept, retention_rules(packs, jurisdiction, TODAY))
    assert (rule, on) == (due.rule.id, due.on)


def test_nothing_goes_under_a_legal_hold(packs):
    assert due_of(replace(SUMMARY, legal_hold=True), retention_rules(packs, "eu", TODAY)) is None


def test_what_is_in_use_has_no_end_yet(packs):
    in_use = replace(SUMMARY, days={CountedFrom.COLLECTION: TODAY, CountedFrom.LAST_USE: TODAY})
    assert due_of(in_use, retention_rules(packs, "eu", TODAY)) is None


def test_a_least_time_alone_ends_nothing(packs):
    rules = [rule for rule in retention_rules(packs, "ca", TODAY) if rule.at_least]
    assert due_of(replace(LOG, record=RecordKind.INCIDENT), rules) is None


def test_a_rule_that_is_not_in_force_yet_sets_nothing(packs):
    rules = packs.by_jurisdiction["kr"].sections.retention
    assert rules
    later = replace(rules[0], source=replace(rules[0].source, effective=date(2027, 1, 1)))
    kr = packs.by_jurisdiction["kr"]
    changed = replace(kr, sections=replace(kr.sections, retention=(later,)))
    new = replace(packs, by_jurisdiction={"kr": changed})
    assert later not in retention_rules(new, "kr", TODAY)
    assert later in retention_rules(new, "kr", date(2027, 1, 1))


def test_what_rested_on_consent_goes_in_russia_for_each_purpose(packs):
    asked = set(Purpose) - {Purpose.ACCOUNT, Purpose.ANALYSIS, Purpose.SUPPORT, Purpose.SECURITY}
    for purpose in asked:
        due = due_of(replace(SHARED, purpose=purpose), retention_rules(packs, "ru", TODAY))
        assert due.rule.id == "after-withdrawal"
