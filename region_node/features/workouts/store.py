"""Rows of workouts. Parts go first; then one batch makes summary, list row and pointer appear together."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from federation.catalogue import WORKOUT_CREATED, WORKOUT_DELETED, WORKOUT_UPDATED
from region_node.features.workouts.model import (
    ContentClaim,
    Details,
    Heading,
    HealthHeading,
    ListedWorkout,
    Part,
    PartKind,
    StoredWorkout,
)
from region_node.features.workouts.tables import (
    CONTENT_CLAIMS,
    WORKOUT_HEALTH_PARTS,
    WORKOUT_PARTS,
    WORKOUTS,
    WORKOUTS_BY_START,
)
from region_node.storage.engine import Delete, DeletePartition, Key, Page, Put, Row, Slice, Update
from region_node.storage.outbox import EVENT, Outbox, Pointer
from region_node.storage.schema import Table
from region_node.storage.store import TenantStore
from region_node.storage.values import blob, instant, number, text

_json = msgspec.json
PARTS_TOGETHER = 8


@dataclass(frozen=True, slots=True)
class WorkoutStore:
    """Bound to one tenant and jurisdiction."""

    store: TenantStore

    async def get(self, person_id: str, workout_id: str) -> StoredWorkout | None:
        row = await self.store.get(WORKOUTS, person_id, workout_id)
        return _stored(row) if row else None

    async def get_many(self, person_id: str, workout_ids: Sequence[str]) -> list[StoredWorkout | None]:
        rows = await self.store.get_many(WORKOUTS, [(person_id, workout_id) for workout_id in workout_ids])
        return [_stored(row) if row else None for row in rows]

    async def page(self, query: Slice) -> tuple[list[ListedWorkout], Key | None]:
        """Workouts of a person (the partition of *query*), newest start first."""
        page: Page = await self.store.slice(WORKOUTS_BY_START, query)
        return [_listed(row) for row in page.rows], page.after

    async def part(self, person_id: str, workout_id: str, kind: PartKind, number: int = 0) -> bytes | None:
        row = await self.store.get(WORKOUT_PARTS, person_id, workout_id, kind.value, number)
        return blob(row, "body") if row else None

    async def health_part(
        self, person_id: str, workout_id: str, kind: PartKind, number: int = 0
    ) -> bytes | None:
        """What `part` leaves out; None where there is nothing, or it is withheld."""
        if await self.withholds_health(person_id):
            return None
        row = await self.store.get(WORKOUT_HEALTH_PARTS, person_id, workout_id, kind.value, number)
        return blob(row, "body") if row else None

    async def withholds_health(self, person_id: str) -> bool:
        return "body" in await self.store.withheld(WORKOUT_HEALTH_PARTS, person_id)

    async def put_parts(self, person_id: str, workout_id: str, parts: Sequence[Part]) -> None:
        """Durable when this returns, before anything points to them: a batch is too small for samples."""
        await self._put_parts(WORKOUT_PARTS, (person_id, workout_id), parts)

    async def put_health_parts(self, person_id: str, workout_id: str, parts: Sequence[Part]) -> None:
        """As `put_parts`."""
        await self._put_parts(WORKOUT_HEALTH_PARTS, (person_id, workout_id), parts)

    async def _put_parts(self, table: Table, of: tuple[str, str], parts: Sequence[Part]) -> None:
        person_id, workout_id = of
        rows: list[Row] = [
            {
                "person_id": person_id,
                "workout_id": workout_id,
                "kind": part.kind.value,
                "number": part.number,
                "body": part.body,
            }
            for part in parts
        ]
        for begin in range(0, len(rows), PARTS_TOGETHER):
            together = rows[begin : begin + PARTS_TOGETHER]
            await asyncio.gather(*(self.store.write(Put(table, row)) for row in together))

    async def create(self, workout: StoredWorkout, heading: Heading, health: HealthHeading | None) -> Pointer:
        pointer = self._pointer(WORKOUT_CREATED.name, workout, workout.version)
        listed: Row = {
            "person_id": workout.person_id,
            "listed_at": workout.listed_at,
            "workout_id": workout.workout_id,
            "head": _json.encode(heading),
            "health": _json.encode(health) if health else b"",
        }
        await self.store.write(Put(WORKOUTS, _row(workout)), Put(WORKOUTS_BY_START, listed), pointer.put())
        return pointer

    async def update(self, workout: StoredWorkout, heading: Heading) -> Pointer:
        """Write what can be edited or marked, and nothing else: the writer need not see the rest."""
        pointer = self._pointer(WORKOUT_UPDATED.name, workout, workout.version)
        changed: Row = {
            "version": workout.version,
            "duplicate_of": workout.duplicate_of,
            "details": _json.encode(workout.details),
        }
        await self.store.write(
            Update(WORKOUTS, _key(workout), changed),
            Update(WORKOUTS_BY_START, _listed_key(workout), {"head": _json.encode(heading)}),
            pointer.put(),
        )
        return pointer

    async def put_health(
        self, workout: StoredWorkout, heading: Heading, health: HealthHeading | None
    ) -> Pointer:
        """Write the health figures of a workout, or take them away where it has none; parts go first."""
        pointer = self._pointer(WORKOUT_UPDATED.name, workout, workout.version)
        listed: Row = {"head": _json.encode(heading), "health": _json.encode(health) if health else b""}
        await self.store.write(
            Update(WORKOUTS, _key(workout), {"version": workout.version, "health": workout.health}),
            Update(WORKOUTS_BY_START, _listed_key(workout), listed),
            pointer.put(),
        )
        return pointer

    async def delete(self, workout: StoredWorkout) -> Pointer:
        """Take summary, list row and claim away; parts follow, and are found again by the pointer."""
        person_id, workout_id = workout.person_id, workout.workout_id
        pointer = self._pointer(WORKOUT_DELETED.name, workout, workout.version + 1)
        await self.store.write(
            Delete(WORKOUTS, _key(workout)),
            Delete(WORKOUTS_BY_START, _listed_key(workout)),
            pointer.put(),
        )
        await self.delete_parts(person_id, workout_id)
        return pointer

    async def delete_parts(self, person_id: str, workout_id: str) -> None:
        await self.store.write(DeletePartition(WORKOUT_PARTS, (person_id, workout_id)))
        await self.delete_health_parts(person_id, workout_id)

    async def delete_health_parts(self, person_id: str, workout_id: str) -> None:
        await self.store.write(DeletePartition(WORKOUT_HEALTH_PARTS, (person_id, workout_id)))

    async def heading(self, workout: StoredWorkout) -> ListedWorkout | None:
        row = await self.store.get(WORKOUTS_BY_START, *_listed_key(workout))
        return _listed(row) if row else None

    async def claim_content(self, content: ContentClaim) -> ContentClaim:
        """Who has this content: the caller, or an earlier upload."""
        claim = await self.store.claim(CONTENT_CLAIMS, msgspec.structs.asdict(content))
        return ContentClaim(**{name: text(claim.row, name) for name in ContentClaim.__struct_fields__})

    async def take_over_content(self, before: ContentClaim, content: ContentClaim) -> bool:
        """Take a content whose workout was never made, or is no more."""
        expected: Row = {"workout_id": before.workout_id}
        return (await self.store.swap(CONTENT_CLAIMS, expected, msgspec.structs.asdict(content))).won

    async def release_content(self, content_key: str, workout_id: str) -> None:
        await self.store.release(CONTENT_CLAIMS, (content_key,), {"workout_id": workout_id})

    def _pointer(self, event: str, workout: StoredWorkout, version: int) -> Pointer:
        return Outbox(self.store).pointer(EVENT, event, workout.person_id, workout.workout_id, version)


_PLAIN = ("person_id", "workout_id", "version", "upload_id", "content_key", "listed_at", "duplicate_of")


def _row(workout: StoredWorkout) -> Row:
    row: Row = {name: getattr(workout, name) for name in _PLAIN}
    return row | {
        "details": _json.encode(workout.details),
        "analysis": workout.analysis,
        "health": workout.health,
    }


def _stored(row: Row) -> StoredWorkout:
    return StoredWorkout(
        person_id=text(row, "person_id"),
        workout_id=text(row, "workout_id"),
        version=number(row, "version"),
        upload_id=text(row, "upload_id"),
        content_key=text(row, "content_key"),
        listed_at=instant(row, "listed_at"),
        duplicate_of=text(row, "duplicate_of"),
        details=_json.decode(blob(row, "details"), type=Details),
        analysis=blob(row, "analysis"),
        health=_optional(row, "health"),
    )


def _optional(row: Row, name: str) -> bytes:
    """No bytes where the column is withheld."""
    return blob(row, name) if name in row else b""


def _key(workout: StoredWorkout) -> Key:
    return (workout.person_id, workout.workout_id)


def _listed_key(workout: StoredWorkout) -> Key:
    return (workout.person_id, workout.listed_at, workout.workout_id)


def _listed(row: Row) -> ListedWorkout:
    health = _optional(row, "health")
    return ListedWorkout(
        workout_id=text(row, "workout_id"),
        listed_at=instant(row, "listed_at"),
        heading=_json.decode(blob(row, "head"), type=Heading),
        health=_json.decode(health, type=HealthHeading) if health else None,
    )
