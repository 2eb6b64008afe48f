"""A person's rows, opened, table by table: what is exported is what is stored, so nothing is forgotten."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import msgspec

from policies.vocabulary import DataCategory
from region_node.features.rights.erasure.places import OBJECT, Person, Places
from region_node.storage.engine import MAX_PAGE, Key, Row, Slice, Value
from region_node.storage.schema import JURISDICTION, TENANT, Table
from region_node.storage.store import TenantStore
from region_node.storage.subjects import own_partition
from region_node.storage.values import text

PACKED = {"workout_parts", "workout_health_parts"}
"""Written as GPX and not as rows; charts and laps are made from the originals, which are exported."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    name: str
    object_name: str


@dataclass(frozen=True)
class Rows:
    """`store` is one of the person's rights: it leaves nothing out."""

    places: Places
    store: TenantStore
    person_id: str

    @property
    def tables(self) -> list[Table]:
        return [table for table in self.places.erased if table.name not in PACKED]

    async def of(self, table: Table) -> AsyncIterator[Row]:
        """The person's rows of a table."""
        if own_partition(table):
            async for row in self._slice(table, (self.person_id,)):
                yield row
            return
        async for entries in self.places.entries(self._person):
            for entry in entries:
                if table not in entry.tables([table]):
                    continue
                if entry.is_partition:
                    async for row in self._slice(table, entry.key(table)):
                        yield row
                    continue
                found = await self.store.get(table, *entry.key(table))
                if found is not None and any(found[name] == self.person_id for name in table.subject):
                    yield found

    async def files(self) -> AsyncIterator[StoredFile]:
        """Originals that the person sent."""
        for table in self.tables:
            if OBJECT in table.columns and "file_name" in table.columns:
                async for row in self.of(table):
                    if text(row, OBJECT):
                        yield StoredFile(
                            f"{text(row, 'upload_id')}-{_safe(text(row, 'file_name'))}", text(row, OBJECT)
                        )

    @property
    def _person(self) -> Person:
        return Person(
            tenant=self.store.tenant, jurisdiction=self.store.jurisdiction, person_id=self.person_id
        )

    async def _slice(self, table: Table, partition: Key) -> AsyncIterator[Row]:
        after: Key | None = ()
        while after is not None:
            page = await self.store.slice(table, Slice(partition=partition, limit=MAX_PAGE, after=after))
            for row in page.rows:
                yield row
            after = page.after if table.clustering else None


def document(table: Table, row: Row) -> dict[str, Any]:
    """A row as it is handed out: without secrets and without what only the platform needs."""
    secret = {name for name, one in table.columns.items() if one.category is DataCategory.CREDENTIAL}
    hidden = secret | {TENANT, JURISDICTION}
    return {name: _shown(value) for name, value in row.items() if name not in hidden}


def _shown(value: Value) -> Any:
    """JSON inside a column is handed out as JSON, other bytes as base64."""
    if not isinstance(value, bytes):
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return base64.b64encode(value).decode()


def _safe(name: str) -> str:
    """A name that stays inside the folder it is unpacked into."""
    kept = "".join(char if char.isalnum() or char in "._- " else "_" for char in name)
    return kept.replace("..", "_")[:120] or "file"
