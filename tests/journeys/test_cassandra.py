"""The journey of two people on a real Cassandra, and what a node says to keyspaces that lie wrongly."""

import asyncio

import pytest

from cli.servers.cassandra import CassandraOptions, CassandraServer
from region_node import lifecycle
from region_node.migrating import migrate_node
from region_node.storage.cassandra_cql import create_keyspace
from region_node.storage.cassandra_session import CassandraAddress, CassandraSession
from region_node.storage.errors import SchemaMismatch
from tests.journeys import test_two_people as journey
from tests.support.node import running_node

people = journey.people

pytestmark = [pytest.mark.services, pytest.mark.timeout(600)]


@pytest.fixture
async def cassandra(tmp_path):
    """A server of its own: a node looks at every keyspace of ours, and those of other tests are not its."""
    server = CassandraServer(tmp_path / "cassandra", CassandraOptions(flush_schema=False))
    await asyncio.to_thread(server.start)
    yield server
    await asyncio.to_thread(server.stop)


@pytest.fixture
async def node(tmp_path, cassandra):
    storage = {
        "engine": "cassandra",
        "contact_points": [cassandra.host],
        "port": cassandra.ports["client"],
        "local_datacenter": cassandra.datacenter,
        "replicas": 1,
        "request_timeout_s": 30.0,
    }
    async with running_node(tmp_path, storage=storage) as running:
        yield running


async def executed(server, statement):
    address = CassandraAddress(
        contact_points=(server.host,),
        port=server.ports["client"],
        local_datacenter=server.datacenter,
        request_timeout_s=30.0,
    )
    session = await CassandraSession.open(address)
    try:
        await session.execute(statement)
    finally:
        await session.close()


async def test_the_journey_of_two_people(node, people, cassandra):
    await journey.test_two_people_import_edit_delete_and_count_their_workouts(people)
    await journey.test_nothing_of_one_person_opens_for_another_or_at_another_tenants_host(people)
    assert 0 == (await migrate_node(node.settings)).applied
    await node.node.stop()
    await executed(cassandra, create_keyspace("ru", {"dc1": 1}))
    simple = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
    await executed(cassandra, f"ALTER KEYSPACE meridian_br WITH replication = {simple}")
    with pytest.raises(SchemaMismatch) as caught:
        await lifecycle.start(node.settings)
    assert "meridian_ru holds a jurisdiction that this residency group may not hold" in str(caught.value)
    assert "meridian_br uses SimpleStrategy" in str(caught.value)
    await executed(cassandra, "DROP KEYSPACE meridian_ru")
    await executed(
        cassandra, create_keyspace("br", {"dc1": 1}).replace("CREATE", "ALTER").replace("IF NOT EXISTS ", "")
    )
    node.node = await lifecycle.start(node.settings)
