"""Rows of guardian codes and of the children that somebody answers for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from region_node.features.consent.model import to_millisecond
from region_node.features.consent.tables import GUARDIAN_CODES, GUARDIANSHIPS, MAX_CHILDREN
from region_node.storage.engine import Delete, Key, Put, Row, Slice
from region_node.storage.store import TenantStore
from region_node.storage.subjects import entries_of, index_of
from region_node.storage.values import text

INDEX = index_of(GUARDIANSHIPS)


@dataclass(frozen=True, slots=True)
class GuardianStore:
    """Bound to one tenant and jurisdiction."""

    store: TenantStore

    async def put_code(self, key: str, child_id: str) -> None:
        await self.store.claim(GUARDIAN_CODES, {"code_key": key, "person_id": child_id})

    async def child_of(self, key: str) -> str | None:
        row = await self.store.get(GUARDIAN_CODES, key)
        return text(row, "person_id") if row else None

    async def take_code(self, key: str, child_id: str) -> bool:
        """True for one caller only."""
        return await self.store.release(GUARDIAN_CODES, (key,), {"person_id": child_id})

    async def put_child(self, guardian_id: str, child_id: str, since: datetime) -> None:
        """With its entry in the child's index, each time anew: the last end may have taken it away."""
        row: Row = {"guardian_id": guardian_id, "child_id": child_id, "since": to_millisecond(since)}
        entry = _index_key(guardian_id, child_id)
        named = dict(zip(INDEX.own_key, entry, strict=True))
        await self.store.write(Put(GUARDIANSHIPS, row), Put(INDEX, named))

    async def remove_child(self, guardian_id: str, child_id: str) -> None:
        """The entry in the child's index goes as well: it names the guardian."""
        entry = _index_key(guardian_id, child_id)
        await self.store.write(Delete(GUARDIANSHIPS, (guardian_id, child_id)), Delete(INDEX, entry))

    async def children(self, guardian_id: str) -> Sequence[str]:
        page = await self.store.slice(GUARDIANSHIPS, Slice(partition=(guardian_id,), limit=MAX_CHILDREN))
        return [text(row, "child_id") for row in page.rows]


def _index_key(guardian_id: str, child_id: str) -> Key:
    """Of the entry by which the row is found from the child."""
    row: Row = {"guardian_id": guardian_id, "child_id": child_id}
    ((person, entry),) = entries_of(GUARDIANSHIPS, row)
    return (person, entry.kind, entry.place)
