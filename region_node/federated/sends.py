"""The home's records of what it sent: `federation.outgoing.Book` on the wide-column store.

Send numbers are given by compare-and-set; all other rows carry one as their time, so that of two writers the
one with the later number has the last word.
"""

import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from federation.catalogue import Scope
from federation.egress_ports import Owed
from federation.outgoing import Aggregate, Debt, Mark, Person, Reach, Records, Send, TakeBack
from federation.send_number import count_of, epoch_of, send_number
from policies.vocabulary import Purpose, Region
from region_node.federated import send_rows as rows
from region_node.federated.send_tables import (
    DEBTS,
    QUESTIONS,
    SEND_MARKS,
    SEND_NUMBERS,
    SENDS,
    TAKE_BACKS,
)
from region_node.ids import jurisdiction_of, name_of
from region_node.storage.engine import (
    MAX_MULTI_GET,
    MAX_PAGE,
    Delete,
    DeletePartition,
    Key,
    Row,
    Slice,
    Write,
)
from region_node.storage.errors import StorageUnavailable
from region_node.storage.schema import TENANT, Table
from region_node.storage.store import TenantStore
from region_node.storage.values import number, text

SHARDS = 4
MOST_SWAPS = 20
TOGETHER = 40
PAGE = 200
Stores = Callable[[str, str], TenantStore]


