"""Where keyspaces may lie: made by migrations, checked before a node starts.

A keyspace that is not on `NetworkTopologyStrategy`, or that names a datacenter which the cluster
does not know (names are compared exactly) or which is outside the residency group, would put
personal data where its law does not want it: the node refuses to start and says which.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from region_node.storage import cassandra_cql as cql
from region_node.storage.cassandra_session import CassandraSession
from region_node.storage.errors import SchemaMismatch

SIMPLE_MAP = "SELECT keyspace_name, replication FROM system_schema.keyspaces"
DURABLE_SYNC = ("batch", "group")


@dataclass(frozen=True, slots=True)
class Placement:
    """What a residency group allows: copies per datacenter of its regions, and the spaces it holds."""

    copies: Mapping[str, int]
    spaces: tuple[str, ...]


async def create_keyspaces(session: CassandraSession, placement: Placement) -> None:
    for space in placement.spaces:
        await session.execute(cql.create_keyspace(space, dict(placement.copies)))


async def require_placement(session: CassandraSession, placement: Placement) -> None:
    """Compare every keyspace of ours with what the group allows.

    Raises:
        SchemaMismatch: names each offending keyspace, with all faults at once.
    """
    known = await _datacenters(session)
    replications = await _replications(session)
    faults = list(placement_faults(replications, placement, known))
    faults += await _sync_faults(session)
    if faults:
        raise SchemaMismatch("; ".join(faults))


def placement_faults(
    replications: Mapping[str, Mapping[str, str]], placement: Placement, known: Collection[str]
) -> Iterable[str]:
    """Faults of keyspaces named with our prefix; *replications* as `system_schema.keyspaces` has them."""
    wanted = {cql.keyspace(space) for space in placement.spaces}
    for name in sorted(wanted - replications.keys()):
        yield f"keyspace {name} is missing: run `meridian db migrate`"
    for name, replication in sorted(replications.items()):
        if not name.startswith(cql.KEYSPACE_PREFIX):
            continue
        if name not in wanted:
            yield f"keyspace {name} holds a jurisdiction that this residency group may not hold"
        strategy = replication.get("class", "").rpartition(".")[2]
        if strategy != "NetworkTopologyStrategy":
            yield f"keyspace {name} uses {strategy}; only NetworkTopologyStrategy keeps data in place"
            continue
        for datacenter in sorted(replication.keys() - {"class"}):
            if datacenter not in known:
                yield f"keyspace {name} names datacenter {datacenter}, which this cluster does not know"
            elif datacenter not in placement.copies:
                yield f"keyspace {name} names datacenter {datacenter}, which is outside the residency group"
        for datacenter in sorted(placement.copies.keys() - replication.keys()):
            yield f"keyspace {name} has no copy in datacenter {datacenter}"


async def _datacenters(session: CassandraSession) -> set[str]:
    local = await session.execute("SELECT data_center FROM system.local")
    peers = await session.execute("SELECT data_center FROM system.peers_v2")
    return {row[0] for row in [*local.rows, *peers.rows] if row[0]}


async def _replications(session: CassandraSession) -> dict[str, dict[str, str]]:
    answer = await session.execute(SIMPLE_MAP)
    return {name: dict(replication) for name, replication in answer.rows}


async def _sync_faults(session: CassandraSession) -> list[str]:
    answer = await session.execute("SELECT value FROM system_views.settings WHERE name = 'commitlog_sync'")
    value = str(answer.rows[0][0]) if answer.rows else "unknown"
    if value in DURABLE_SYNC:
        return []
    return [
        f"commitlog_sync is {value}: an acknowledged write could be lost with the machine; set it to batch"
    ]
