"""The figures of the packs against a copy of what was researched on 2026-11-21."""

from datetime import date

import pytest

from policies.ages import lowest_age
from policies.places import find_place
from policies.ruling import Effect
from policies.sections import Right
from policies.vocabulary import AgeRule, Certainty, ResidencyClass

TODAY = date(2026, 11, 21)

EU_AGES = {
    "AT": 14, "BE": 13, "BG": 14, "HR": 16, "CY": 14, "CZ": 15, "DK": 15, "EE": 13, "FI": 13, "FR": 15,
    "DE": 16, "GR": 15, "HU": 16, "IE": 16, "IT": 14, "LV": 13, "LT": 14, "LU": 16, "MT": 13, "NL": 16,
    "PL": 16, "PT": 13, "RO": 16, "SK": 16, "SI": 15, "ES": 14, "SE": 13, "IS": 13, "LI": 16, "NO": 13,
}  # fmt: skip

# place, digital consent, conservative, guardian link, social media: None where the law has no such rule
OTHER_AGES = [
    ("GB", None, 13, None, None, None),
    ("RU", None, None, 18, None, None),
    ("BR", None, 12, None, 16, None),
    ("US", "US-CA", 13, None, None, None),
    ("US", "US-TX", 13, None, None, None),
    ("CN", None, 14, None, None, None),
    ("SG", None, 13, None, None, None),
    ("JP", None, None, 16, None, None),
    ("CA", "CA-ON", 13, None, None, None),
    ("CA", "CA-QC", 14, None, None, None),
    ("IN", None, 18, None, None, None),
    ("ZA", None, 18, None, None, None),
    ("TR", None, None, 18, None, None),
    ("AU", None, 15, None, None, 16),
    ("KR", None, 14, None, None, None),
    ("CH", None, None, 16, None, None),
]

RULES = (AgeRule.DIGITAL_CONSENT, AgeRule.CONSERVATIVE, AgeRule.GUARDIAN_LINK, AgeRule.SOCIAL_MEDIA)

SEVENTEEN = {
    "au", "br", "ca", "ca-qc", "ch", "cn", "eu", "gb", "in", "jp", "kr", "ru", "sg", "tr", "us", "us-ca",
    "za",
}  # fmt: skip


def test_all_jurisdictions_ship(packs):
    assert set(packs.by_jurisdiction) == SEVENTEEN


def test_every_member_state_has_its_figure_and_no_other_country_is_in(packs):
    assert packs.by_jurisdiction["eu"].countries == set(EU_AGES)


@pytest.mark.parametrize(("country", "years"), EU_AGES.items())
def test_member_states_ages_are_as_researched(packs, country, years):
    place = find_place(packs, country)
    assert place.name == f"eu/{country.lower()}"
    assert lowest_age(place, TODAY).years == years


def test_a_state_without_an_overlay_would_have_the_regulations_sixteen(packs):
    assert packs.by_jurisdiction["eu"].ages[AgeRule.DIGITAL_CONSENT].years == 16


@pytest.mark.parametrize(("country", "subdivision", *"abcd"), OTHER_AGES)
def test_every_age_rule_is_as_researched(packs, country, subdivision, a, b, c, d):  # noqa: PLR0917 - a row of the table
    ages = find_place(packs, country, subdivision).ages
    assert {rule: limit.years for rule, limit in ages.items()} == {
        rule: years for rule, years in zip(RULES, (a, b, c, d), strict=True) if years is not None
    }


@pytest.mark.parametrize(("country", "subdivision", *"abcd"), OTHER_AGES)
def test_the_highest_rule_decides(packs, country, subdivision, a, b, c, d):  # noqa: PLR0917 - a row of the table
    highest = max(years for years in (a, b, c, d) if years is not None)
    assert lowest_age(find_place(packs, country, subdivision), TODAY).years == highest


def test_residency_classes_are_as_researched(packs):
    special = {
        name: pack.residency.residency_class
        for name, pack in packs.by_jurisdiction.items()
        if pack.residency.residency_class is not ResidencyClass.NONE
    }
    assert special == {
        "ru": ResidencyClass.STRICT,
        "cn": ResidencyClass.CONDITIONAL,
        "in": ResidencyClass.CONDITIONAL,
        "tr": ResidencyClass.CONDITIONAL,
    }


def test_only_brazil_refuses_a_persons_own_word_on_age(packs):
    refusing = {name for name, pack in packs.by_jurisdiction.items() if pack.self_declared_age}
    assert refusing == {"br"}
    assert not packs.by_jurisdiction["br"].self_declared_age.enough


@pytest.mark.parametrize(
    ("country", "rule", "first_day"),
    [
        ("BR", AgeRule.GUARDIAN_LINK, date(2026, 3, 17)),
        ("AU", AgeRule.SOCIAL_MEDIA, date(2025, 12, 10)),
        ("DK", AgeRule.DIGITAL_CONSENT, date(2024, 1, 1)),
    ],
)
def test_rules_with_a_first_day_have_it(packs, country, rule, first_day):
    assert find_place(packs, country).ages[rule].source.effective == first_day


def test_only_federal_law_needs_states_to_be_enabled(packs):
    assert {name for name, pack in packs.by_jurisdiction.items() if pack.needs_enabling} == {"us"}


def test_what_is_only_recalled_or_doubtful_is_marked(packs):
    source = find_place(packs, "LI").ages[AgeRule.DIGITAL_CONSENT].source
    assert (source.certainty, source.basis) == (Certainty.LOW, "recall")


def rules_of(packs):
    yield from packs.platform
    for pack in packs.by_jurisdiction.values():
        yield from pack.rules
        for overlay in pack.overlays.values():
            yield from overlay.rules


def test_every_rule_has_a_note_for_its_reader(packs):
    assert not [rule.id for rule in rules_of(packs) if not rule.source.note]


def test_no_rule_that_refuses_stands_between_people_and_their_rights(packs):
    refusing = {
        rule.id
        for rule in rules_of(packs)
        if rule.effect is not Effect.ALLOW and rule.when.rights is not False
    }
    assert refusing == {"platform.rights-are-met-at-home"}


def test_every_pack_says_all_that_a_pack_can_say(packs):
    for pack in packs.by_jurisdiction.values():
        assert pack.transfer is not None
        assert pack.sections.clocks is not None
        assert pack.sections.marketing is not None
        assert set(pack.sections.rights) == set(Right)


def test_a_message_is_quiet_at_night_in_korea_alone(packs):
    quiet = {
        name: (facts.quiet_from, facts.quiet_until, facts.reconfirm_years)
        for name, pack in packs.by_jurisdiction.items()
        if (facts := pack.sections.marketing).quiet_from or facts.reconfirm_years
    }
    assert quiet == {"kr": ("21:00", "08:00", 2)}


def test_an_objection_to_advertising_is_carried_out_within_the_days_of_the_law(packs):
    days = {
        name: pack.sections.marketing.stop_within_business_days
        for name, pack in packs.by_jurisdiction.items()
        if pack.sections.marketing.stop_within_business_days
    }
    assert days == {"ca": 10, "ca-qc": 10, "tr": 3, "au": 5}
