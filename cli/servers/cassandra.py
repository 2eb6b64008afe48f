"""Cassandra 5 as a process of this machine, from its jars; a node of a cluster of one or several."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import yaml

from cli.servers.cassandra_files import fetch_jars, find_java
from cli.servers.cql_probe import speaks_cql
from cli.servers.errors import ServerFailed
from cli.servers.ports import LOOPBACK
from cli.servers.process_server import Launch, ProcessServer
from cli.servers.programs import run_program

FIRST_RING_DELAY_MS = 100
# A node that joins waits this long for gossip; with less it finds no seed.
JOINING_RING_DELAY_MS = 3000


@dataclass(frozen=True, slots=True, kw_only=True)
class CassandraOptions:
    """One node. Nodes of a cluster have one `storage_port` and an own loopback address each
    (127.0.0.1, 127.0.0.2, ...); a node without `seeds` starts a cluster of its own. Port 0 takes
    a free one. Without `flush_schema` a table is made in a third of the time (16 instead of 50 ms),
    but a node that is killed loses the tables it made since its last clean stop or `keep_schema`.
    """

    host: str = LOOPBACK
    port: int = 0
    storage_port: int = 0
    datacenter: str = "dc1"
    rack: str = "rack1"
    seeds: tuple[str, ...] = ()
    heap_mib: int = 512
    flush_schema: bool = True


def cassandra_settings(host: str, port: int, datacenter: str) -> dict[str, dict[str, str | int | list[str]]]:
    section: dict[str, str | int | list[str]] = {
        "engine": "cassandra",
        "contact_points": [host],
        "port": port,
        "local_datacenter": datacenter,
        "replicas": 1,
    }
    return {"storage": section}


class CassandraServer(ProcessServer):
    name = "cassandra"
    start_timeout_s = 180.0
    stop_timeout_s = 30.0

    def __init__(self, directory: Path, options: CassandraOptions | None = None) -> None:
        self.options = options or CassandraOptions()
        wanted = {"client": self.options.port, "storage": self.options.storage_port, "management": 0}
        super().__init__(directory, host=self.options.host, ports=wanted)

    @property
    def node_settings(self) -> dict[str, dict[str, str | int | list[str]]]:
        return cassandra_settings(self.host, self.ports["client"], self.options.datacenter)

    @property
    def url(self) -> str:
        return f"cassandra://{self.host}:{self.ports['client']}"

    @property
    def datacenter(self) -> str:
        return self.options.datacenter

    @property
    def data_directory(self) -> Path:
        return self.directory / "data"

    def ready(self) -> bool:
        return speaks_cql(self.host, self.ports["client"])

    @property
    def nodetool_words(self) -> tuple[str, ...]:
        """The words that run Cassandra's own tool on this node, as a node's setting wants them."""
        launcher = (str(find_java()), f"@{self.directory / 'conf' / 'jvm.conf'}", "-cp", f"{fetch_jars()}/*")
        tool = ("org.apache.cassandra.tools.NodeTool", "-h", LOOPBACK, "-p", str(self.ports["management"]))
        return (*launcher, f"-Dcassandra.storagedir={self.directory}", *tool)

    def nodetool(self, *arguments: str) -> str:
        """Run Cassandra's own tool on this node, as in `nodetool("flush")`; returns what it printed.

        Raises:
            ServerFailed: the tool did.
        """
        done = run_program((*self.nodetool_words, *arguments))
        if done.returncode:
            raise ServerFailed(
                f"nodetool {arguments[0]} failed: {done.stderr.strip() or done.stdout.strip()}"
            )
        return done.stdout

    def keep_schema(self) -> None:
        """Make the tables made so far survive a kill, for a node that runs without `flush_schema`.

        Call it after migrations: together they take a fraction of the time that flushing each does.

        Raises:
            ServerFailed: it could not be done.
        """
        self.nodetool("flush", "system_schema")

    def _prepare(self, ports: Mapping[str, int]) -> Launch:
        java, jars = find_java(), fetch_jars()
        shipped = files("cli.servers")
        configuration = self.directory / "conf"
        configuration.mkdir(exist_ok=True)
        (configuration / "cassandra.yaml").write_text(yaml.safe_dump(self._settings(ports)))
        (configuration / "cassandra-rackdc.properties").write_text(
            f"dc={self.options.datacenter}\nrack={self.options.rack}\n"
        )
        for source, target in (("cassandra-logback.xml", "logback.xml"), ("cassandra-jvm.conf", "jvm.conf")):
            (configuration / target).write_text(shipped.joinpath(source).read_text())
        return Launch(
            argv=(
                str(java),
                f"@{configuration / 'jvm.conf'}",
                *self._flags(configuration, ports),
                "-cp",
                f"{configuration}:{jars}/*",
                "org.apache.cassandra.service.CassandraDaemon",
            )
        )

    def _settings(self, ports: Mapping[str, int]) -> dict[str, object]:
        settings: dict[str, object] = yaml.safe_load(
            files("cli.servers").joinpath("cassandra.yaml").read_text()
        )
        seeds = ",".join(f"{seed}:{ports['storage']}" for seed in self.options.seeds or (self.host,))
        return settings | {
            "listen_address": self.host,
            "rpc_address": self.host,
            "native_transport_port": ports["client"],
            "storage_port": ports["storage"],
            "seed_provider": [
                {
                    "class_name": "org.apache.cassandra.locator.SimpleSeedProvider",
                    "parameters": [{"seeds": seeds}],
                }
            ],
            "data_file_directories": [str(self.data_directory)],
            "commitlog_directory": str(self.directory / "commitlog"),
            "saved_caches_directory": str(self.directory / "saved_caches"),
            "hints_directory": str(self.directory / "hints"),
            "cdc_raw_directory": str(self.directory / "cdc_raw"),
        }

    def _flags(self, configuration: Path, ports: Mapping[str, int]) -> tuple[str, ...]:
        joins = bool(self.options.seeds) and self.options.seeds != (self.host,)
        properties = {
            "cassandra.config": (configuration / "cassandra.yaml").as_uri(),
            "cassandra.storagedir": str(self.directory),
            "cassandra-foreground": "yes",
            "cassandra.jmx.local.port": str(ports["management"]),
            "cassandra.skip_wait_for_gossip_to_settle": "0",
            "cassandra.ring_delay_ms": str(JOINING_RING_DELAY_MS if joins else FIRST_RING_DELAY_MS),
            "cassandra.superuser_setup_delay_ms": "0",
            "cassandra.shutdown_announce_in_ms": "2000" if joins else "0",
            "cassandra.test.flush_local_schema_changes": str(self.options.flush_schema).lower(),
            "logback.configurationFile": (configuration / "logback.xml").as_uri(),
            "jdk.attach.allowAttachSelf": "true",
            "java.awt.headless": "true",
        }
        heap_mib = self.options.heap_mib
        memory = (f"-Xms{heap_mib // 4}m", f"-Xmx{heap_mib}m", "-XX:MaxDirectMemorySize=256m", "-Xss512k")
        quiet = ("-XX:+UseSerialGC", "-XX:+ExitOnOutOfMemoryError", "-XX:+PerfDisableSharedMem")
        return (*memory, *quiet, *(f"-D{name}={value}" for name, value in properties.items()))
