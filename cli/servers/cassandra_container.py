"""Cassandra 5 in a container: the official image, or the local one that `build_images.sh` makes."""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import yaml

from cli.servers.cassandra import FIRST_RING_DELAY_MS, CassandraOptions, cassandra_settings
from cli.servers.containers import ContainerPlan, ContainerServer
from cli.servers.cql_probe import speaks_cql
from cli.servers.ports import LOOPBACK

CONFIGURATION = "/etc/meridian/cassandra.yaml"
DATA = "/var/lib/cassandra"
EVERYWHERE = "0.0.0.0"  # noqa: S104 - in the container; published on loopback # nosec B104
_BESIDE_HEAP_MIB = 768


class CassandraContainer(ContainerServer):
    """One node, a cluster of its own. Same promises as `CassandraServer`, same configuration."""

    name = "cassandra"
    start_timeout_s = 240.0
    images = ("cassandra:5", "meridian-cassandra:5")

    def __init__(self, directory: Path, options: CassandraOptions | None = None) -> None:
        self.options = options or CassandraOptions()
        super().__init__(directory, host=self.options.host, ports={"client": self.options.port})

    @property
    def node_settings(self) -> dict[str, dict[str, str | int | list[str]]]:
        return cassandra_settings(self.host, self.ports["client"], self.options.datacenter)

    @property
    def url(self) -> str:
        return f"cassandra://{self.host}:{self.ports['client']}"

    @property
    def datacenter(self) -> str:
        return self.options.datacenter

    def ready(self) -> bool:
        return speaks_cql(self.host, self.ports["client"])

    def _plan(self, image: str, ports: Mapping[str, int]) -> ContainerPlan:
        configuration = self.directory / "cassandra.yaml"
        configuration.write_text(yaml.safe_dump(self._settings(ports["client"])))
        flags = {
            "cassandra.config": f"file://{CONFIGURATION}",
            "cassandra.skip_wait_for_gossip_to_settle": 0,
            "cassandra.ring_delay_ms": FIRST_RING_DELAY_MS,
            "cassandra.superuser_setup_delay_ms": 0,
            "cassandra.shutdown_announce_in_ms": 0,
            "cassandra.test.flush_local_schema_changes": str(self.options.flush_schema).lower(),
        }
        return ContainerPlan(
            image=image,
            environment={
                "CASSANDRA_DC": self.options.datacenter,
                "CASSANDRA_RACK": self.options.rack,
                "CASSANDRA_ENDPOINT_SNITCH": "GossipingPropertyFileSnitch",
                "MAX_HEAP_SIZE": f"{self.options.heap_mib}m",
                "HEAP_NEWSIZE": f"{self.options.heap_mib // 4}m",
                "JVM_EXTRA_OPTS": " ".join(f"-D{name}={value}" for name, value in flags.items()),
            },
            mounts={configuration: CONFIGURATION},
            data_path=DATA,
            memory_mib=self.options.heap_mib + _BESIDE_HEAP_MIB,
        )

    def _settings(self, port: int) -> dict[str, object]:
        shipped = files("cli.servers").joinpath("cassandra.yaml").read_text()
        settings: dict[str, object] = yaml.safe_load(shipped)
        provider = "org.apache.cassandra.locator.SimpleSeedProvider"
        return settings | {
            "listen_address": LOOPBACK,  # no other node joins
            "rpc_address": EVERYWHERE,
            "broadcast_rpc_address": self.host,
            "native_transport_port": port,
            "seed_provider": [{"class_name": provider, "parameters": [{"seeds": LOOPBACK}]}],
            "data_file_directories": [f"{DATA}/data"],
            "commitlog_directory": f"{DATA}/commitlog",
            "saved_caches_directory": f"{DATA}/saved_caches",
            "hints_directory": f"{DATA}/hints",
            "cdc_raw_directory": f"{DATA}/cdc_raw",
        }
