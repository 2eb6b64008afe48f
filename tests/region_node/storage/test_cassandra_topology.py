"""A node refuses keyspaces that would put personal data where its law does not want it, and names each."""

import uuid

import pytest

from region_node.storage.cassandra_cql import create_keyspace, keyspace
from region_node.storage.cassandra_session import CassandraSession
from region_node.storage.cassandra_topology import Placement, placement_faults, require_placement
from region_node.storage.errors import SchemaMismatch

KNOWN = {"eu-central", "eu-west", "sa-east"}
PLACEMENT = Placement({"eu-central": 3, "eu-west": 3}, ("ca-qc", "eu"))
NETWORK = "org.apache.cassandra.locator.NetworkTopologyStrategy"
SIMPLE = {"class": "org.apache.cassandra.locator.SimpleStrategy", "replication_factor": "3"}
GOOD = {"class": NETWORK, "eu-central": "3", "eu-west": "3"}
RIGHT = {"meridian_eu": GOOD, "meridian_ca_qc": GOOD, "system": SIMPLE, "of_somebody_else": SIMPLE}

CASES = [
    pytest.param({}, [], id="all-in-place-and-others-are-not-ours-to-judge"),
    pytest.param(
        {"meridian_eu": SIMPLE},
        ["keyspace meridian_eu uses SimpleStrategy; only NetworkTopologyStrategy keeps data in place"],
        id="simple-strategy",
    ),
    pytest.param(
        {"meridian_eu": {"class": NETWORK, "EU-Central": "3", "eu-west": "3"}},
        [
            "keyspace meridian_eu names datacenter EU-Central, which this cluster does not know",
            "keyspace meridian_eu has no copy in datacenter eu-central",
        ],
        id="a-name-in-the-wrong-case-is-another-name",
    ),
    pytest.param(
        {"meridian_eu": {**GOOD, "sa-east": "1"}},
        ["keyspace meridian_eu names datacenter sa-east, which is outside the residency group"],
        id="outside-the-group",
    ),
    pytest.param(
        {"meridian_ca_qc": {"class": NETWORK, "eu-west": "3"}},
        ["keyspace meridian_ca_qc has no copy in datacenter eu-central"],
        id="no-copy-in-a-region-of-the-group",
    ),
    pytest.param(
        {"meridian_eu": None},
        ["keyspace meridian_eu is missing: run `meridian db migrate`"],
        id="missing",
    ),
    pytest.param(
        {"meridian_ru": GOOD},
        ["keyspace meridian_ru holds a jurisdiction that this residency group may not hold"],
        id="foreign-jurisdiction",
    ),
]


@pytest.mark.parametrize(("changes", "expected"), CASES)
def test_each_fault_is_named_with_its_keyspace(changes, expected):
    found = {name: value for name, value in (RIGHT | changes).items() if value is not None}
    assert expected == list(placement_faults(found, PLACEMENT, KNOWN))


def test_all_faults_are_told_at_once():
    found = {"meridian_eu": SIMPLE, "meridian_ru": {"class": NETWORK, "dc9": "1"}}
    named = " ".join(placement_faults(found, PLACEMENT, KNOWN))
    assert all(word in named for word in ("ca_qc is missing", "SimpleStrategy", "meridian_ru holds", "dc9"))


@pytest.fixture
async def session(cassandra_address):
    opened = await CassandraSession.open(cassandra_address)
    yield opened
    await opened.close()


def created(name, replication):
    return f"CREATE KEYSPACE {keyspace(name)} WITH replication = {replication}"


@pytest.mark.services
@pytest.mark.parametrize(
    ("statement", "said"),
    [
        pytest.param(
            lambda name: created(name, "{'class': 'SimpleStrategy', 'replication_factor': 1}"),
            "uses SimpleStrategy",
            id="simple",
        ),
        pytest.param(lambda name: create_keyspace(name, {"dc1": 1}), "", id="right"),
    ],
)
async def test_the_real_catalogue_is_read(session, statement, said):
    name = f"p{uuid.uuid4().hex[:12]}"
    await session.execute(statement(name))
    try:
        with pytest.raises(SchemaMismatch) as caught:
            await require_placement(session, Placement({"dc1": 1}, (name, "nowhere")))
    finally:
        await session.execute(f"DROP KEYSPACE {keyspace(name)}")
    faults = [
        fault for fault in str(caught.value).split("; ") if fault.startswith(f"keyspace {keyspace(name)} ")
    ]
    assert "keyspace meridian_nowhere is missing" in str(caught.value)
    assert (1 if said else 0) == len(faults)
    assert said in "".join(faults)


@pytest.mark.services
async def test_the_server_itself_refuses_a_datacenter_that_it_does_not_know(session):
    with pytest.raises(Exception, match="DC1"):
        await session.execute(create_keyspace(f"p{uuid.uuid4().hex[:12]}", {"DC1": 1}))
