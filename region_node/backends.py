"""Opens what the settings name: engine, control database, objects, keys. Nothing is made here."""

from dataclasses import dataclass
from pathlib import Path

import httpx

from region_node.control.database import ControlDatabase
from region_node.objects.store import Objects
from region_node.packs import shipped_packs
from region_node.regions import Group, Regions, read_regions
from region_node.security.file_keyring import FileKeyRing
from region_node.settings import Settings, read_secret
from region_node.storage.cassandra import CassandraEngine
from region_node.storage.cassandra_session import CassandraAddress, CassandraSession
from region_node.storage.cassandra_topology import Placement, require_placement
from region_node.storage.engine import KEYS, SHARED, Engine
from region_node.storage.sqlite import SqliteEngine


@dataclass(frozen=True, slots=True)
class Geography:
    """Where this node stands: its region's residency group and what that may hold."""

    regions: Regions
    group: Group

    @property
    def held(self) -> frozenset[str]:
        return frozenset(str(jurisdiction) for jurisdiction in self.group.jurisdictions)

    @property
    def spaces(self) -> tuple[str, ...]:
        return (*sorted(self.held), SHARED, KEYS)


def geography(settings: Settings) -> Geography:
    """Raises FaultyDocuments, or KeyError for a region that the file does not name."""
    regions = read_regions(settings.node.regions_file, shipped_packs())
    region = next(name for name in regions.regions if str(name) == settings.node.region)
    return Geography(regions, regions.group_of(region))


def placement(settings: Settings, place: Geography) -> Placement:
    copies = {
        facts.datacenter: settings.storage.replicas for facts in place.regions.regions_of(place.group.name)
    }
    return Placement(copies, place.spaces)


def cassandra_address(settings: Settings) -> CassandraAddress:
    storage = settings.storage
    return CassandraAddress(
        contact_points=storage.contact_points,
        port=storage.port,
        local_datacenter=storage.local_datacenter,
        username=storage.username,
        password=read_secret(storage.password_file) if storage.password_file else "",
        request_timeout_s=storage.request_timeout_s,
    )


async def open_engine(settings: Settings, place: Geography) -> Engine:
    """Open the store.

    Raises:
        StorageUnavailable: it does not answer.
        SchemaMismatch: a keyspace lies where it must not, or is missing.
    """
    if settings.storage.engine == "sqlite":
        return SqliteEngine(settings.node.data_directory / "rows")
    session = await CassandraSession.open(cassandra_address(settings))
    try:
        await require_placement(session, placement(settings, place))
    except BaseException:
        await session.close()
        raise
    return CassandraEngine(session, settings.storage.nodetool)


def control_url(settings: Settings) -> str:
    if settings.control.url_file is not None:
        return read_secret(settings.control.url_file)
    return f"sqlite://{settings.node.data_directory / 'control.sqlite'}"


async def open_control(settings: Settings) -> ControlDatabase:
    return await ControlDatabase.open(control_url(settings))


QUORUM_REPLICAS = 3


class NotDurable(Exception):
    """What the broker acknowledges could be lost with its machine; the message says what to change."""


async def require_durable_bus(settings: Settings) -> None:
    """Raises NotDurable unless messages lie on a quorum of servers, or are written synchronously."""
    nats = settings.nats
    if nats.replicas >= QUORUM_REPLICAS:
        return
    if not nats.monitor_url:
        raise NotDurable(
            "set nats.replicas to 3, or nats.monitor_url to prove that the server writes at once"
        )
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            varz = (await client.get(f"{nats.monitor_url}/varz")).json()
    except (httpx.HTTPError, ValueError) as fault:
        raise NotDurable(f"{nats.monitor_url} does not answer: {type(fault).__name__}") from fault
    if not varz.get("jetstream", {}).get("config", {}).get("sync_always"):
        raise NotDurable("set `sync_interval: always` in the jetstream part of the NATS configuration")


def open_objects(settings: Settings) -> Objects:
    return Objects.in_folder(settings.node.data_directory / "objects")


def open_ring(settings: Settings) -> FileKeyRing:
    return FileKeyRing(settings.keys.ring_file)


def ensure_directory(path: Path) -> None:
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
