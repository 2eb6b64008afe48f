"""Rows of the ledger and of the standing beside it, in the person's home jurisdiction."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import msgspec

from federation.catalogue import STANDING_CHANGED
from policies.vocabulary import Purpose
from region_node.features.consent.model import Draft, Entry, EntryState
from region_node.features.consent.tables import CONSENT_ENTRIES
from region_node.rulings.standing import STANDING_WORK, STANDINGS, Standing
from region_node.security.sealing import SealBroken
from region_node.storage.engine import Key, Put, Row, Slice
from region_node.storage.outbox import EVENT, WORK, Outbox, Pointer
from region_node.storage.schema import JURISDICTION, TENANT, Order
from region_node.storage.store import TenantStore
from region_node.storage.values import blob, instant, number, text

PAGE = 200
_RULE_NOTHING = {EntryState.BEGUN, EntryState.ASKED, EntryState.HOLD, EntryState.HOLD_RELEASED}
"""After these, rulings on what others may have of a person are as they were before."""

UNREADABLE = (SealBroken, msgspec.MsgspecError, ValueError)


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What of an entry lies sealed."""

    age_band: str
    pack_version: str
    draft: Draft
    salt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """A standing with number and hash, in hex, of the entry that it stands for."""

    standing: Standing
    version: int
    head: str


@dataclass(frozen=True, slots=True)
class ConsentStore:
    """Bound to one tenant and jurisdiction; appended to under the person's lease only."""

    store: TenantStore

    async def latest(self, person_id: str) -> Latest | None:
        row = await self.store.get(STANDINGS, person_id)
        if row is None:
            return None
        standing = msgspec.json.decode(blob(row, "body"), type=Standing)
        return Latest(standing=standing, version=number(row, "version"), head=blob(row, "head").hex())

    async def standings(self, people: Sequence[str]) -> list[Standing]:
        """Of those who have one; a bounded number of people."""
        rows = await self.store.get_many(STANDINGS, [(person_id,) for person_id in people])
        return [msgspec.json.decode(blob(row, "body"), type=Standing) for row in rows if row is not None]

    async def append(self, entries: Sequence[Entry], standing: Standing) -> tuple[bool, list[Pointer]]:
        """Write *entries*, what they come to, and the pointers to what they leave to do: all or none.

        The first part of the answer is False where a datacenter was away.
        """
        head = bytes.fromhex(entries[-1].hash)
        puts = [Put(CONSENT_ENTRIES, _row(entry)) for entry in entries]
        outbox, person_id, version = Outbox(self.store), standing.person_id, standing.version
        pointers = []
        if any(_leaves_work(entry) for entry in entries):
            pointers.append(outbox.pointer(WORK, STANDING_WORK, person_id, person_id, version))
        if any(entry.draft.state not in _RULE_NOTHING for entry in entries):
            pointers.append(outbox.pointer(EVENT, STANDING_CHANGED.name, person_id, person_id, version))
        puts += [pointer.put() for pointer in pointers]
        replicated = await self.store.write_everywhere(*puts, Put(STANDINGS, _standing_row(standing, head)))
        return replicated, pointers

    async def entry(self, person_id: str, seq: int) -> Entry | None:
        row = await self.store.get(CONSENT_ENTRIES, person_id, seq)
        return self._entry(row) if row else None

    async def page(
        self, person_id: str, limit: int, after: Key = (), order: Order = Order.ASCENDING
    ) -> tuple[list[Entry], Key | None]:
        """Entries in *order*, with the place where the next page begins."""
        query = Slice(partition=(person_id,), limit=limit, after=after, order=order)
        found = await self.store.slice(CONSENT_ENTRIES, query)
        return [self._entry(row) for row in found.rows], found.after

    async def entries(self, person_id: str) -> AsyncIterator[Entry]:
        """Every entry, oldest first, read page by page."""
        after: Key | None = ()
        while after is not None:
            page, after = await self.page(person_id, PAGE, after)
            for entry in page:
                yield entry

    async def rows(self, person_id: str) -> AsyncIterator[Entry | int]:
        """As `entries`, for who examines them: the number alone where an entry does not open."""
        after: Key | None = ()
        while after is not None:
            try:
                page, further = await self.page(person_id, PAGE, after)
                found: list[Entry | int] = [*page]
            except UNREADABLE:
                numbers, further = await self._numbers(person_id, PAGE, after)
                found = [await self._one(person_id, seq) for seq in numbers]
            after = further
            for row in found:
                yield row

    async def numbers(self, person_id: str, limit: int) -> list[int]:
        """Numbers of the first entries, without opening them."""
        return (await self._numbers(person_id, limit, ()))[0]

    async def _numbers(self, person_id: str, limit: int, after: Key) -> tuple[list[int], Key | None]:
        query = Slice(partition=(self.store.tenant, person_id), limit=limit, after=after)
        page = await self.store.engine.slice(self.store.jurisdiction, CONSENT_ENTRIES, query)
        return [number(row, "seq") for row in page.rows], page.after

    async def _one(self, person_id: str, seq: int) -> Entry | int:
        try:
            return await self.entry(person_id, seq) or seq
        except UNREADABLE:
            return seq

    def _entry(self, row: Row) -> Entry:
        body = msgspec.json.decode(blob(row, "body"), type=Body)
        return Entry(
            tenant=text(row, TENANT),
            jurisdiction=text(row, JURISDICTION),
            person_id=text(row, "person_id"),
            seq=number(row, "seq"),
            received_at=instant(row, "received_at"),
            stored_at=instant(row, "stored_at"),
            age_band=body.age_band,
            pack_version=body.pack_version,
            draft=body.draft,
            salt=body.salt,
            previous=blob(row, "previous").hex(),
            hash=blob(row, "hash").hex(),
        )


def _leaves_work(entry: Entry) -> bool:
    """Whether what is kept for the analysis of workouts may have to follow."""
    draft = entry.draft
    return draft.purpose is Purpose.ANALYSIS and draft.state is not EntryState.ASKED


def _row(entry: Entry) -> Row:
    body = Body(age_band=entry.age_band, pack_version=entry.pack_version, draft=entry.draft, salt=entry.salt)
    return {
        "person_id": entry.person_id,
        "seq": entry.seq,
        "received_at": entry.received_at,
        "stored_at": entry.stored_at,
        "previous": bytes.fromhex(entry.previous),
        "hash": bytes.fromhex(entry.hash),
        "body": msgspec.json.encode(body),
    }


def _standing_row(standing: Standing, head: bytes) -> Row:
    return {
        "person_id": standing.person_id,
        "version": standing.version,
        "head": head,
        "body": msgspec.json.encode(standing),
    }
