"""A connection to the local datacenter of one residency group, with real asynchronous results.

The driver answers in a thread of its own event loop; each answer is handed to the asyncio loop
that waits for it. No thread is held per query, and there is no fallback to another datacenter.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from cassandra import (
    ConsistencyLevel,
    CoordinationFailure,
    OperationTimedOut,
    RequestExecutionException,
    Timeout,
    Unavailable,
)
from cassandra.auth import PlainTextAuthProvider
from cassandra.cluster import Cluster, ExecutionProfile, NoHostAvailable, ResponseFuture, Session
from cassandra.connection import ConnectionBusy, ConnectionException
from cassandra.policies import DCAwareRoundRobinPolicy, ExponentialReconnectionPolicy, TokenAwarePolicy
from cassandra.pool import NoConnectionsAvailable
from cassandra.query import PreparedStatement, dict_factory, tuple_factory

from region_node.storage.errors import StorageUnavailable

MAX_IN_FLIGHT = 256
PREPARERS = 4
PLAIN, EVERYWHERE, SERIAL, CONDITIONAL = "plain", "everywhere", "serial", "conditional"
TRANSIENT = (
    NoHostAvailable,
    OperationTimedOut,
    Timeout,
    Unavailable,
    CoordinationFailure,
    ConnectionException,
    ConnectionBusy,
    NoConnectionsAvailable,
    RequestExecutionException,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CassandraAddress:
    """Where the local datacenter is. `request_timeout_s` is the longest a caller waits."""

    contact_points: tuple[str, ...]
    port: int
    local_datacenter: str
    username: str = ""
    password: str = ""
    request_timeout_s: float = 10.0

    def __repr__(self) -> str:
        return f"CassandraAddress({self.contact_points}, {self.port}, {self.local_datacenter})"


@dataclass(slots=True)
class Answer:
    rows: Sequence[Any]
    paging_state: bytes | None


class CassandraSession:
    """Opened with `await CassandraSession.open(...)`; statements are prepared once, when first used."""

    def __init__(self, cluster: Cluster, session: Session) -> None:
        self._cluster = cluster
        self._session = session
        self._prepared: dict[str, PreparedStatement] = {}
        self._preparing: dict[str, asyncio.Task[PreparedStatement]] = {}
        self._preparers = ThreadPoolExecutor(PREPARERS, thread_name_prefix="cql-prepare")
        self._in_flight = asyncio.Semaphore(MAX_IN_FLIGHT)

    @classmethod
    async def open(cls, address: CassandraAddress, *, schema_metadata: bool = True) -> "CassandraSession":
        """Connect.

        Raises:
            StorageUnavailable: no node of the local datacenter answers.
        """
        cluster = _cluster(address, schema_metadata=schema_metadata)
        try:
            return cls(cluster, await asyncio.to_thread(cluster.connect))
        except TRANSIENT as fault:
            await asyncio.to_thread(cluster.shutdown)
            raise StorageUnavailable(f"Cassandra: {type(fault).__name__}") from fault

    async def prepare(self, text: str) -> PreparedStatement:
        found = self._prepared.get(text)
        if found is not None:
            return found
        task = self._preparing.get(text)
        if task is None:
            task = asyncio.create_task(self._prepare(text))
            self._preparing[text] = task
        try:
            self._prepared[text] = await asyncio.shield(task)
        except TRANSIENT as fault:
            raise StorageUnavailable(f"Cassandra: {type(fault).__name__}") from fault
        finally:
            self._preparing.pop(text, None)
        return self._prepared[text]

    async def _prepare(self, text: str) -> PreparedStatement:
        """In threads of their own: while the server is away each waits out its time limit."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._preparers, self._session.prepare, text)

    async def execute(
        self, statement: Any, profile: str = PLAIN, paging_state: bytes | None = None
    ) -> Answer:
        """Run one statement.

        Raises:
            StorageUnavailable: a timeout, or too few replicas. A write may have happened all the same.
        """
        loop = asyncio.get_running_loop()
        async with self._in_flight:
            waiter: asyncio.Future[Answer] = loop.create_future()
            try:
                future = self._session.execute_async(
                    statement, execution_profile=profile, paging_state=paging_state
                )
                future.add_callbacks(
                    lambda rows: loop.call_soon_threadsafe(_answer, waiter, future, rows),
                    lambda fault: loop.call_soon_threadsafe(_fail, waiter, fault),
                )
                return await waiter
            except TRANSIENT as fault:
                raise StorageUnavailable(f"Cassandra: {type(fault).__name__}") from fault

    async def close(self) -> None:
        self._preparers.shutdown(wait=False, cancel_futures=True)
        await asyncio.to_thread(self._cluster.shutdown)


def _cluster(address: CassandraAddress, *, schema_metadata: bool) -> Cluster:
    def profile(row_factory: Any, consistency: int) -> ExecutionProfile:
        return ExecutionProfile(
            load_balancing_policy=TokenAwarePolicy(
                DCAwareRoundRobinPolicy(local_dc=address.local_datacenter)
            ),
            consistency_level=consistency,
            serial_consistency_level=ConsistencyLevel.LOCAL_SERIAL,
            request_timeout=address.request_timeout_s,
            row_factory=row_factory,
        )

    login = PlainTextAuthProvider(address.username, address.password) if address.username else None
    return Cluster(
        contact_points=list(address.contact_points),
        port=address.port,
        auth_provider=login,
        protocol_version=5,
        compression=False,  # most of what goes over is sealed, and does not shrink
        schema_metadata_enabled=schema_metadata,
        reconnection_policy=ExponentialReconnectionPolicy(base_delay=0.5, max_delay=10.0, max_attempts=None),
        connect_timeout=address.request_timeout_s,
        control_connection_timeout=address.request_timeout_s,
        execution_profiles={
            PLAIN: profile(tuple_factory, ConsistencyLevel.LOCAL_QUORUM),
            EVERYWHERE: profile(tuple_factory, ConsistencyLevel.EACH_QUORUM),
            SERIAL: profile(tuple_factory, ConsistencyLevel.LOCAL_SERIAL),
            CONDITIONAL: profile(dict_factory, ConsistencyLevel.LOCAL_QUORUM),
        },
    )


def _answer(waiter: "asyncio.Future[Answer]", future: ResponseFuture, rows: Any) -> None:
    if not waiter.done():
        waiter.set_result(Answer(rows or (), future._paging_state))  # noqa: SLF001 - ResultSet reads it the same way


def _fail(waiter: "asyncio.Future[Answer]", fault: BaseException) -> None:
    if not waiter.done():
        waiter.set_exception(fault)
