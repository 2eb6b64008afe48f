import pytest

from policies.dpv import CATEGORY_IRIS, LEGAL_BASIS_IRIS, PURPOSE_IRIS
from policies.vocabulary import (
    DataCategory,
    LegalBasis,
    Purpose,
    kinds_of,
    parse_jurisdiction,
    parse_region,
    parse_residency_group,
)


@pytest.mark.parametrize("kind", [DataCategory.HEART_RATE, DataCategory.BODY_WEIGHT])
def test_a_rule_on_health_covers_its_kinds_but_not_the_other_way(kind):
    assert kind.is_a(DataCategory.HEALTH)
    assert kind.kind_of is DataCategory.HEALTH
    assert not DataCategory.HEALTH.is_a(kind)


def test_health_is_itself_heart_rate_and_body_weight():
    expected = {DataCategory.HEALTH, DataCategory.HEART_RATE, DataCategory.BODY_WEIGHT}
    assert expected == kinds_of(DataCategory.HEALTH)


def test_every_other_category_is_only_its_own_kind():
    others = set(DataCategory) - kinds_of(DataCategory.HEALTH)
    assert all(kinds_of(category) == {category} for category in others)


def test_only_what_is_named_so_is_not_personal():
    assert {category for category in DataCategory if not category.is_personal} == {DataCategory.NON_PERSONAL}


def test_every_word_has_a_dpv_term():
    assert set(PURPOSE_IRIS) == set(Purpose)
    assert set(CATEGORY_IRIS) == set(DataCategory)
    assert set(LEGAL_BASIS_IRIS) == set(LegalBasis)
    terms = [*PURPOSE_IRIS.values(), *CATEGORY_IRIS.values(), *LEGAL_BASIS_IRIS.values()]
    assert all(term.startswith("https://w3id.org/dpv") and "#" in term for term in terms)


@pytest.mark.parametrize("name", ["eu", "us-ca", "ca-qc"])
def test_a_jurisdiction_is_a_country_with_or_without_subdivision(name):
    assert parse_jurisdiction(name) == name


@pytest.mark.parametrize("name", ["", "EU", "eu/fr", "europe", "us-", "us-cali", "e u", "eu\n"])
def test_anything_else_is_no_jurisdiction(name):
    with pytest.raises(ValueError, match="not a valid jurisdiction"):
        parse_jurisdiction(name)


@pytest.mark.parametrize("parse", [parse_region, parse_residency_group])
def test_regions_and_groups_have_names_of_words_and_hyphens(parse):
    assert parse("eu-central-1") == "eu-central-1"


@pytest.mark.parametrize("parse", [parse_region, parse_residency_group])
@pytest.mark.parametrize("name", ["", "Eu", "eu--west", "-eu", "eu-", "1eu", "a" * 41, "eu.west", "eu_west"])
def test_names_that_would_break_subjects_or_folders_are_refused(parse, name):
    with pytest.raises(ValueError, match="not a valid re"):
        parse(name)
