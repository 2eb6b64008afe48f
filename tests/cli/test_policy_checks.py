"""Packs that are looked over, and the record of processing, as an officer gets them."""

import json

import pytest

from policies.dpv import CATEGORY_IRIS, LEGAL_BASIS_IRIS, PURPOSE_IRIS
from policies.vocabulary import DataCategory
from tests.cli.test_policy import policy

NEVER = """
[[rules]]
id = "never-said"
effect = "deny"
reason = "no-rule"
purposes = ["club"]
categories = ["score"]
ref = "nowhere"
certainty = "low"
basis = "recall"
[rules.when]
from_age = 18
under_age = "digital-consent"
"""


def test_the_packs_that_ship_have_nothing_to_mend():
    found = policy("lint", "--output", "json")
    document = json.loads(found.stdout)
    assert (0, True) == (found.exit_code, document["clean"])
    assert {"info"} == {one["severity"] for one in document["findings"]}
    uncovered = {one["subject"] for one in document["findings"] if one["flaw"] == "uncovered-place"}
    assert "NG" in uncovered
    assert not uncovered & {"DE", "US-CA", "US-TX", "BR"}
    assert "nothing to mend" in policy("lint").stdout


def test_a_rule_that_says_nothing_is_found_and_exits_1(tmp_path):
    pack = tmp_path / "br.toml"
    pack.write_text(policy("show", "br", "--source").stdout + NEVER)
    found = policy("lint", pack, "--output", "json")
    assert found.exit_code == 1
    flaws = [one for one in json.loads(found.stdout)["findings"] if one["subject"] == "br.never-said"]
    assert ["never-fires"] == [one["flaw"] for one in flaws if one["severity"] == "error"]
    assert "br.never-said" in policy("lint", pack).stdout


@pytest.mark.parametrize(
    ("text", "said"), [("schema = 1\nid = 'br'", "version"), ("this is no TOML", "TOML")]
)
def test_a_pack_that_cannot_be_read_exits_2(tmp_path, text, said):
    pack = tmp_path / "br.toml"
    pack.write_text(text)
    found = policy("lint", pack)
    assert found.exit_code == 2
    assert said in found.stderr


def test_the_record_names_purposes_grounds_and_where_data_is_kept():
    record = json.loads(policy("records", "--jurisdiction", "eu", "--output", "json").stdout)
    activities = {one["purpose"]: one for one in record["activities"]}
    grounds = {one["category"]: one["basis"] for one in activities["analysis"]["categories"]}
    assert ("contract", "explicit-consent") == (grounds["workout-summary"], grounds["heart-rate"])
    assert "workouts.show" in activities["analysis"]["operations"]
    assert ["eu-central", "eu-west"] == activities["analysis"]["stored_in"]
    assert "people.email (sealed)" in record["kept_in"]["email"]
    assert all(one["retention"] for one in activities.values())


def test_transfers_stand_with_their_ground_and_its_end():
    record = json.loads(policy("records", "--output", "json").stdout)
    ways = {(one["jurisdiction"], one["origin"], one["destination"]): one for one in record["transfers"]}
    assert ways["eu", "eu-central", "sa-east"]["ground"] == "adequate"
    paper = ways["eu", "eu-central", "us-west"]
    assert ("instrument", "2030-12-31") == (paper["ground"], paper["until"])
    assert ["standard-clauses"] == [one["kind"] for one in paper["instruments"]]
    assert ways["us", "us-west", "eu-west"]["ground"] == "none-needed"
    assert not any(
        one["jurisdiction"] == "eu" and one["destination"] == "eu-west" for one in record["transfers"]
    )


def test_a_paper_that_has_ended_opens_nothing():
    record = json.loads(
        policy("records", "--jurisdiction", "eu", "--at", "2031-01-01", "--output", "json").stdout
    )
    ways = {(one["origin"], one["destination"]): one["ground"] for one in record["transfers"]}
    assert ("none", "adequate") == (ways["eu-central", "us-west"], ways["eu-central", "sa-east"])


def test_thresholds_without_a_node_have_no_count():
    record = json.loads(policy("records", "--jurisdiction", "us", "--output", "json").stdout)
    assert {"bulk-health": 10_000, "bulk-geolocation": 1_000, "bulk-identifiers": 100_000} == {
        one["threshold"]: one["from_people"] for one in record["thresholds"]
    }
    assert {None} == {one["reached"] for one in record["thresholds"]}


def test_people_read_the_record_as_tables():
    shown = policy("records", "--jurisdiction", "us").stdout
    for part in (
        "Record of processing",
        "explicit-consent",
        "Transfers",
        "none-needed",
        "Thresholds",
        "10,000*",
    ):
        assert part in shown


def test_the_register_is_written_in_terms_of_the_vocabulary():
    words = ("--jurisdiction", "eu", "--dpv", "--controller", "Riders e.V., privacy@riders.example")
    graph = json.loads(policy("records", *words).stdout)["@graph"]
    assert {one["dpv:hasPurpose"]["@id"] for one in graph} <= set(PURPOSE_IRIS.values())
    assert {one["dpv:hasLegalBasis"]["@id"] for one in graph} <= set(LEGAL_BASIS_IRIS.values())
    data = {one["@id"] for process in graph for one in process["dpv:hasPersonalData"]}
    assert data <= {CATEGORY_IRIS[category] for category in DataCategory if category.is_personal}
    assert {"Riders e.V., privacy@riders.example"} == {
        one["dpv:hasDataController"]["dct:title"] for one in graph
    }


def test_a_jurisdiction_without_a_pack_exits_4():
    assert policy("records", "--jurisdiction", "xx").exit_code == 4
