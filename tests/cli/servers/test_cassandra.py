"""The real Cassandra as a process: durable, several nodes, its own tool."""

import socket
import uuid

import pytest

from cli.servers import cassandra_files
from cli.servers.cassandra import CassandraOptions, CassandraServer
from cli.servers.cassandra_files import CACHE_VARIABLE, cache_directory, fetch_jars, find_java
from cli.servers.cql_probe import speaks_cql
from cli.servers.errors import ServerMissing
from cli.servers.ports import LOOPBACK, free_port
from region_node.storage.cassandra_session import CassandraAddress, CassandraSession

services = pytest.mark.services


def replicated(keyspace, **copies):
    placed = "".join(f", '{datacenter}': {count}" for datacenter, count in copies.items())
    return f"CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'NetworkTopologyStrategy'{placed}}}"


async def rows(server, *statements):
    session = await CassandraSession.open(
        CassandraAddress(
            contact_points=(server.host,),
            port=server.ports["client"],
            local_datacenter=server.datacenter,
            request_timeout_s=30.0,
        )
    )
    try:
        return [(await session.execute(statement)).rows for statement in statements][-1]
    finally:
        await session.close()


def without_programs(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(cassandra_files, "JAVA_INSTALLATIONS", tmp_path)


def test_without_maven_the_debian_packages_are_named(monkeypatch, tmp_path):
    without_programs(monkeypatch, tmp_path)
    with pytest.raises(ServerMissing, match="openjdk-17-jre-headless maven") as caught:
        fetch_jars()
    assert caught.value.packages == ("openjdk-17-jre-headless", "maven")


@pytest.mark.parametrize("version", ["25.0.1", "1.8.0_402", "21.0.2"])
def test_a_java_that_cassandra_cannot_use_is_not_taken(monkeypatch, tmp_path, version):
    without_programs(monkeypatch, tmp_path)
    java_installation(tmp_path / "java-17-named-wrongly", version)
    with pytest.raises(ServerMissing, match="Java 17"):
        find_java()


def test_java_17_is_found_beside_a_newer_default(monkeypatch, tmp_path):
    without_programs(monkeypatch, tmp_path)
    monkeypatch.setenv("JAVA_HOME", str(java_installation(tmp_path / "newer", "25.0.1")))
    fitting = java_installation(tmp_path / "java-17-openjdk", "17.0.15")
    assert find_java() == fitting / "bin" / "java"


def java_installation(home, version):
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").touch()
    (home / "release").write_text(f'IMPLEMENTOR="Test"\nJAVA_VERSION="{version}"\n')
    return home


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    assert cache_directory() == tmp_path
    monkeypatch.delenv(CACHE_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_directory() == tmp_path / "meridian"


def test_nobody_and_a_stranger_do_not_speak_cql():
    assert not speaks_cql(LOOPBACK, free_port())
    with socket.create_server((LOOPBACK, 0)) as silent:
        assert not speaks_cql(LOOPBACK, silent.getsockname()[1], timeout_s=0.1)


@services
@pytest.mark.timeout(300)
async def test_what_was_acknowledged_survives_a_kill_at_the_same_address(tmp_path):
    with CassandraServer(tmp_path) as server:
        await rows(
            server,
            replicated("kept", dc1=1),
            "CREATE TABLE kept.rows (id int PRIMARY KEY, body text)",
            "INSERT INTO kept.rows (id, body) VALUES (1, 'kept')",
        )
        address = server.url
        server.kill()
        assert not server.ready()
        server.start()
        assert server.url == address
        assert await rows(server, "SELECT body FROM kept.rows") == [("kept",)]


@services
@pytest.mark.timeout(300)
async def test_tables_made_in_a_hurry_survive_a_kill_once_they_were_kept(tmp_path):
    with CassandraServer(tmp_path, CassandraOptions(flush_schema=False)) as server:
        await rows(
            server, replicated("kept", dc1=1), "CREATE TABLE kept.rows (id int PRIMARY KEY, body text)"
        )
        server.keep_schema()
        await rows(server, "INSERT INTO kept.rows (id, body) VALUES (1, 'kept')")
        server.kill()
        server.start()
        assert await rows(server, "SELECT body FROM kept.rows") == [("kept",)]
        await rows(server, "CREATE TABLE kept.more (id int PRIMARY KEY)")
        server.stop()
        server.start()
        assert not await rows(server, "SELECT id FROM kept.more")


@services
async def test_an_acknowledged_write_is_on_the_disk(cassandra_server):
    query = "SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'"
    assert await rows(cassandra_server, query) == [("batch",)]


@services
async def test_a_dropped_table_leaves_no_copy(cassandra_server):
    keyspace = f"t{uuid.uuid4().hex[:12]}"
    planted = f"planted-{uuid.uuid4().hex}"
    await rows(
        cassandra_server,
        replicated(keyspace, dc1=1),
        f"CREATE TABLE {keyspace}.rows (id int PRIMARY KEY, body text)",
        f"INSERT INTO {keyspace}.rows (id, body) VALUES (1, '{planted}')",  # noqa: S608 - made up here
    )
    cassandra_server.nodetool("flush", keyspace)
    assert holding(cassandra_server, keyspace, planted)
    await rows(cassandra_server, f"DROP KEYSPACE {keyspace}")
    assert not holding(cassandra_server, keyspace, planted)


def holding(server, keyspace, text):
    files = (server.data_directory / keyspace).rglob("*-Data.db")
    return [path for path in files if text.encode() in path.read_bytes()]


@services
def test_the_server_of_the_test_run_is_adopted_and_answers(cassandra_server):
    again = CassandraServer(cassandra_server.directory)
    pid = cassandra_server.process.pid()
    again.start()
    assert again.process.pid() == pid
    assert cassandra_server.memory_bytes() > 0
    assert "UN" in cassandra_server.nodetool("status")


@services
@pytest.mark.timeout(300)
async def test_two_nodes_with_datacenters_of_their_own_make_one_cluster(tmp_path):
    storage = free_port()
    first = CassandraServer(
        tmp_path / "one", CassandraOptions(storage_port=storage, datacenter="eu-central", heap_mib=256)
    )
    with first:
        second = CassandraServer(
            tmp_path / "two",
            CassandraOptions(
                host="127.0.0.2",
                port=first.ports["client"],
                storage_port=storage,
                datacenter="eu-west",
                seeds=(first.host,),
                heap_mib=256,
            ),
        )
        with second:
            await rows(
                first,
                replicated("west_only", **{"eu-west": 1}),
                "CREATE TABLE west_only.rows (id int PRIMARY KEY, body text)",
            )
            await rows(second, "INSERT INTO west_only.rows (id, body) VALUES (1, 'west')")
            assert await rows(second, "SELECT body FROM west_only.rows") == [("west",)]
            known = await rows(first, "SELECT data_center FROM system.peers_v2")
            assert known == [("eu-west",)]
            for node in (first, second):
                node.nodetool("flush", "west_only")
            assert not list((first.data_directory / "west_only").rglob("*-Data.db"))
            assert list((second.data_directory / "west_only").rglob("*-Data.db"))
