from datetime import date
from pathlib import Path

import pytest

from policies.documents import FaultyDocuments
from policies.facts import HOME
from policies.vocabulary import Jurisdiction, Region, ResidencyGroup
from region_node.packs import shipped_packs
from region_node.regions import load_regions, read_regions

CONFIG = Path(__file__).parents[2] / "config"

GOOD = """
[groups.one]
jurisdictions = ["eu"]

[regions.a]
group = "one"
country = "DE"
datacenter = "a"
"""

SIGN_OFF = """
[enabled_subdivisions.US-TX]
signed_by = "officer"
signed_on = 2026-01-02
reference = "memo 7"
"""

SECOND = '[regions.b]\ngroup = "one"\ncountry = "FR"\ndatacenter = "b"\n'
ACTIVE = '[active]\neu = "b"\n'


def faults_of(text):
    with pytest.raises(FaultyDocuments) as refused:
        load_regions("regions.toml", text, shipped_packs())
    return [str(fault) for fault in refused.value.faults]


def test_the_shipped_example_is_the_one_of_the_architecture():
    regions = read_regions(CONFIG / "regions.toml", shipped_packs())
    assert {name: set(group.jurisdictions) for name, group in regions.groups.items()} == {
        "europe": {"eu", "gb", "ch"},
        "brazil": {"br"},
        "america": {"us", "us-ca"},
    }
    assert {name: facts.group for name, facts in regions.regions.items()} == {
        "eu-central": "europe",
        "eu-west": "europe",
        "sa-east": "brazil",
        "us-west": "america",
    }
    assert not regions.enabled_subdivisions


def test_the_demo_region_may_hold_all_but_russia_and_china():
    regions = read_regions(CONFIG / "demo-region.toml", shipped_packs())
    assert set(shipped_packs().by_jurisdiction) - regions.held_jurisdictions == {"ru", "cn"}
    assert regions.regions[Region("demo-local")].datacenter == "dc1"
    assert regions.group_of(Region("demo-local")).name == "demo"


def test_a_jurisdiction_leads_to_its_group_and_regions():
    regions = read_regions(CONFIG / "regions.toml", shipped_packs())
    assert regions.group_holding(Jurisdiction("gb")).name == "europe"
    assert regions.group_holding(Jurisdiction("jp")) is None
    held_in = [facts.name for facts in regions.regions_of(ResidencyGroup("europe"))]
    assert held_in == ["eu-central", "eu-west"]


def test_a_state_is_enabled_by_name_with_its_sign_off():
    sign_off = load_regions("regions.toml", GOOD + SIGN_OFF, shipped_packs()).enabled_subdivisions["US-TX"]
    assert (sign_off.signed_by, sign_off.reference) == ("officer", "memo 7")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param('["eu"]', "[]", "groups.one.jurisdictions: is empty", id="holds-nothing"),
        pytest.param('["eu"]', '["eu", "xx"]', "names 'xx', for which there is no pack", id="no-pack"),
        pytest.param("groups.one", "groups.One", "groups.One: is not a name", id="group-name"),
        pytest.param("regions.a", "regions.A_1", "regions.A_1: is not a name", id="region-name"),
        pytest.param('"one"', '"two"', "regions.a.group: is 'two', which is not among", id="no-such-group"),
        pytest.param('"DE"', '"Germany"', "regions.a.country: is 'Germany'", id="country"),
        pytest.param('datacenter = "a"', "", "regions.a.datacenter: is missing", id="no-datacenter"),
        pytest.param('datacenter = "a"', 'datacenter = "a b"', "datacenter: is not a name", id="datacenter"),
        pytest.param('country = "DE"', 'contry = "DE"', "regions.a.contry: is not known", id="misspelt"),
        pytest.param("US-TX", "US-CA", "US-CA: is no subdivision that needs", id="has-a-pack"),
        pytest.param("US-TX", "DE-BY", "DE-BY: is no subdivision that needs", id="needs-none"),
        pytest.param("signed_on = 2026-01-02", "", "signed_on: is missing", id="undated"),
        pytest.param('"officer"', '""', "US-TX.signed_by: is empty", id="nobody-answers"),
        pytest.param("[groups.one]", "[groups.one", "is not TOML", id="syntax"),
    ],
)
def test_a_mistake_is_named_with_its_path(old, new, expected):
    assert old in GOOD + SIGN_OFF
    assert any(expected in fault for fault in faults_of((GOOD + SIGN_OFF).replace(old, new)))


def test_all_mistakes_are_reported_at_once():
    faults = faults_of(GOOD.replace('"DE"', '"de"').replace('["eu"]', '["xx"]') + "[more]\n")
    assert [fault.split(": ")[1] for fault in faults] == [
        "groups.one.jurisdictions",
        "regions.a.country",
        "more",
    ]


def test_a_jurisdiction_is_held_by_one_group():
    other = (
        GOOD.replace("groups.one", "groups.two").replace('"one"', '"two"').replace("regions.a", "regions.b")
    )
    assert faults_of(GOOD + other) == ["regions.toml: groups.two: holds 'eu', as one does"]


def test_a_group_needs_a_region():
    faults = faults_of(GOOD + '[groups.two]\njurisdictions = ["gb"]\n')
    assert faults == ["regions.toml: groups.two: has no region"]


