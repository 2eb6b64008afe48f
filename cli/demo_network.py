"""The regions of the demo on this machine, each with its own broker, stores, control database and keys."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from cli.demo_directory import empty
from cli.demo_world import Backend, Tell, demo_document
from cli.servers.cassandra import CassandraOptions, CassandraServer
from cli.servers.cassandra_container import CassandraContainer
from cli.servers.choice import choose_cassandra
from cli.servers.nats import NatsOptions, NatsServer, NatsTls
from cli.servers.ports import LOOPBACK, free_port
from federation.adapters.nats_accounts import render_accounts
from federation.permissions import DOMAIN, accounts_of
from policies.vocabulary import Region
from region_node.migrating import Migrated, migrate_node
from region_node.packs import shipped_packs
from region_node.regions import RegionFacts, Regions, read_regions
from region_node.rotation import ensure_ring
from region_node.security.certificates import ensure_authority
from region_node.security.federation_keys import (
    PublicKeys,
    ensure_own_keys,
    read_own_keys,
    write_public_keys,
)
from region_node.security.private_files import replace_private
from region_node.security.region_certificates import (
    BUNDLE,
    PINS,
    ensure_bundle,
    ensure_pins,
    ensure_region_certificates,
)
from region_node.settings import Settings, settings_from

REGIONS_FILE = Path(__file__).parent.parent / "config" / "regions.toml"
Cassandra = CassandraServer | CassandraContainer


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkOptions:
    """`directory` is made empty first. With a `port` the first region takes it, the others those after it."""

    directory: Path
    backend: Backend = "sqlite"
    port: int = 0
    tell: Tell = lambda _: None


@dataclass(slots=True)
class DemoRegion:
    """What runs for one region, without the node itself."""

    name: Region
    directory: Path
    nats: NatsServer
    port: int
    ring_file: Path
    cassandra: Cassandra | None = None
    peers: Mapping[str, str] = field(default_factory=dict)

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    def settings(self) -> Settings:
        """Peers and ports are known once the servers run."""
        files, data = self.directory.parent, self.directory
        document: dict[str, Any] = demo_document(self.name, REGIONS_FILE, data)
        document["node"]["port"] = self.port
        document["keys"]["ring_file"] = str(self.ring_file)
        document["imports"] = {"processes": 1}
        document["nats"] = {
            "url": self.nats.url,
            "monitor_url": f"http://{self.nats.host}:{self.nats.ports['monitoring']}",
        }
        document["federation"] = {
            "certificates": str(files / "pki"),
            "signing_keys_file": str(data / "keys" / "federation"),
            "public_keys_file": str(files / "federation-keys.json"),
            "peers": dict(self.peers),
        }
        if self.cassandra is not None:
            document |= self.cassandra.node_settings
        return settings_from(document, data)


class DemoNetwork:
    """Entered, it has running servers; `prepare` makes certificates' users, keys and tables."""

    def __init__(self, options: NetworkOptions) -> None:
        self.options = options
        self.facts: Regions = read_regions(REGIONS_FILE, shipped_packs())
        self.regions = {name: self._region(number, name) for number, name in enumerate(self.facts.regions)}
        if options.backend == "cassandra":
            for group in self.facts.groups:
                self._give_cassandra(self.facts.regions_of(group))
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._make_empty)
        await asyncio.to_thread(self._certify)
        try:
            await asyncio.gather(*(self._start(region.nats) for region in self.regions.values()))
            if self.options.backend == "cassandra":
                self.options.tell("starting Cassandra, a cluster for each residency group ...")
                # One by one: a node that joins a cluster must find the one before it.
                for server in self._clusters:
                    await self._start(server)
        except BaseException:
            await self._stack.aclose()
            raise
        for region in self.regions.values():
            region.peers = {
                str(other.name): other.nats.url for other in self.regions.values() if other is not region
            }
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def prepare(self) -> list[Migrated]:
        """Make keys and tables of every region, and let each know the public keys of all."""
        own = []
        for region in self.regions.values():
            settings = region.settings()
            ensure_ring(settings)
            path = region.directory / "keys" / "federation"
            ensure_own_keys(path, region.name, datetime.now(UTC))
            own.append(read_own_keys(path, region.name))
        told = PublicKeys(keys=tuple(key for keys in own for key in keys.public()))
        write_public_keys(self.options.directory / "federation-keys.json", told)
        done = [await migrate_node(region.settings()) for region in self.regions.values()]
        for server in self._clusters:
            if isinstance(server, CassandraServer):
                await asyncio.to_thread(server.keep_schema)
        return done

    @property
    def _clusters(self) -> list[Cassandra]:
        return [region.cassandra for region in self.regions.values() if region.cassandra is not None]

    async def _start(self, server: NatsServer | Cassandra) -> None:
        self._stack.push_async_callback(asyncio.to_thread, server.stop)
        await asyncio.to_thread(server.start)

    def _region(self, number: int, name: Region) -> DemoRegion:
        files, port = self.options.directory, self.options.port
        # Regions that share a cluster share what its keys are wrapped with.
        shared = self.options.backend == "cassandra"
        owner = f"group-{self.facts.regions[name].group}" if shared else str(name)
        tls = NatsTls(
            certificate=files / "pki" / f"nats.{name}.pem",
            key=files / "pki" / f"nats.{name}.key",
            authorities=files / "pki" / BUNDLE,
            pins_file=files / "pki" / PINS,
        )
        options = NatsOptions(tls=tls, accounts_file=files / str(name) / "accounts.conf")
        nats = NatsServer(files / str(name) / "nats", options)
        ring = files / owner / "keys" / "ring"
        return DemoRegion(name, files / str(name), nats, port + number if port else 0, ring)

    def _give_cassandra(self, group: Sequence[RegionFacts]) -> None:
        """A cluster with a datacenter for each region of *group*, each a process on an address of its own."""
        if len(group) == 1:
            (facts,) = group
            wanted = CassandraOptions(datacenter=facts.datacenter, flush_schema=False)
            folder = self.options.directory / str(facts.name) / "cassandra"
            self.regions[facts.name].cassandra = choose_cassandra(folder, wanted)
            return
        storage_port = free_port()
        for number, facts in enumerate(group, start=1):
            wanted = CassandraOptions(
                host=f"127.0.0.{number}",
                storage_port=storage_port,
                seeds=(LOOPBACK,),
                datacenter=facts.datacenter,
                flush_schema=False,
            )
            folder = self.options.directory / str(facts.name) / "cassandra"
            self.regions[facts.name].cassandra = CassandraServer(folder, wanted)

    def _make_empty(self) -> None:
        """What an earlier run left is stopped and removed: servers that were killed hard may still run."""
        for server in [*(region.nats for region in self.regions.values()), *self._clusters]:
            if server.running:
                server.stop()
        empty(self.options.directory)

    def _certify(self) -> None:
        """An authority of the regions alone, certificates for each, and an account for each peer."""
        now, pki = datetime.now(UTC), self.options.directory / "pki"
        ensure_authority(pki, now=now)
        ensure_bundle(pki, now=now)
        for region in self.regions.values():
            region.directory.mkdir(mode=0o700)
            region.logs.mkdir(mode=0o700)
            ensure_region_certificates(pki, region.name, DOMAIN, now=now)
            accounts = render_accounts(accounts_of(region.name, self.regions))
            replace_private(region.directory / "accounts.conf", accounts.encode())
        ensure_pins(pki)
