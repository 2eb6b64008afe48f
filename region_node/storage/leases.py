"""Leases: one holder at a time for an aggregate, across processes and nodes, until a moment in time.

A lease is taken by a conditional write and ends by itself, so a killed holder blocks nobody for
longer than LEASE. Holders do their reading and writing well inside it, or keep it: then it is renewed.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from policies.vocabulary import DataCategory
from region_node.ids import name_of, new_id
from region_node.storage.engine import Row
from region_node.storage.errors import StorageError, StorageUnavailable
from region_node.storage.schema import Budget, Column, ColumnType, Table
from region_node.storage.store import TenantStore

LEASE = timedelta(seconds=10)
PATIENCE = timedelta(seconds=15)
MAX_HELD_S = 7.0
"""Well inside a lease: a write that begins after its end could take the place of another holder's."""

RENEW_EVERY_S = 2.5

LEASES = Table(
    name="leases",
    partition=("scope", "name"),
    columns={
        "scope": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL),
        "name": Column(ColumnType.TEXT, DataCategory.PSEUDONYM),
        "holder": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL),
        "ends_at": Column(ColumnType.INSTANT, DataCategory.TIMESTAMP),
    },
    conditional=True,
    ttl_s=3600,
    budget=Budget(rows=1, row_bytes=300),
)


class LeaseTaken(Exception):
    """Somebody else is at it: leave it to them."""


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
            await self.store.release(LEASES, (scope, name_of(aggregate_id)), {"holder": own["holder"]})

    @asynccontextmanager
    async def hold_briefly(self, scope: str, aggregate_id: str) -> AsyncIterator[None]:
        """As `hold`, for a block that reads and then writes what rests on it: it is cancelled in time.

        Raises:
            StorageUnavailable: as `hold`, and where the block took longer than MAX_HELD_S.
        """
        async with self.hold(scope, aggregate_id):
            try:
                async with asyncio.timeout(MAX_HELD_S):
                    yield
            except TimeoutError:
                raise StorageUnavailable("this could not be read and written in time") from None

    @asynccontextmanager
    async def keep(self, scope: str, aggregate_id: str) -> AsyncIterator[None]:
        """Hold the lease, where it is free, for as long as the block takes: it is renewed meanwhile.

        Raises:
            LeaseTaken: somebody else has it.
            StorageUnavailable: it could not be renewed in time, and the block was cancelled.
        """
        holder = new_id()
        if not await self._is_taken(scope, aggregate_id, holder):
            raise LeaseTaken
        try:
            async with asyncio.timeout(MAX_HELD_S) as bound:
                renewing = asyncio.create_task(self._renew(scope, aggregate_id, holder, bound))
                try:
                    yield
                finally:
                    renewing.cancel()
        except TimeoutError:
            raise StorageUnavailable("the lease was lost while its holder was at work") from None
        finally:
            await self.store.release(LEASES, (scope, name_of(aggregate_id)), {"holder": holder})

    async def _renew(self, scope: str, aggregate_id: str, holder: str, bound: asyncio.Timeout) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(RENEW_EVERY_S)
            since = loop.time()
            with suppress(StorageError):
                own = _own(scope, aggregate_id, holder)
                claim = await self.store.swap(LEASES, {"holder": holder}, own)
                if bound.expired():
                    return
                bound.reschedule(since + MAX_HELD_S if claim.won else since)
                if not claim.won:
                    return

    async def _take(self, scope: str, aggregate_id: str) -> Row:
        holder, give_up_at = new_id(), datetime.now(UTC) + PATIENCE
        while not await self._is_taken(scope, aggregate_id, holder):
            if datetime.now(UTC) > give_up_at:
                raise StorageUnavailable("another writer holds this record", retry_after_s=2)
            await asyncio.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - spreads retries, guards nothing  # nosec B311
        return _own(scope, aggregate_id, holder)

    async def _is_taken(self, scope: str, aggregate_id: str, holder: str) -> bool:
        """Whether *holder* has it now: it was free, or its last holder's time is over."""
        own = _own(scope, aggregate_id, holder)
        claim = await self.store.claim(LEASES, own)
        ends_at = claim.row.get("ends_at")
        moment = datetime.now(UTC).replace(microsecond=0)
        if not claim.won and isinstance(ends_at, datetime) and ends_at < moment:
            claim = await self.store.swap(LEASES, {"holder": claim.row["holder"]}, own)
        return claim.won


def _own(scope: str, aggregate_id: str, holder: str) -> Row:
    ends_at = datetime.now(UTC).replace(microsecond=0) + LEASE
    return {"scope": scope, "name": name_of(aggregate_id), "holder": holder, "ends_at": ends_at}
