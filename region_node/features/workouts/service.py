"""Reading, editing and deleting one's own workouts."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import zstandard

from policies.vocabulary import DataCategory
from region_node.errors import NotFound
from region_node.features.workouts.document import WorkoutDocument
from region_node.features.workouts.importing.notices import NoticeCode, notices
from region_node.features.workouts.model import Details, ListedWorkout, PartKind, StoredWorkout
from region_node.features.workouts.store import WorkoutStore
from region_node.storage.engine import Key, Slice
from region_node.storage.leases import Leases
from region_node.storage.outbox import Pointer

HEALTH = (DataCategory.HEART_RATE,)
MAX_PART_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class WorkoutService:
    """Of one tenant and jurisdiction; every method is about the workouts of *person_id* only."""

    workouts: WorkoutStore
    announce: Callable[[Pointer], None]

    async def show(self, person_id: str, workout_id: str) -> StoredWorkout:
        """Raises NotFound."""
        found = await self.workouts.get(person_id, workout_id)
        if found is None:
            raise NotFound
        return found

    async def page(
        self, person_id: str, between: tuple[datetime | None, datetime | None], after: Key, limit: int
    ) -> tuple[list[ListedWorkout], Key | None]:
        """Newest first, from the first instant on and before the second."""
        lower, upper = ((bound,) if bound else () for bound in between)
        query = Slice(partition=(person_id,), limit=limit, lower=lower, upper=upper, after=after)
        return await self.workouts.page(query)

    async def part(self, person_id: str, workout_id: str, kind: PartKind) -> bytes:
        """A JSON document kept beside the summary, without what tells about health.

        Raises:
            NotFound: no such workout, or it has nothing of the kind.
        """
        return _unpacked(_there(await self.workouts.part(person_id, workout_id, kind)))

    async def with_health(self, person_id: str, workout_id: str, kind: PartKind) -> tuple[bytes, bytes]:
        """As `part`, with the document of what tells about health, which may be empty.

        Raises:
            NotFound
        """
        parts, health = await asyncio.gather(
            self.workouts.part(person_id, workout_id, kind),
            self.workouts.health_part(person_id, workout_id, kind),
        )
        return _unpacked(_there(parts)), _unpacked(health) if health else b""

    async def blocks(self, person_id: str, workout_id: str, number: int) -> tuple[bytes, bytes | None]:
        """A block of full samples and that of the health channels, as `samples.decode_block` reads them.

        Raises:
            NotFound
        """
        parts, health = await asyncio.gather(
            self.workouts.part(person_id, workout_id, PartKind.SAMPLES, number),
            self.workouts.health_part(person_id, workout_id, PartKind.SAMPLES, number),
        )
        return _there(parts), health

    async def withheld(self, person_id: str) -> tuple[DataCategory, ...]:
        """The categories that the owner's own view has to do without."""
        return HEALTH if await self.workouts.withholds_health(person_id) else ()

    async def change(
        self, person_id: str, workout_id: str, changed: Callable[[StoredWorkout], Details]
    ) -> StoredWorkout:
        """Edit the details under a lease; *changed* may refuse by raising.

        Raises:
            NotFound
        """
        async with Leases(self.workouts.store).hold("workout", workout_id):
            before = await self.show(person_id, workout_id)
            listed = await self.workouts.heading(before)
            if listed is None:
                raise NotFound
            details, version = changed(before), before.version + 1
            after = msgspec.structs.replace(before, details=details, version=version)
            heading = msgspec.structs.replace(listed.heading, details=details, version=version)
            self.announce(await self.workouts.update(after, heading))
        return after

    async def delete(
        self, person_id: str, workout_id: str, allowed: Callable[[StoredWorkout], None]
    ) -> StoredWorkout:
        """Delete a workout under a lease; *allowed* may refuse by raising. Its original is the caller's task.

        Raises:
            NotFound
        """
        async with Leases(self.workouts.store).hold("workout", workout_id):
            workout = await self.show(person_id, workout_id)
            allowed(workout)
            self.announce(await self.workouts.delete(workout))
            await self.workouts.release_content(workout.content_key, workout_id)
        return workout


def _there(body: bytes | None) -> bytes:
    if body is None:
        raise NotFound
    return body


def _unpacked(body: bytes) -> bytes:
    return zstandard.ZstdDecompressor().decompress(body, max_output_size=MAX_PART_BYTES)


class _Health(msgspec.Struct, frozen=True):
    """`HealthFigures` as the text that is stored."""

    heart_rate: msgspec.Raw
    computed_heart_rate: msgspec.Raw
    calories_kcal: msgspec.Raw
    warnings: tuple[NoticeCode, ...] = ()


_read_health = msgspec.json.Decoder(_Health).decode
_NO_BEATS = b'"heart_rate":{"avg":null,"max":null}'
_NO_HEALTH = b'"calories_kcal":null,' + _NO_BEATS


def whole_document(workout: StoredWorkout) -> msgspec.Raw:
    """The document of `workout analyse` as JSON, health figures put back in their places.

    Where there are none to put back, the places are taken out as well. It is joined as text, a tenth of the
    work of decoding and encoding. No string of a document can look like a place to fill: a quotation mark
    inside a string is escaped.
    """
    health = _read_health(workout.health) if workout.health else None
    analysis = workout.analysis if health is None else _with_warnings(workout.analysis, health.warnings)
    before, found, after = analysis.partition(_NO_HEALTH)
    between, found_again, rest = after.partition(_NO_BEATS)
    if not found or not found_again:
        raise ValueError("the stored analysis has no places for health figures")
    if health is None:
        return msgspec.Raw(before + between.removeprefix(b",") + rest.removeprefix(b","))
    calories, beats = bytes(health.calories_kcal), bytes(health.heart_rate)
    computed = bytes(health.computed_heart_rate)
    return msgspec.Raw(
        b'%b"calories_kcal":%b,"heart_rate":%b%b"heart_rate":%b%b'
        % (before, calories, beats, between, computed, rest)
    )


def _with_warnings(analysis: bytes, codes: Sequence[NoticeCode]) -> bytes:
    if not codes:
        return analysis
    document = msgspec.json.decode(analysis, type=WorkoutDocument)
    together = notices([*codes, *(notice.code for notice in document.warnings)])
    return msgspec.json.encode(msgspec.structs.replace(document, warnings=together))