class Fenced(StorageUnavailable):
    """Another region has taken over: nothing is sent from here under an older epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBook:
    """`stores` gives a tenant's rows of a jurisdiction, `places` all of them that this node holds.

    `epoch` is that of the region as the one that takes the writes of a jurisdiction.
    """

    stores: Stores
    places: Callable[[], Iterable[TenantStore]]
    epoch: Callable[[str], int]

    async def next_number(self, person: Person) -> int:
        store, whose = self._store(person), person.person_id
        epoch, own = self.epoch(jurisdiction_of(whose)), {"name": name_of(whose), "person_id": whose}
        for _ in range(MOST_SWAPS):
            row = await store.get(SEND_NUMBERS, own["name"])
            if row is None:
                # Two who claim the same row both win it: the first number, too, is taken by a swap.
                row = (await store.claim(SEND_NUMBERS, {**own, "number": 0})).row
            last = number(row, "number")
            if epoch_of(last) > epoch:
                raise Fenced("another region takes the writes of this person now")
            following = send_number(epoch, count_of(last) + 1)
            if (await store.swap(SEND_NUMBERS, {"number": last}, {**own, "number": following})).won:
                return following
        raise StorageUnavailable("others take send numbers of the same person all the time", 1)

    async def last_number(self, person: Person) -> int:
        row = await self._store(person).get(SEND_NUMBERS, name_of(person.person_id))
        return number(row, "number") if row else 0

    async def sends(self, aggregate: Aggregate) -> Sequence[Send]:
        own = aggregate.aggregate_id
        query = Slice(
            partition=(aggregate.person.person_id, aggregate.kind),
            lower=(own,),
            upper=(own + "\0",),
            limit=MAX_PAGE,
        )
        page = await self._store(aggregate.person).slice(SENDS, query)
        return [rows.send(row) for row in page.rows]

    async def sent_ids(self, person: Person, kind: str, after: str) -> tuple[Sequence[str], str]:
        lower = (after + "\0",) if after else ()
        query = Slice(partition=(person.person_id, kind), lower=lower, limit=PAGE)
        page = await self._store(person).slice(SENDS, query)
        ids = list(dict.fromkeys(text(row, "aggregate_id") for row in page.rows))
        return ids, ids[-1] if page.after else ""

    async def sent(self, person: Person, kind: str, after: Key = ()) -> tuple[list[Send], Key | None]:
        """A page of what was ever sent, with the place where the next one begins."""
        query = Slice(partition=(person.person_id, kind), limit=PAGE, after=after)
        page = await self._store(person).slice(SENDS, query)
        return [rows.send(row) for row in page.rows], page.after

    async def reaches(self, person: Person) -> Sequence[Reach]:
        page = await self._store(person).slice(
            SEND_MARKS, Slice(partition=(person.person_id,), limit=MAX_PAGE)
        )
        marks: dict[tuple[Region, Purpose], dict[str, Mark]] = defaultdict(dict)
        for row in page.rows:
            mark = rows.mark(row)
            marks[mark.region, mark.purpose][mark.what] = mark
        return [Reach(region, purpose, found) for (region, purpose), found in marks.items()]

    async def record(self, person: Person, records: Records) -> None:
        writes: list[Write] = [
            *(rows.put_send(person, one) for one in records.sends),
            *(rows.put_mark(person, one) for one in records.marks),
            *(rows.put_debt(one, shard_of(person)) for one in records.debts),
        ]
        for one in records.take_backs:
            writes += rows.put_take_back(one, shard_of(person))
        if writes:
            await self._store(person).write(*writes)

    async def settle(self, debt: Debt) -> None:
        key = (
            debt.region,
            shard_of(debt.person),
            debt.person.person_id,
            debt.kind,
            debt.aggregate_id,
        )
        await self._store(debt.person).write(Delete(DEBTS, key, at=debt.number))

    async def asked(self, person: Person, number: int, region: Region) -> Sequence[TakeBack]:
        query = Slice(partition=(person.person_id,), lower=(number, region), limit=len(Purpose) + 1)
        page = await self._store(person).slice(TAKE_BACKS, query)
        found = [rows.take_back(person, row) for row in page.rows]
        return [one for one in found if (one.number, one.region) == (number, region)]

    async def found(self, person: Person, questions: Sequence[tuple[int, Region, Purpose]]) -> list[TakeBack]:
        """Those of these numbers, regions and purposes that there are."""
        keys = [(person.person_id, *question) for question in questions]
        parts = [keys[begin : begin + MAX_MULTI_GET] for begin in range(0, len(keys), MAX_MULTI_GET)]
        pages = [await self._store(person).get_many(TAKE_BACKS, part) for part in parts]
        return [rows.take_back(person, row) for page in pages for row in page if row]

    async def missing(self, person: Person) -> Sequence[TakeBack]:
        return [one async for one in self.take_backs(person) if not one.receipt]

    async def take_backs(self, person: Person) -> AsyncIterator[TakeBack]:
        """All that regions were ever asked to take back, oldest first."""
        async for row in _walk(self._store(person), TAKE_BACKS, (person.person_id,)):
            yield rows.take_back(person, row)

    def owed(self, region: Region, now: datetime) -> Sequence[Owed]:
        return [
            OwedPart(store=store, region=region, shard=shard, now=now)
            for store in self.places()
            for shard in range(SHARDS)
        ]

    async def people(self) -> AsyncIterator[Person]:
        for store in self.places():
            after: object | None = None
            last = ""
            while True:
                found, after = await store.engine.scan(store.jurisdiction, SEND_MARKS, after, MAX_PAGE)
                for row in found:
                    person_id = text(row, "person_id")
                    if text(row, TENANT) == store.tenant and person_id != last:
                        last = person_id
                        yield Person(tenant=store.tenant, person_id=person_id)
                if after is None:
                    break

    async def forget(self, person: Person) -> None:
        """Receipts of an erasure stay: they are its proof."""
        store, person_id = self._store(person), person.person_id
        at = await self.last_number(person)
        if not at:
            return
        kinds = {kind for reach in await self.reaches(person) for kind in reach.kinds}
        writes: list[Write] = [
            *(DeletePartition(SENDS, (person_id, kind), at=at) for kind in sorted(kinds)),
            DeletePartition(SEND_MARKS, (person_id,), at=at),
        ]
        asked = [one async for one in self.take_backs(person) if one.scope is not Scope.PERSON]
        writes += [Delete(TAKE_BACKS, rows.key_of(one), at=one.number) for one in asked]
        for begin in range(0, len(writes), TOGETHER):
            await store.write(*writes[begin : begin + TOGETHER])
        await store.release(SEND_NUMBERS, (name_of(person_id),), {"number": at})

    def _store(self, person: Person) -> TenantStore:
        return self.stores(person.tenant, jurisdiction_of(person.person_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedPart:
    """Fills `federation.outgoing.Owed`."""

    store: TenantStore
    region: Region
    shard: int
    now: datetime

    async def debts(self, beyond: str = "") -> AsyncIterator[Debt]:
        lower = (beyond + "\0",) if beyond else ()
        async for row in _walk(self.store, DEBTS, (self.region, self.shard), lower):
            yield rows.debt(self.store.tenant, row)

    async def questions(self, most: int) -> Sequence[TakeBack]:
        """Entries that lead to what was answered meanwhile are removed."""
        query = Slice(partition=(self.region, self.shard), upper=(self.now,), limit=most)
        found: list[TakeBack] = []
        for entry in (await self.store.slice(QUESTIONS, query)).rows:
            person = Person(tenant=self.store.tenant, person_id=text(entry, "person_id"))
            key = (person.person_id, number(entry, "number"), self.region, text(entry, "purpose"))
            row = await self.store.get(TAKE_BACKS, *key)
            what = rows.take_back(person, row) if row else None
            if what is None or what.receipt or what.next_at != entry["next_at"]:
                await self.store.write(rows.delete_question(entry))
            else:
                found.append(what)
        return found


def shard_of(person: Person) -> int:
    return hashlib.blake2b(person.person_id.encode(), digest_size=1).digest()[0] % SHARDS


async def _walk(store: TenantStore, table: Table, partition: Key, lower: Key = ()) -> AsyncIterator[Row]:
    after: Key | None = ()
    while after is not None:
        query = Slice(partition=partition, lower=lower, limit=PAGE, after=after)
        page = await store.slice(table, query)
        after = page.after
        for row in page.rows:
            yield row
