"""The same on a real Cassandra: rows through its interface, and its files on the disk.

One server, audited when all is in place and again when something is misplaced in each way.
"""

import asyncio
from dataclasses import dataclass

import pytest

from cli.servers.cassandra import CassandraOptions, CassandraServer
from cli.servers.choice import choose_cassandra
from region_node.features.accounts.tables import LOGINS
from region_node.ids import new_person_id
from region_node.schema import MIGRATIONS
from region_node.storage.cassandra import CassandraEngine
from region_node.storage.cassandra_session import CassandraAddress, CassandraSession
from region_node.storage.cassandra_topology import Placement, create_keyspaces
from region_node.storage.engine import KEYS, SHARED
from region_node.storage.migrations import migrate
from tests.support.audited import HELD, Audited, Said, login_of

pytestmark = [pytest.mark.services, pytest.mark.timeout(400)]

DATACENTER = "eu-central"
GROUP, OWN, REPLICATION = "platform.residency-group", "platform.own-space", "platform.replication"
EVERYWHERE = "{'class': 'SimpleStrategy', 'replication_factor': 1}"


@dataclass
class Audits:
    """`placed` is said of stores in which all is in place, `logged` and `flushed` of the same ones later."""

    placed: Said
    logged: Said
    flushed: Said
    person_id: str


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Of a process: the disk of a container is not ours to read."""
    wanted = CassandraOptions(flush_schema=False, datacenter=DATACENTER)
    chosen = choose_cassandra(tmp_path_factory.mktemp("audited") / "cassandra", wanted)
    if not isinstance(chosen, CassandraServer):
        pytest.skip("Cassandra runs in a container here, whose files cannot be read")
    with chosen as running:
        yield running


@pytest.fixture(scope="module")
def audits(server, tmp_path_factory):
    stores = Audited(tmp_path_factory.mktemp("stores"))
    asyncio.run(stores.fill())
    address = f"{server.host}:{server.ports['client']}"
    words = ["--cassandra", address, "--cassandra-directory", server.directory]
    asyncio.run(on_session(server, fill))
    placed = stores.audit(*words)
    person_id = asyncio.run(on_session(server, misplace))
    logged = stores.audit(*words)
    server.nodetool("flush")
    server.nodetool("snapshot", "-t", "nightly", "meridian_eu")
    return Audits(placed, logged, stores.audit(*words), person_id)


async def on_session(server, work):
    address = CassandraAddress(
        contact_points=(server.host,),
        port=server.ports["client"],
        local_datacenter=DATACENTER,
        request_timeout_s=60.0,
    )
    session = await CassandraSession.open(address)
    try:
        return await work(session)
    finally:
        await session.close()


async def fill(session):
    await create_keyspaces(session, Placement({DATACENTER: 1}, (*HELD, SHARED, KEYS)))
    engine = CassandraEngine(session)
    for space in (*HELD, SHARED, KEYS):
        await migrate(engine, space, MIGRATIONS)
    for jurisdiction in HELD:
        await engine.claim(jurisdiction, LOGINS, login_of(new_person_id(jurisdiction)))


async def misplace(session):
    person_id = new_person_id("br")
    await CassandraEngine(session).claim("eu", LOGINS, login_of(person_id))
    await session.execute(f"CREATE KEYSPACE spare WITH replication = {EVERYWHERE}")
    await session.execute("CREATE TABLE spare.notes (id int PRIMARY KEY, note text)")
    insert = await session.prepare("INSERT INTO spare.notes (id, note) VALUES (1, ?)")
    await session.execute(insert.bind((f"of {new_person_id('us')}",)))
    await create_keyspaces(session, Placement({DATACENTER: 1}, ("ru",)))
    return person_id


def found(said, store):
    return {
        (one["container"], one["part"], one["kind"], one["jurisdiction"], one["rule"])
        for one in said.findings
        if one["store"] == store
    }


def test_a_cluster_in_which_all_is_in_place_is_clean(audits):
    assert (0, []) == (audits.placed.exit_code, audits.placed.findings), audits.placed.stdout
    controls = audits.placed.controls()
    assert {"cassandra", "data-files", "hints", "commit-log", "saved-caches"} <= controls.keys()
    assert {"found"} == set(controls.values())


def test_a_row_of_another_group_is_found_in_its_keyspace_and_table(audits):
    assert 3 == audits.flushed.exit_code
    assert {
        ("meridian_eu", "logins", "row", "br", GROUP),
        ("meridian_eu", "logins", "id", "br", GROUP),
    } <= found(audits.flushed, "cassandra")


def test_a_keyspace_that_may_not_be_here_and_one_that_is_everywhere_are_found(audits):
    places = found(audits.flushed, "cassandra")
    assert ("meridian_ru", "", "place", "ru", GROUP) in places
    assert ("spare", "SimpleStrategy does not keep copies in place", "replica", "", REPLICATION) in places
    assert ("spare", "notes", "id", "us", GROUP) in places


def test_the_commit_log_names_the_table_before_anything_is_flushed(audits):
    in_log = {one[1:] for one in found(audits.logged, "commit-log")}
    assert ("meridian_eu.logins", "bytes", "br", GROUP) in in_log


def test_packed_data_files_and_snapshots_are_read(audits):
    unpacked = {one for one in found(audits.flushed, "data-files") if one[2] == "unpacked" and one[3] == "br"}
    assert {GROUP} == {one[4] for one in unpacked}
    names = [one[0] for one in unpacked]
    own = [name for name in names if name.startswith("meridian_eu/logins-")]
    assert {True, False} == {"/snapshots/nightly/" in name for name in own}
    # A conditional write also lies in the server's own record of proposals.
    assert all(name.startswith("system/paxos-") for name in set(names) - set(own))


def test_nothing_that_was_found_is_said_in_clear(audits):
    for said in (audits.logged, audits.flushed):
        assert audits.person_id not in said.stdout + said.stderr


def test_a_keyspace_of_the_control_is_gone_afterwards(audits, server):
    async def names(session):
        answer = await session.execute("SELECT keyspace_name FROM system_schema.keyspaces")
        return {row[0] for row in answer.rows}

    assert audits.placed.controls()["cassandra"] == "found"
    assert "zz_control" not in asyncio.run(on_session(server, names))
