"""A node with everything that it needs, on this machine only: for the demo, tests and benchmarks."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal, Self

from cli.demo_directory import empty
from cli.servers.cassandra import CassandraOptions, CassandraServer
from cli.servers.cassandra_container import CassandraContainer
from cli.servers.choice import choose_cassandra
from cli.servers.nats import NatsServer
from region_node.lifecycle import Node, start
from region_node.migrating import Migrated, migrate_node
from region_node.rotation import ensure_ring
from region_node.settings import Settings, settings_from

Backend = Literal["sqlite", "cassandra"]
Tell = Callable[[str], None]
REGIONS_FILE = Path(__file__).parent.parent / "config" / "demo-region.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldOptions:
    """`directory` is made empty first. Port 0 takes a free one. `tell` hears what is going on."""

    directory: Path
    backend: Backend = "sqlite"
    port: int = 0
    import_processes: int = 2
    changes: dict[str, Any] | None = None
    """Settings by section that take the place of the demo's."""
    tell: Tell = lambda _: None
    log_stream: BinaryIO | None = None
    """Where the node logs requests; None means stderr."""


def demo_document(region: str, regions_file: Path, data: Path) -> dict[str, Any]:
    """Settings of a node of *region* whose files are under *data*, without those that lead to servers."""
    return {
        "node": {"region": region, "data_directory": str(data), "regions_file": str(regions_file)},
        "keys": {"ring_file": str(data / "keys" / "ring")},
        "http": {"sign_ins_per_minute": 600, "uploads_per_minute": 60_000, "requests_per_minute": 600_000},
        "rights": {"late_after_s": 1.0},
        "age_assurance": "demo",
    }


class DemoWorld:
    """Servers, stores and keys of one node of the region `demo-local`, without the node itself."""

    def __init__(self, options: WorldOptions) -> None:
        self.options = options
        self.nats = NatsServer(options.directory / "nats")
        self.cassandra: CassandraServer | CassandraContainer | None = None
        if options.backend == "cassandra":
            wanted = CassandraOptions(flush_schema=False)
            self.cassandra = choose_cassandra(options.directory / "cassandra", wanted)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._make_empty)
        await self._start(self.nats)
        if self.cassandra is not None:
            self.options.tell("starting Cassandra ...")
            await self._start(self.cassandra)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _start(self, server: Any) -> None:
        self._stack.push_async_callback(asyncio.to_thread, server.stop)
        await asyncio.to_thread(server.start)

    def _make_empty(self) -> None:
        """What an earlier run left is stopped and removed: servers that were killed hard may still run."""
        for server in (self.nats, self.cassandra):
            if server is not None and server.running:
                server.stop()
        empty(self.options.directory)

    def settings(self) -> Settings:
        data = self.options.directory
        document = demo_document("demo-local", REGIONS_FILE, data) | self.nats.node_settings
        document["node"]["port"] = self.options.port
        document["imports"] = {"processes": self.options.import_processes}
        if self.cassandra is not None:
            document["storage"] = {
                "engine": "cassandra",
                "port": self.cassandra.ports["client"],
                "replicas": 1,
            }
        if isinstance(self.cassandra, CassandraServer):
            document["storage"]["nodetool"] = list(self.cassandra.nodetool_words)
        for section, values in (self.options.changes or {}).items():
            document[section] = (
                {**document.get(section, {}), **values} if isinstance(values, dict) else values
            )
        return settings_from(document, data)

    async def prepare(self) -> Migrated:
        """Make keys and tables."""
        settings = self.settings()
        ensure_ring(settings)
        done = await migrate_node(settings)
        if isinstance(self.cassandra, CassandraServer):
            await asyncio.to_thread(self.cassandra.keep_schema)
        return done

    async def node(self) -> Node:
        """A node in this process; stop it before the world ends."""
        return await start(self.settings(), self.options.log_stream)
