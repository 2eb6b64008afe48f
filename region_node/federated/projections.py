"""Projections: kept, read back in bounded reads while their lease holds, taken back for good."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import msgspec

from federation.catalogue import Scope
from federation.inbound import Arrived, Reference
from policies.vocabulary import Purpose, Region
from region_node.federated.keys import ProjectionKeys
from region_node.federated.tables import PROJECTIONS, RETRACTIONS
from region_node.ids import jurisdiction_of
from region_node.security.sealing import DataKey, seal, unseal
from region_node.storage.engine import (
    MAX_AT,
    MAX_MULTI_GET,
    MAX_PAGE,
    SHARED,
    Delete,
    DeletePartition,
    Engine,
    Key,
    Put,
    Row,
    Slice,
    Write,
)
from region_node.storage.person_keys import PersonKeyGone
from region_node.storage.schema import JURISDICTION, TENANT
from region_node.storage.store import row_name
from region_node.storage.values import blob, instant, number, text, to_the_millisecond

PAGE_ROWS = 100
NOT_YET = datetime.fromtimestamp(0, UTC)
_ERASURES = (Scope.PERSON.value,), (f"{Scope.PERSON.value}~",)


class Lease(Protocol):
    def holds(self, origin: Region, era: int, lease_s: float) -> bool:
        """Whether what came from *origin* in *era* may be served, *lease_s* after the last sign of life."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """What may be seen here of an aggregate; fields that may not go are not in `data`."""

    reference: Reference
    origin: Region
    number: int
    type: str
    version: int
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionStore:
    """Of one region. Fills the port that ingress writes to."""

    engine: Engine
    keys: ProjectionKeys
    region: Region
    lease: Lease
    clock: Callable[[], datetime]

    async def get_many(self, references: Sequence[Reference]) -> list[Projection | None]:
        """In the order of *references*; None where it was taken back, its lease is over, or none ever came.

        Raises:
            ValueError: more than 100 were asked for, or of several tenants.
        """
        if not references:
            return []
        if len({one.tenant for one in references}) > 1 or len(references) > MAX_MULTI_GET:
            raise ValueError(f"at most {MAX_MULTI_GET} projections of one tenant at once")
        found = await self.engine.get_many(SHARED, PROJECTIONS, [self._key(one) for one in references])
        rows = [row if row and self._served(row) else None for row in found]
        owners = list({text(row, "person_id") for row in rows if row})
        keys = await self.keys.get_many(references[0].tenant, owners) if owners else {}
        return [_opened(one, row, keys.get(one.subject)) for one, row in zip(references, rows, strict=True)]

    async def keep(self, arrived: Arrived, era: int) -> None:
        key = await self._key_for(arrived)
        if key is None:
            return
        row: Row = {
            **dict(zip(PROJECTIONS.key, self._key(arrived.reference), strict=True)),
            JURISDICTION: jurisdiction_of(arrived.envelope.subject),
            "origin": arrived.way.origin,
            "send_number": arrived.number,
            "type": arrived.event.name,
            "version": arrived.envelope.aggregateversion,
            "lease_s": float(arrived.event.lease_s),
            "era": era,
        }
        row["body"] = seal(
            key,
            msgspec.json.encode(arrived.data),
            table=PROJECTIONS.name,
            row=row_name(PROJECTIONS, row),
            column="body",
        )
        await self.engine.write(SHARED, [Put(PROJECTIONS, row, arrived.number)])

    async def stands(self, arrived: Arrived) -> bool:
        row = await self.engine.get(SHARED, PROJECTIONS, self._key(arrived.reference))
        return row is not None and number(row, "send_number") == arrived.number

    async def take_back(self, arrived: Arrived) -> int:
        """What was there is counted and noted before anything goes; so it is told alike however often."""
        noted = await self._noted(arrived)
        if instant(noted, "done_at") == NOT_YET:
            if arrived.takes_back is Scope.PERSON:
                await self.keys.destroy(arrived.envelope.tenant, arrived.envelope.subject)
            await self.engine.write(SHARED, self._deletes(arrived))
        return number(noted, "removed")

    async def remove(self, is_over: Callable[[Region, int], bool]) -> int:
        """Delete what is never served again, by origin and era; how many. A walk over all rows, for a job."""
        count, after = 0, None
        while True:
            rows, after = await self.engine.scan(SHARED, PROJECTIONS, after, PAGE_ROWS)
            over = [row for row in rows if self._is_over(row, is_over)]
            for row in over:
                key = tuple(row[name] for name in PROJECTIONS.key)
                await self.engine.write(SHARED, [Delete(PROJECTIONS, key, number(row, "send_number"))])
            count += len(over)
            if after is None:
                return count

    async def taken_back(self, arrived: Arrived, removed: int) -> datetime:
        moment = to_the_millisecond(self.clock()) + timedelta(milliseconds=1)
        row = {**self._note(arrived), "removed": removed, "done_at": moment}
        claim = await self.engine.swap(SHARED, RETRACTIONS, {"done_at": NOT_YET}, row)
        return instant(claim.row, "done_at")

    async def _key_for(self, arrived: Arrived) -> DataKey | None:
        """None for who was erased: what comes late, or ever, must not leave even a key behind."""
        tenant, subject = arrived.envelope.tenant, arrived.envelope.subject
        try:
            return await self.keys.get(tenant, subject)
        except PersonKeyGone:
            pass
        if await self._erased(arrived):
            return None
        key = await self.keys.ensure(tenant, subject)
        # An erasure notes itself before it destroys the key: one that did not see ours is seen here.
        if await self._erased(arrived):
            await self.keys.destroy(tenant, subject)
            return None
        return key

    async def _erased(self, arrived: Arrived) -> bool:
        partition = (arrived.envelope.tenant, self.region, arrived.envelope.subject)
        query = Slice(partition=partition, limit=1, lower=_ERASURES[0], upper=_ERASURES[1])
        return bool((await self.engine.slice(SHARED, RETRACTIONS, query)).rows)

    async def _noted(self, arrived: Arrived) -> Row:
        note = self._note(arrived)
        known = await self.engine.get(SHARED, RETRACTIONS, tuple(note[name] for name in RETRACTIONS.key))
        if known is not None:
            return known
        note |= {"removed": await self._count(arrived), "done_at": NOT_YET}
        return (await self.engine.claim(SHARED, RETRACTIONS, note)).row

    def _note(self, arrived: Arrived) -> Row:
        return {
            TENANT: arrived.envelope.tenant,
            JURISDICTION: jurisdiction_of(arrived.envelope.subject),
            "region": self.region,
            "person_id": arrived.envelope.subject,
            "scope": (arrived.takes_back or Scope.AGGREGATE).value,
            "envelope_id": arrived.envelope.id,
            "send_number": arrived.number,
        }

    async def _count(self, arrived: Arrived) -> int:
        if arrived.takes_back is Scope.AGGREGATE:
            row = await self.engine.get(SHARED, PROJECTIONS, self._key(arrived.reference))
            return int(row is not None and number(row, "send_number") <= arrived.number)
        return sum([await self._count_partition(one, _up_to(arrived)) for one in self._partitions(arrived)])

    async def _count_partition(self, partition: Key, up_to: int) -> int:
        count, query = 0, Slice(partition=partition, limit=MAX_PAGE)
        while True:
            page = await self.engine.slice(SHARED, PROJECTIONS, query)
            count += sum(number(row, "send_number") <= up_to for row in page.rows)
            if page.after is None:
                return count
            query = Slice(partition=partition, limit=MAX_PAGE, after=page.after)

    def _deletes(self, arrived: Arrived) -> list[Write]:
        if arrived.takes_back is Scope.AGGREGATE:
            return [Delete(PROJECTIONS, self._key(arrived.reference), arrived.number)]
        return [DeletePartition(PROJECTIONS, one, _up_to(arrived)) for one in self._partitions(arrived)]

    def _partitions(self, arrived: Arrived) -> list[Key]:
        every = arrived.takes_back is Scope.PERSON
        purposes = list(Purpose) if every else [arrived.purpose]
        place = (arrived.envelope.tenant, self.region, arrived.envelope.subject)
        return [(*place, purpose.value) for purpose in purposes]

    def _key(self, one: Reference) -> Key:
        return (one.tenant, self.region, one.subject, one.purpose.value, one.kind, one.aggregate_id)

    def _is_over(self, row: Row, is_over: Callable[[Region, int], bool]) -> bool:
        return row["region"] == self.region and is_over(Region(text(row, "origin")), number(row, "era"))

    def _served(self, row: Row) -> bool:
        lease_s = row["lease_s"]
        return isinstance(lease_s, float) and self.lease.holds(
            Region(text(row, "origin")), number(row, "era"), lease_s
        )


def _up_to(arrived: Arrived) -> int:
    """Nobody comes back under the id of who was erased: what has a higher number goes as well."""
    return MAX_AT if arrived.takes_back is Scope.PERSON else arrived.number


def _opened(reference: Reference, row: Row | None, key: DataKey | None) -> Projection | None:
    if row is None or key is None:
        return None
    place = row_name(PROJECTIONS, row)
    body = unseal(key, blob(row, "body"), table=PROJECTIONS.name, row=place, column="body")
    return Projection(
        reference=reference,
        origin=Region(text(row, "origin")),
        number=number(row, "send_number"),
        type=text(row, "type"),
        version=number(row, "version"),
        data=msgspec.json.decode(body),
    )