def test_two_regions_of_a_group_do_not_share_a_datacenter():
    faults = faults_of(GOOD + SECOND.replace('"b"', '"a"') + ACTIVE)
    assert faults == ["regions.toml: regions.b.datacenter: is that of a"]


def test_a_file_without_regions_is_refused():
    assert "regions.toml: regions: names no region" in faults_of("")


TWO = (
    GOOD
    + """
[groups.two]
jurisdictions = ["br"]

[regions.b]
group = "two"
country = "BR"
datacenter = "b"

[[instruments]]
origin = "a"
destination = "b"
kind = "standard-clauses"
reference = "contract 1"
valid_until = 2030-06-30

[[instruments]]
origin = "a"
destination = "b"
kind = "certification"
reference = "contract 2"
valid_until = 2029-12-31
"""
)


@pytest.mark.parametrize(
    ("origin", "destination", "at", "kinds"),
    [
        pytest.param("a", "b", date(2029, 12, 31), {"standard-clauses", "certification"}, id="both"),
        pytest.param("a", "b", date(2030, 1, 1), {"standard-clauses"}, id="one-has-ended"),
        pytest.param("a", "b", date(2030, 6, 30), {"standard-clauses"}, id="its-last-day"),
        pytest.param("a", "b", date(2030, 7, 1), set(), id="none-left"),
        pytest.param("b", "a", date(2029, 1, 1), set(), id="not-the-other-way"),
    ],
)
def test_instruments_count_in_their_direction_until_their_last_day(origin, destination, at, kinds):
    regions = load_regions("regions.toml", TWO, shipped_packs())
    assert regions.kinds_between(Region(origin), Region(destination), at) == kinds


@pytest.mark.parametrize(
    ("destination", "jurisdiction", "place"),
    [("a", "eu", HOME), ("b", "eu", "BR"), ("b", "br", HOME), ("a", "br", "DE"), ("a", "jp", "DE")],
)
def test_a_place_is_home_or_the_country_that_the_region_stands_on(destination, jurisdiction, place):
    regions = load_regions("regions.toml", TWO, shipped_packs())
    assert regions.place_of(Region(destination), Jurisdiction(jurisdiction)) == place


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param(
            'origin = "a"', 'origin = "x"', "instruments[0].origin: is 'x', which is not among", id="from"
        ),
        pytest.param('destination = "b"', 'destination = "a"', "is 'a', in the same group", id="within"),
        pytest.param('"certification"', '"handshake"', "instruments[1].kind: is 'handshake'", id="kind"),
        pytest.param('reference = "contract 1"', "", "instruments[0].reference: is missing", id="no-paper"),
        pytest.param("valid_until = 2030-06-30", "", "instruments[0].valid_until: is missing", id="no-end"),
        pytest.param("valid_until", "valid_til", "instruments[0].valid_til: is not known", id="misspelt"),
    ],
)
def test_a_mistake_in_an_instrument_is_named(old, new, expected):
    assert any(expected in fault for fault in faults_of(TWO.replace(old, new)))


def test_the_shipped_instruments_are_marked_as_examples_and_join_all_groups_both_ways():
    regions = read_regions(CONFIG / "regions.toml", shipped_packs())
    assert all(instrument.reference.startswith("EXAMPLE") for instrument in regions.instruments)
    joined = {(one.origin, one.destination) for one in regions.instruments}
    assert joined == {
        (a.name, b.name)
        for a in regions.regions.values()
        for b in regions.regions.values()
        if a.group != b.group
    }


def test_russian_data_is_held_on_russian_soil_only():
    abroad = GOOD.replace('["eu"]', '["ru"]')
    assert load_regions("regions.toml", abroad.replace('"DE"', '"RU"'), shipped_packs()).regions
    faults = faults_of(abroad)
    assert len(faults) == 1
    assert (
        "regions.a.country: is DE, but its group holds 'ru', whose data must stay in the country" in faults[0]
    )


def test_the_shipped_example_says_which_region_takes_the_writes():
    regions = read_regions(CONFIG / "regions.toml", shipped_packs())
    assert dict(regions.active) == {
        "eu": "eu-central",
        "ch": "eu-central",
        "gb": "eu-west",
        "br": "sa-east",
        "us": "us-west",
        "us-ca": "us-west",
    }


def test_the_only_region_of_a_group_takes_the_writes():
    assert {"eu": "a"} == load_regions("regions.toml", GOOD, shipped_packs()).active


def test_of_several_regions_one_is_named():
    assert {"eu": "b"} == load_regions("regions.toml", GOOD + SECOND + ACTIVE, shipped_packs()).active


@pytest.mark.parametrize(
    ("active", "expected"),
    [
        ("", "active.eu: is missing: one has 2 regions"),
        ('[active]\neu = "c"\n', "active.eu: is 'c', which is no region of one"),
        ('[active]\neu = "a"\ngb = "a"\n', "active.gb: is not known"),
    ],
)
def test_a_group_without_one_region_that_takes_the_writes_is_refused(active, expected):
    assert [f"regions.toml: {expected}"] == faults_of(GOOD + SECOND + active)
