"""A Cassandra cluster through its own interface: every table of every keyspace that is not the server's own,
by ranges of tokens and in pages, and on which datacenters each keyspace has copies.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from cassandra import ConsistencyLevel, DriverException
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import EXEC_PROFILE_DEFAULT, Cluster, ExecutionProfile, NoHostAvailable
from cassandra.metadata import protect_name
from cassandra.policies import WhiteListRoundRobinPolicy
from cassandra.query import SimpleStatement, dict_factory

from cli.auditing.layout import JURISDICTION_COLUMN, SYSTEM_KEYSPACES, space_of_keyspace
from cli.auditing.model import CONTROL_NAME, Kind, Mark, Scope, Sighting, Store, StoreUnreachable, Tally
from cli.auditing.patterns import Patterns
from cli.auditing.places import Places

PAGE_ROWS = 200
TIMEOUT_S = 60.0
LOWEST_TOKEN = -(2**63)
CONTROL_KEYSPACE = CONTROL_NAME.replace("-", "_")
"""Not named as ours are: a node that starts during an audit does not take it for a jurisdiction's."""

_FAULTS = (DriverException, NoHostAvailable, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class CassandraLogin:
    hosts: tuple[str, ...]
    port: int = 9042
    username: str = ""
    password: str = field(default="", repr=False)


@dataclass(slots=True)
class CassandraTables:
    """Reads with a quorum of the datacenter that it is connected to."""

    login: CassandraLogin
    places: Places
    patterns: Patterns
    store: Store = Store.CASSANDRA
    _session: Any = None

    @contextmanager
    def planted(self, mark: Mark) -> Iterator[frozenset[Kind]]:
        cluster = _cluster(self.login)
        try:
            try:
                self._session = cluster.connect()
            except _FAULTS as fault:
                hosts = ", ".join(self.login.hosts)
                raise StoreUnreachable(
                    f"Cassandra at {hosts} does not answer ({type(fault).__name__})"
                ) from fault
            try:
                yield self._plant(mark)
            finally:
                self._unplant()
        finally:
            cluster.shutdown()

    def sightings(self, tally: Tally) -> Iterator[Sighting]:
        try:
            yield from self._replicas(tally)
            for keyspace, known in sorted(self._session.cluster.metadata.keyspaces.items()):
                if keyspace in SYSTEM_KEYSPACES:
                    continue
                scope = self._scope(keyspace)
                space = space_of_keyspace(keyspace)
                if space in self.places.articles:
                    yield Sighting(self.store, keyspace, "", Kind.PLACE, space, scope, keyspace.encode())
                for table in (*known.tables.values(), *known.views.values()):
                    tally.counts["tables"] += 1
                    yield from self._table(table, scope, tally)
        except _FAULTS as fault:
            raise StoreUnreachable(f"Cassandra went away ({type(fault).__name__})") from fault

    def _table(self, table: Any, scope: Scope, tally: Tally) -> Iterator[Sighting]:
        keyspace = table.keyspace_name
        name = f"{protect_name(keyspace)}.{protect_name(table.name)}"
        key = ", ".join(protect_name(column.name) for column in table.partition_key)
        for low, high in self._ranges():
            where = f"token({key}) > {low} AND token({key}) <= {high}"
            text = f"SELECT * FROM {name} WHERE {where}"  # noqa: S608 - names are the server's own
            for row in self._session.execute(SimpleStatement(text, fetch_size=PAGE_ROWS), timeout=TIMEOUT_S):
                tally.counts["rows"] += 1
                for kind, jurisdiction, of in self._said(row):
                    yield Sighting(self.store, keyspace, table.name, kind, jurisdiction, scope, of)

    def _said(self, row: dict[str, Any]) -> Iterator[tuple[Kind, str, bytes]]:
        short = (str(value) for value in row.values() if isinstance(value, str | int))
        key = "\x1f".join(short).encode(errors="surrogatepass")
        if JURISDICTION_COLUMN in row:
            yield Kind.ROW, str(row[JURISDICTION_COLUMN]), key
        for value in row.values():
            if isinstance(value, str | bytes):
                raw = value.encode() if isinstance(value, str) else value
                for seen in self.patterns.in_value(raw):
                    yield seen.kind, seen.jurisdiction, seen.text if seen.kind is Kind.ID else key

    def _ranges(self) -> list[tuple[int, int]]:
        """Every token once: the ring's own borders, so that each query has one set of replicas."""
        ring = self._session.cluster.metadata.token_map.ring
        borders = [LOWEST_TOKEN, *sorted(token.value for token in ring), 2**63 - 1]
        return [(low, high) for low, high in pairwise(borders) if low < high]

    def _replicas(self, tally: Tally) -> Iterator[Sighting]:
        known = {host.datacenter for host in self._session.cluster.metadata.all_hosts()}
        rows = self._session.execute("SELECT keyspace_name, replication FROM system_schema.keyspaces")
        for row in rows:
            keyspace = row["keyspace_name"]
            if keyspace in {*SYSTEM_KEYSPACES, CONTROL_KEYSPACE}:
                continue
            tally.counts["keyspaces"] += 1
            for fault in replication_faults(dict(row["replication"]), known, self.places.datacenters):
                space = space_of_keyspace(keyspace)
                jurisdiction = space if space in self.places.articles else ""
                yield Sighting(
                    self.store,
                    keyspace,
                    fault,
                    Kind.REPLICA,
                    jurisdiction,
                    self.places.scope(space),
                    f"{keyspace} {fault}".encode(),
                )

    def _scope(self, keyspace: str) -> Scope:
        if keyspace == CONTROL_KEYSPACE:
            return Scope(frozenset())
        return self.places.scope(space_of_keyspace(keyspace))

    def _plant(self, mark: Mark) -> frozenset[Kind]:
        document = f'{{"jurisdiction": "{mark.jurisdiction}", "of": "{mark.person_id}"}}'
        here = self._session.execute("SELECT data_center FROM system.local").one()["data_center"]
        try:
            self._unplant()
            self._session.execute(
                f"CREATE KEYSPACE {CONTROL_KEYSPACE} WITH replication = "
                f"{{'class': 'NetworkTopologyStrategy', '{here}': 1}}"
            )
            self._session.execute(
                f"CREATE TABLE {CONTROL_KEYSPACE}.scratch (id text PRIMARY KEY, jurisdiction text, body text)"
            )
            self._session.execute(
                f"INSERT INTO {CONTROL_KEYSPACE}.scratch (id, jurisdiction, body) VALUES (%s, %s, %s)",  # noqa: S608 - a name of ours
                (mark.person_id, mark.jurisdiction, document),
            )
        except _FAULTS:
            return frozenset()
        return frozenset({Kind.ROW, Kind.ID, Kind.FIELD})

    def _unplant(self) -> None:
        try:
            self._session.execute(f"DROP KEYSPACE IF EXISTS {CONTROL_KEYSPACE}", timeout=TIMEOUT_S)
        except _FAULTS:
            return


def replication_faults(
    replication: dict[str, str], known: set[str], allowed: frozenset[str]
) -> Iterator[str]:
    """*replication* as `system_schema.keyspaces` has it; names of datacenters are compared exactly."""
    strategy = replication.pop("class", "").rpartition(".")[2]
    if strategy != "NetworkTopologyStrategy":
        yield f"{strategy} does not keep copies in place"
        return
    for datacenter in sorted(replication):
        if datacenter not in known:
            yield f"datacenter {datacenter} is not known to the cluster"
        elif datacenter not in allowed:
            yield f"datacenter {datacenter} is outside the group"


def _cluster(login: CassandraLogin) -> Cluster:
    """Only the hosts that were named are asked: the audit itself sends nothing to another place."""
    profile = ExecutionProfile(
        load_balancing_policy=WhiteListRoundRobinPolicy(list(login.hosts)),
        consistency_level=ConsistencyLevel.LOCAL_QUORUM,
        request_timeout=TIMEOUT_S,
        row_factory=dict_factory,
    )
    return Cluster(
        contact_points=list(login.hosts),
        port=login.port,
        auth_provider=PlainTextAuthProvider(login.username, login.password) if login.username else None,
        protocol_version=5,
        connect_timeout=10,
        execution_profiles={EXEC_PROFILE_DEFAULT: profile},
    )
