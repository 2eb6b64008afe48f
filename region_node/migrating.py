"""Bringing a node's stores to this version: keyspaces, tables, control database. Safe to repeat."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from region_node import backends
from region_node.control.database import ControlDatabase
from region_node.control.pack_versions import PackVersions
from region_node.control.records import Region
from region_node.control.store import ControlStore
from region_node.schema import MIGRATIONS
from region_node.security.signing_keys import jwks_document
from region_node.settings import Settings
from region_node.shipping import ship_packs
from region_node.storage.cassandra import CassandraEngine
from region_node.storage.cassandra_session import CassandraSession
from region_node.storage.cassandra_topology import create_keyspaces, require_placement
from region_node.storage.engine import Engine
from region_node.storage.migrations import applied, migrate
from region_node.storage.sqlite import SqliteEngine

Tell = Callable[[str, int, int], None]
"""Called with a space, how many are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """`applied` counts migrations over all spaces; `seconds` is how long the whole took.

    `packs_waiting` came with this version and take effect when two people say so.
    """

    spaces: int
    applied: int
    control: int
    seconds: float
    packs_waiting: tuple[str, ...] = ()


async def migrate_node(settings: Settings, tell: Tell = lambda *_: None) -> Migrated:
    """Make what is missing, in every space of this node's residency group.

    Raises:
        StorageUnavailable, SchemaMismatch, ControlUnavailable
    """
    begin = time.monotonic()
    place = backends.geography(settings)
    backends.ensure_directory(settings.node.data_directory)
    control = await backends.open_control(settings)
    try:
        done = await control.migrate()
        waiting = await _record_facts(control, settings, place)
    finally:
        await control.close()
    engine = await _open_for_migration(settings, place)
    count = 0
    try:
        for number, space in enumerate(place.spaces, start=1):
            count += len(await migrate(engine, space, MIGRATIONS))
            tell(space, number, len(place.spaces))
    finally:
        await engine.close()
    return Migrated(len(place.spaces), count, len(done), round(time.monotonic() - begin, 3), waiting)


async def _record_facts(
    control: ControlDatabase, settings: Settings, place: backends.Geography
) -> tuple[str, ...]:
    """Make this region known to the others; return the packs that wait for two people."""
    signing_keys = backends.open_ring(settings).signing_keys()
    waiting = await ship_packs(PackVersions(control), signing_keys[0])
    keys = jwks_document(signing_keys)
    address = f"{'https' if settings.tls else 'http'}://{settings.node.host}:{settings.node.port}"
    region = Region(
        id=settings.node.region,
        residency_group=str(place.group.name),
        address=address,
        signing_keys=dict(keys),
    )
    await ControlStore(control).put_region(region)
    return waiting


async def status(settings: Settings) -> dict[str, list[int]]:
    """The numbers of the migrations that each space still lacks; empty lists mean that all is done."""
    place = backends.geography(settings)
    engine = await backends.open_engine(settings, place)
    wanted = {migration.number for migration in MIGRATIONS}
    try:
        return {space: sorted(wanted - await applied(engine, space)) for space in place.spaces}
    finally:
        await engine.close()


async def _open_for_migration(settings: Settings, place: backends.Geography) -> Engine:
    if settings.storage.engine == "sqlite":
        return SqliteEngine(settings.node.data_directory / "rows")
    session = await CassandraSession.open(backends.cassandra_address(settings), schema_metadata=False)
    try:
        await create_keyspaces(session, backends.placement(settings, place))
        await require_placement(session, backends.placement(settings, place))
    except BaseException:
        await session.close()
        raise
    return CassandraEngine(session)
