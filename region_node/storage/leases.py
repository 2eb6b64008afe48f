"""Leases: one holder at a time for an aggregate, across processes and nodes, until a moment in time.

A lease is taken by a conditional write and ends by itself, so a killed holder blocks nobody for
longer than LEASE. Holders do their reading and writing well inside it.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from policies.vocabulary import DataCategory
from region_node.ids import new_id
from region_node.storage.engine import Row
from region_node.storage.errors import StorageUnavailable
from region_node.storage.schema import Budget, Column, ColumnType, Table
from region_node.storage.store import TenantStore

LEASE = timedelta(seconds=10)
PATIENCE = timedelta(seconds=15)

LEASES = Table(
    name="leases",
    partition=("scope", "aggregate_id"),
    columns={
        "scope": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL),
        "aggregate_id": Column(ColumnType.TEXT, DataCategory.IDENTIFIER),
        "holder": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL),
        "ends_at": Column(ColumnType.INSTANT, DataCategory.TIMESTAMP),
    },
    conditional=True,
    ttl_s=3600,
    budget=Budget(rows=1, row_bytes=300),
)


@dataclass(frozen=True, slots=True)
class Leases:
    store: TenantStore

    @asynccontextmanager
    async def hold(self, scope: str, aggregate_id: str) -> AsyncIterator[None]:
        """Wait for the lease, hold it for the block, give it back.

        Raises:
            StorageUnavailable: somebody else held it for longer than PATIENCE.
        """
        own = await self._take(scope, aggregate_id)
        try:
            yield
        finally:
            await self.store.release(LEASES, (scope, aggregate_id), {"holder": own["holder"]})

    async def _take(self, scope: str, aggregate_id: str) -> Row:
        holder, give_up_at = new_id(), datetime.now(UTC) + PATIENCE
        while True:
            moment = datetime.now(UTC).replace(microsecond=0)
            own: Row = {
                "scope": scope,
                "aggregate_id": aggregate_id,
                "holder": holder,
                "ends_at": moment + LEASE,
            }
            claim = await self.store.claim(LEASES, own)
            ends_at = claim.row.get("ends_at")
            if not claim.won and isinstance(ends_at, datetime) and ends_at < moment:
                claim = await self.store.swap(LEASES, {"holder": claim.row["holder"]}, own)
            if claim.won:
                return own
            if moment > give_up_at:
                raise StorageUnavailable("another writer holds this record", retry_after_s=2)
            await asyncio.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - spreads retries, guards nothing  # nosec B311
