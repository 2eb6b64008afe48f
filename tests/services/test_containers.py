"""NATS and Cassandra in containers, by testcontainers and by our own hand, where a docker engine runs."""

import nats
import pytest
from cassandra.cluster import Cluster
from cassandra.policies import AddressTranslator
from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import HttpWaitStrategy, LogMessageWaitStrategy

from cli.servers.cassandra import CassandraOptions
from cli.servers.cassandra_container import CassandraContainer
from cli.servers.containers import docker, engine_runs, find_image
from region_node.storage.cassandra_session import CassandraAddress, CassandraSession

pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(not engine_runs(), reason="no docker engine runs here"),
    pytest.mark.timeout(900),  # images may have to be pulled first
]
CASSANDRA_BESIDE_HEAP = "1300m"


@pytest.fixture(autouse=True)
def _no_helper_container(monkeypatch):
    """Each test ends its own containers; testcontainers' helper image may not be had."""
    monkeypatch.setattr("testcontainers.core.config.testcontainers_config.ryuk_disabled", True)


def image_or_skip(*names):
    found = find_image(names)
    if found is None:
        pytest.skip(f"none of the images {', '.join(names)} can be had; run tests/services/build_images.sh")
    return found


class ToHost(AddressTranslator):
    """A node knows its address inside the container network only."""

    def __init__(self, host):
        self.host = host

    def translate(self, _address):
        return self.host


async def test_jetstream_in_a_container_knows_a_message_that_comes_twice():
    image = image_or_skip("nats:2", "meridian-nats:2")
    healthy = HttpWaitStrategy(8222, "/healthz").for_status_code(200).with_startup_timeout(60)
    container = DockerContainer(image).with_exposed_ports(4222, 8222).waiting_for(healthy)
    with container.with_command("--jetstream --http_port 8222") as running:
        address = f"nats://{running.get_container_host_ip()}:{running.get_exposed_port(4222)}"
        connection = await nats.connect(address)
        stream = connection.jetstream()
        await stream.add_stream(name="WORK", subjects=["work.>"])
        first, second = [
            await stream.publish("work.one", b"body", headers={"Nats-Msg-Id": "1"}) for _ in range(2)
        ]
        await connection.close()
    assert (first.seq, second.seq, second.duplicate) == (1, 1, True)


def test_cassandra_in_a_container_places_rows_in_its_datacenter():
    image = image_or_skip(*CassandraContainer.images)
    listening = LogMessageWaitStrategy("Starting listening for CQL clients").with_startup_timeout(240)
    container = DockerContainer(image).with_exposed_ports(9042).waiting_for(listening)
    settings = {
        "CASSANDRA_DC": "eu-central",
        "CASSANDRA_ENDPOINT_SNITCH": "GossipingPropertyFileSnitch",
        "MAX_HEAP_SIZE": "512m",
        "HEAP_NEWSIZE": "128m",
    }
    for name, value in settings.items():
        container = container.with_env(name, value)
    with container.with_kwargs(mem_limit=CASSANDRA_BESIDE_HEAP) as running:
        host, port = running.get_container_host_ip(), int(running.get_exposed_port(9042))
        cluster = Cluster([host], port=port, address_translator=ToHost(host), protocol_version=5)
        session = cluster.connect()
        placement = "{'class': 'NetworkTopologyStrategy', 'eu-central': 1}"
        session.execute(f"CREATE KEYSPACE demo WITH replication = {placement}")
        session.execute("CREATE TABLE demo.rows (id int PRIMARY KEY, body text)")
        session.execute("INSERT INTO demo.rows (id, body) VALUES (1, 'kept')")
        assert session.execute("SELECT body FROM demo.rows WHERE id = 1").one().body == "kept"
        assert session.execute("SELECT data_center FROM system.local").one().data_center == "eu-central"
        cluster.shutdown()


async def rows(server, *statements):
    address = CassandraAddress(
        contact_points=(server.host,),
        port=server.ports["client"],
        local_datacenter=server.datacenter,
        request_timeout_s=30.0,
    )
    session = await CassandraSession.open(address)
    try:
        return [(await session.execute(statement)).rows for statement in statements][-1]
    finally:
        await session.close()


async def test_our_own_container_keeps_acknowledged_rows_over_a_kill(tmp_path):
    image_or_skip(*CassandraContainer.images)
    server = CassandraContainer(tmp_path, CassandraOptions(datacenter="eu-central"))
    try:
        with server:
            await rows(
                server,
                "CREATE KEYSPACE demo WITH replication = "
                "{'class': 'NetworkTopologyStrategy', 'eu-central': 1}",
                "CREATE TABLE demo.rows (id int PRIMARY KEY, body text)",
                "INSERT INTO demo.rows (id, body) VALUES (1, 'kept')",
            )
            settings = "SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'"
            assert await rows(server, settings) == [("batch",)]
            server.kill()
            assert not server.ready()
            server.start()
            assert await rows(server, "SELECT body FROM demo.rows") == [("kept",)]
            server.pause()
            assert not server.ready()
            server.resume()
        assert not server.running
    finally:
        server.discard_data()
    for kind in ("container", "volume"):
        assert docker([kind, "inspect", server.container], check=False).returncode != 0
