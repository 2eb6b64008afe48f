"""A hint as Cassandra itself writes it: the whole of a write that a replica was not there for."""

import asyncio

import pytest

from cli.servers.cassandra import CassandraOptions, CassandraServer
from cli.servers.choice import choose_cassandra
from cli.servers.ports import free_port
from region_node.features.accounts.tables import LOGINS
from region_node.ids import new_person_id
from region_node.storage.cassandra_session import CassandraAddress, CassandraSession
from tests.support.audited import Audited, login_of

pytestmark = [pytest.mark.services, pytest.mark.timeout(400)]

GROUP = "platform.residency-group"
COLUMNS = ("tenant", "jurisdiction", "login_key", "person_id")
BOTH = "{'class': 'NetworkTopologyStrategy', 'eu-central': 1, 'eu-west': 1}"


def two_nodes(folder):
    """A node in each datacenter of the group; the second joins when it is started."""
    storage = free_port()
    first = CassandraOptions(storage_port=storage, datacenter="eu-central", heap_mib=256)
    server = choose_cassandra(folder / "one", first)
    if not isinstance(server, CassandraServer):
        pytest.skip("Cassandra runs in a container here, whose files cannot be read")
    server.start()
    second = CassandraOptions(
        host="127.0.0.2",
        port=server.ports["client"],
        storage_port=storage,
        datacenter="eu-west",
        seeds=(server.host,),
        heap_mib=256,
    )
    return server, CassandraServer(folder / "two", second)


async def write_while_away(first, second, person_id):
    address = CassandraAddress(
        contact_points=(first.host,), port=first.ports["client"], local_datacenter="eu-central"
    )
    session = await CassandraSession.open(address)
    try:
        await session.execute(f"CREATE KEYSPACE meridian_eu WITH replication = {BOTH}")
        columns = ", ".join(f"{name} text" for name in COLUMNS)
        await session.execute(f"CREATE TABLE meridian_eu.{LOGINS.name} ({columns}, PRIMARY KEY (login_key))")
        await asyncio.to_thread(second.stop)
        names, row = ", ".join(COLUMNS), login_of(person_id)
        insert = await session.prepare(
            f"INSERT INTO meridian_eu.{LOGINS.name} ({names}) VALUES (?, ?, ?, ?)"  # noqa: S608 - names of ours
        )
        await session.execute(insert.bind([row[name] for name in COLUMNS]))
    finally:
        await session.close()


async def test_a_real_hint_of_another_group_is_found_and_named(tmp_path):
    stores, person_id = Audited(tmp_path / "stores"), new_person_id("br")
    await stores.fill()
    first, second = two_nodes(tmp_path)
    try:
        await asyncio.to_thread(second.start)
        await write_while_away(first, second, person_id)
    finally:
        for server in (second, first):
            await asyncio.to_thread(server.stop)
    hints = list((first.directory / "hints").glob("*.hints"))
    assert any(person_id.encode() in path.read_bytes() for path in hints), hints
    said = await asyncio.to_thread(stores.audit, "--cassandra-directory", first.directory)
    assert 3 == said.exit_code
    found = {
        (one["part"], one["jurisdiction"], one["rule"]) for one in said.findings if one["store"] == "hints"
    }
    assert {(f"meridian_eu.{LOGINS.name}", "br", GROUP)} == found
