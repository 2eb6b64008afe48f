import pytest

from policies.documents import FaultyDocuments
from policies.loading import HIGHEST_AGE, load_packs
from policies.vocabulary import AgeRule

GOOD = """
schema = 1
id = "aa"
version = "2030-01-01"
name = "Aland"
laws = ["Act 1"]
countries = ["AA"]

[residency]
class = "none"
ref = "Act 1"
certainty = "high"
basis = "seen"

[ages.digital-consent]
years = 14
ref = "Act 1 s.2"
certainty = "high"
basis = "seen"
"""

OVERLAY = """
[overlays.AA.ages.digital-consent]
years = 15
ref = "Act 2"
certainty = "low"
basis = "recall"
effective = 2030-01-01
note = "since 2030"
"""


def faults_of(files):
    with pytest.raises(FaultyDocuments) as refused:
        load_packs(files)
    return [str(fault) for fault in refused.value.faults]


def test_a_good_pack_loads():
    pack = load_packs({"aa.toml": GOOD + OVERLAY}).by_country["AA"]
    assert pack.jurisdiction == "aa"
    assert pack.overlays["AA"].ages["digital-consent"].years == 15
    assert not pack.needs_enabling


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("schema = 1", "schema = 2", "schema: is not 1", id="another-schema"),
        pytest.param("schema = 1", "", "schema: is missing", id="no-schema"),
        pytest.param('id = "aa"', 'id = "bb"', "id: is 'bb', which the file is not named for", id="other-id"),
        pytest.param('"2030-01-01"', '"v1"', "version: is not a date", id="version"),
        pytest.param('name = "Aland"', 'name = ""', "name: is empty", id="empty-text"),
        pytest.param('name = "Aland"', "name = 3", "name: is not a text", id="wrong-type"),
        pytest.param('["AA"]', '["Aa"]', "countries: names 'Aa', which is no ISO 3166 code", id="country"),
        pytest.param('["AA"]', '["AA", "AA"]', "countries: names something twice", id="country-twice"),
        pytest.param('["AA"]', '["AA", 1]', "countries: holds something else than texts", id="list-item"),
        pytest.param('class = "none"', 'class = "lax"', "residency.class: is 'lax', not one of", id="class"),
        pytest.param(
            "years = 14", "years = 90", "ages.digital-consent.years: is 90, not between", id="age-range"
        ),
        pytest.param("years = 14", "years = true", "years: is not a whole number", id="boolean-is-no-age"),
        pytest.param("years = 14", "year = 14", "ages.digital-consent.year: is not known", id="misspelt-key"),
        pytest.param(
            "[ages.digital-consent]", "[ages.digital]", "ages.digital: is not one of", id="unknown-rule"
        ),
        pytest.param(
            'ref = "Act 1 s.2"',
            'ref = "Act 1 s.2"\neffective = 2031-01-01',
            "ages: has no rule that is in force on every day",
            id="a-day-without-an-age",
        ),
        pytest.param(
            'ref = "Act 1 s.2"',
            'ref = "Act 1 s.2"\neffective = 2031-01-01T00:00:00',
            "effective: is a moment, not a date",
            id="moment-for-a-date",
        ),
        pytest.param('basis = "seen"', "", "basis: is missing", id="no-basis"),
        pytest.param("schema = 1", "schema = ", "is not TOML", id="syntax"),
        pytest.param(
            'countries = ["AA"]',
            'countries = ["AA"]\nsubdivisions = ["BB-C"]',
            "subdivisions: names 'BB-C', which lies in none of the countries",
            id="foreign-subdivision",
        ),
        pytest.param(
            'countries = ["AA"]',
            'countries = ["AA"]\nneeds_enabling = true',
            "needs_enabling: is set, but there are no subdivisions",
            id="nothing-to-enable",
        ),
    ],
)
def test_a_mistake_is_named_with_file_and_path(old, new, expected):
    assert old in GOOD
    faults = faults_of({"aa.toml": GOOD.replace(old, new)})
    assert any(fault.startswith("aa.toml: ") and expected in fault for fault in faults)


def test_a_file_without_content_is_refused():
    assert "aa.toml: residency: is missing" in faults_of({"aa.toml": ""})


def test_an_overlay_of_a_foreign_country_is_refused():
    faults = faults_of({"aa.toml": GOOD + OVERLAY.replace("AA", "BB")})
    assert faults == ["aa.toml: overlays.BB: is an overlay of a country that the pack does not cover"]


def test_all_mistakes_of_all_files_are_reported_at_once():
    other = GOOD.replace('"aa"', '"bb"').replace('"AA"', '"BB"')
    faults = faults_of(
        {
            "aa.toml": GOOD.replace("years = 14", "years = 0").replace('class = "none"', 'class = "x"'),
            "bb.toml": other.replace('name = "Aland"', ""),
            "cc.toml": "[",
        }
    )
    assert [fault.split(":")[0] for fault in faults] == ["aa.toml", "aa.toml", "bb.toml", "cc.toml"]


def test_two_packs_may_not_claim_one_country():
    faults = faults_of({"aa.toml": GOOD, "bb.toml": GOOD.replace('"aa"', '"bb"')})
    assert faults == ["bb.toml: countries: names 'AA', which aa.toml covers already"]


def test_a_country_is_whole_or_divided():
    divided = GOOD.replace('"aa"', '"aa-x"').replace('["AA"]', '["AA"]\nsubdivisions = ["AA-X"]')
    faults = faults_of({"aa.toml": GOOD, "aa-x.toml": divided})
    assert faults == ["aa.toml: countries: names 'AA' whole, but other packs divide it"]


@pytest.mark.parametrize(
    ("years", "fits"), [(0, False), (1, True), (HIGHEST_AGE, True), (HIGHEST_AGE + 1, False)]
)
def test_an_age_is_a_year_at_least_and_below_all_that_laws_know(years, fits):
    text = GOOD.replace("years = 14", f"years = {years}")
    if fits:
        assert years == load_packs({"aa.toml": text}).by_country["AA"].ages[AgeRule.DIGITAL_CONSENT].years
        return
    with pytest.raises(FaultyDocuments) as refused:
        load_packs({"aa.toml": text})
    assert ["ages.digital-consent.years"] == [fault.path for fault in refused.value.faults]
