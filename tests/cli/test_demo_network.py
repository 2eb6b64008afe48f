"""The demo's regions keep apart: what each has of its own, and where people belong."""

import pytest

from cli.demo_homes import Homes
from cli.demo_network import DemoNetwork, NetworkOptions
from cli.demo_people import PEOPLE, STRANGER


@pytest.fixture
def network(tmp_path):
    return DemoNetwork(NetworkOptions(directory=tmp_path, port=9000))


def test_nobody_shares_a_store_a_control_database_a_key_ring_or_a_port(network):
    settings = [region.settings() for region in network.regions.values()]
    assert ["eu-central", "eu-west", "sa-east", "us-west"] == [one.node.region for one in settings]
    for own in (
        lambda one: one.node.data_directory,
        lambda one: one.keys.ring_file,
        lambda one: one.federation.signing_keys_file,
        lambda one: one.node.port,
    ):
        assert 4 == len({own(one) for one in settings})


def test_everybody_belongs_where_their_law_takes_writes(network):
    homes = Homes(network.facts, {name: f"http://{name}" for name in network.regions})
    places = {person.place: homes.url_of(person).removeprefix("http://") for person in PEOPLE}
    assert {
        "DE": "eu-central",
        "BR": "sa-east",
        "US-CA": "us-west",
        "GB": "eu-west",
        "CH": "eu-central",
        "FR": "eu-central",
    } == places


def test_a_stranger_belongs_nowhere(network):
    assert Homes(network.facts, {}).region_of(STRANGER) is None


def test_on_cassandra_a_group_is_one_cluster_with_a_datacenter_for_each_region(tmp_path):
    network = DemoNetwork(NetworkOptions(directory=tmp_path, backend="cassandra"))
    central, west = (network.regions[name] for name in ("eu-central", "eu-west"))
    assert central.ring_file == west.ring_file
    assert central.cassandra.options.storage_port == west.cassandra.options.storage_port
    assert ("127.0.0.1", "127.0.0.2") == (central.cassandra.host, west.cassandra.host)
    assert {"eu-central", "eu-west"} == {one.cassandra.datacenter for one in (central, west)}
    assert 3 == len({region.ring_file for region in network.regions.values()})
