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
from region_node.features.workouts.tables import CONTENT_CLAIMS, WORKOUT_PARTS, WORKOUTS, WORKOUTS_BY_START
from region_node.storage.engine import Delete, Key, Page, Put, Row, Slice
from region_node.storage.outbox import EVENT, Outbox, Pointer
from region_node.storage.store import TenantStore
from region_node.storage.values import blob, instant, number, text

_json = msgspec.json
MAX_PARTS = 200
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

    async def put_parts(self, person_id: str, workout_id: str, parts: Sequence[Part]) -> None:
        """Durable when this returns, before anything points to them: a batch is too small for samples."""
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
            await asyncio.gather(*(self.store.write(Put(WORKOUT_PARTS, row)) for row in together))

    async def create(self, workout: StoredWorkout, heading: Heading, health: HealthHeading) -> Pointer:
        return await self._put(workout, heading, health, WORKOUT_CREATED.name)

    async def update(self, workout: StoredWorkout, heading: Heading, health: HealthHeading) -> Pointer:
        return await self._put(workout, heading, health, WORKOUT_UPDATED.name)

    async def delete(self, workout: StoredWorkout) -> Pointer:
        """Take summary, list row and claim away; parts follow, and are found again by the pointer."""
        person_id, workout_id = workout.person_id, workout.workout_id
        pointer = self._pointer(WORKOUT_DELETED.name, workout, workout.version + 1)
        await self.store.write(
            Delete(WORKOUTS, (person_id, workout_id)),
            Delete(WORKOUTS_BY_START, (person_id, workout.listed_at, workout_id)),
            pointer.put(),
        )
        await self.delete_parts(person_id, workout_id)
        return pointer

    async def delete_parts(self, person_id: str, workout_id: str) -> None:
        page = await self.store.slice(
            WORKOUT_PARTS, Slice(partition=(person_id, workout_id), limit=MAX_PARTS)
        )
        for row in page.rows:
            key = (person_id, workout_id, row["kind"], row["number"])
            await self.store.write(Delete(WORKOUT_PARTS, key))

    async def heading(self, workout: StoredWorkout) -> ListedWorkout | None:
        key = (workout.person_id, workout.listed_at, workout.workout_id)
        row = await self.store.get(WORKOUTS_BY_START, *key)
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

    async def _put(
        self, workout: StoredWorkout, heading: Heading, health: HealthHeading, event: str
    ) -> Pointer:
        pointer = self._pointer(event, workout, workout.version)
        listed: Row = {
            "person_id": workout.person_id,
            "listed_at": workout.listed_at,
            "workout_id": workout.workout_id,
            "head": _json.encode(heading),
            "health": _json.encode(health),
        }
        await self.store.write(Put(WORKOUTS, _row(workout)), Put(WORKOUTS_BY_START, listed), pointer.put())
        return pointer

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
        health=blob(row, "health"),
    )


def _listed(row: Row) -> ListedWorkout:
    return ListedWorkout(
        workout_id=text(row, "workout_id"),
        listed_at=instant(row, "listed_at"),
        heading=_json.decode(blob(row, "head"), type=Heading),
        health=_json.decode(blob(row, "health"), type=HealthHeading),
    )
