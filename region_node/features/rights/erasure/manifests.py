"""The manifest of an erasure: written whole, and durable, before anything is destroyed."""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec

from region_node.features.rights.erasure.model import Erasure, Manifest
from region_node.features.rights.erasure.places import Person, Places
from region_node.features.rights.tables import ERASURE_MANIFESTS
from region_node.storage.engine import Put, Row
from region_node.storage.store import TenantStore
from region_node.storage.subjects import Entry
from region_node.storage.values import blob

CHUNK_BYTES = 30_000


class Listed(msgspec.Struct, frozen=True, array_like=True):
    """One thing to destroy: rows that an entry leads to, or an object by its name."""

    kind: str
    place: str

    @property
    def is_object(self) -> bool:
        return not self.kind

    @property
    def entry(self) -> Entry:
        return Entry(self.kind, self.place)


_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Manifests:
    places: Places

    async def write(self, store: TenantStore, erasure: Erasure) -> Manifest:
        """List all that is there now; repeating it after an interruption begins anew."""
        person = Person(tenant=erasure.tenant, jurisdiction=erasure.jurisdiction, person_id=erasure.person_id)
        digest, counts, number = hashlib.sha256(), Counter[str](), 0
        async for chunk in _chunked(self._all(person)):
            counts.update(one.kind for one in chunk)
            places = _encode(chunk)
            digest.update(places)
            row: Row = {"request_id": erasure.request_id, "number": number, "places": places}
            await store.write_everywhere(Put(ERASURE_MANIFESTS, row))
            number += 1
        objects = counts.pop("", 0)
        return Manifest(chunks=number, sha256=digest.hexdigest(), rows=dict(counts), objects=objects)

    async def read(self, store: TenantStore, erasure: Erasure) -> AsyncIterator[list[Listed]]:
        """The chunks that count; what an interrupted attempt left beyond them is not read."""
        chunks = erasure.manifest.chunks if erasure.manifest else 0
        for number in range(chunks):
            row = await store.get(ERASURE_MANIFESTS, erasure.request_id, number)
            if row is not None:
                yield msgspec.json.decode(blob(row, "places"), type=list[Listed])

    async def _all(self, person: Person) -> AsyncIterator[Listed]:
        async for names in self.places.objects(person):
            for name in names:
                yield Listed("", name)
        async for entries in self.places.entries(person):
            for entry in entries:
                yield Listed(entry.kind, entry.place)


async def _chunked(listed: AsyncIterator[Listed]) -> AsyncIterator[list[Listed]]:
    chunk: list[Listed] = []
    size = 0
    async for one in listed:
        size += len(one.kind) + len(one.place) + 8
        if size > CHUNK_BYTES:
            yield chunk
            chunk, size = [], len(one.kind) + len(one.place) + 8
        chunk.append(one)
    if chunk:
        yield chunk
