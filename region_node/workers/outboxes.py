"""The outboxes of this node's jurisdictions, for relay and sweeps.

Each sweep re-reads the last buckets, which late rows may still join, and goes back to the oldest
bucket that had an open row. The first sweep after a start finds that bucket by a walk over all rows.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime, timedelta

from federation.relay import PointerLike
from region_node.storage.outbox import (
    BUCKET,
    EVENT,
    KEPT,
    WORK,
    Outbox,
    Pointer,
    bucket_of,
    buckets_between,
    oldest_open,
)
from region_node.storage.store import TenantStore

SETTLED_AFTER = timedelta(seconds=5)
OVERLAP = 2 * BUCKET


class NodeOutboxes:
    """`stores` gives every tenant's store of every jurisdiction held here."""

    def __init__(self, stores: Callable[[], Iterable[TenantStore]]) -> None:
        self._stores = stores
        self._oldest: dict[tuple[str, str, str], datetime] = {}
        self._walked: set[str] = set()

    def open_events(self) -> AsyncIterator[Pointer]:
        """Events that nobody published, left for SETTLED_AFTER to the direct hand-over."""
        return self._open(EVENT)

    def open_work(self) -> AsyncIterator[Pointer]:
        return self._open(WORK)

    async def mark_done(self, pointer: PointerLike) -> None:
        if not isinstance(pointer, Pointer):
            raise TypeError("a pointer of this node's outboxes")
        for store in self._stores():
            if (store.tenant, store.jurisdiction) == (pointer.tenant, pointer.jurisdiction):
                await Outbox(store).mark_done(pointer)

    async def _open(self, kind: str) -> AsyncIterator[Pointer]:
        for store in self._stores():
            async for pointer in self._open_of(store, kind):
                yield pointer

    async def _open_of(self, store: TenantStore, kind: str) -> AsyncIterator[Pointer]:
        now = datetime.now(UTC)
        place = (store.jurisdiction, store.tenant, kind)
        await self._walk(store)
        recent = bucket_of(now - OVERLAP)
        first = max(now - KEPT, min(recent, self._oldest.get(place, recent)))
        async for pointer in Outbox(store).open_pointers(buckets_between(first, now)):
            if pointer.kind != kind:
                continue
            recent = min(recent, pointer.bucket)
            if now - pointer.made_at > SETTLED_AFTER:
                yield pointer
        self._oldest[place] = recent

    async def _walk(self, store: TenantStore) -> None:
        if store.jurisdiction not in self._walked:
            found = await oldest_open(store.engine, store.jurisdiction)
            self._oldest |= {(store.jurisdiction, *place): bucket for place, bucket in found.items()}
            self._walked.add(store.jurisdiction)
