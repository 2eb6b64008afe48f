from pathlib import Path

import pytest

from policies.documents import FaultyDocuments
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
    faults = faults_of(GOOD + '[regions.b]\ngroup = "one"\ncountry = "FR"\ndatacenter = "a"\n')
    assert faults == ["regions.toml: regions.b.datacenter: is that of a"]


def test_a_file_without_regions_is_refused():
    assert "regions.toml: regions: names no region" in faults_of("")
