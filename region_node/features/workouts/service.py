"""Reading, editing and deleting one's own workouts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec
import zstandard

from region_node.errors import NotFound
from region_node.features.workouts.model import Details, ListedWorkout, PartKind, StoredWorkout
from region_node.features.workouts.store import WorkoutStore
from region_node.storage.engine import Key, Slice
from region_node.storage.leases import Leases
from region_node.storage.outbox import Pointer

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
        """A JSON document kept beside the summary.

        Raises:
            NotFound: no such workout, or it has nothing of the kind.
        """
        body = await self.workouts.part(person_id, workout_id, kind)
        if body is None:
            raise NotFound
        return zstandard.ZstdDecompressor().decompress(body, max_output_size=MAX_PART_BYTES)

    async def block(self, person_id: str, workout_id: str, number: int) -> bytes:
        """A block of full samples as `samples.decode_block` reads it. Raises NotFound."""
        body = await self.workouts.part(person_id, workout_id, PartKind.SAMPLES, number)
        if body is None:
            raise NotFound
        return body

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
            self.announce(await self.workouts.update(after, heading, listed.health))
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


class _Health(msgspec.Struct, frozen=True):
    """`HealthFigures` as the text that is stored."""

    heart_rate: msgspec.Raw
    computed_heart_rate: msgspec.Raw
    calories_kcal: msgspec.Raw


_read_health = msgspec.json.Decoder(_Health).decode
_NO_BEATS = b'"heart_rate":{"avg":null,"max":null}'
_NO_HEALTH = b'"calories_kcal":null,' + _NO_BEATS


def whole_document(workout: StoredWorkout) -> msgspec.Raw:
    """The document of `workout analyse` as JSON, health figures put back in their places.

    It is joined as text, a tenth of the work of decoding and encoding. No string of a document can look
    like a place to fill: a quotation mark inside a string is escaped.
    """
    health = _read_health(workout.health)
    before, found, after = workout.analysis.partition(_NO_HEALTH)
    between, found_again, rest = after.partition(_NO_BEATS)
    if not found or not found_again:
        raise ValueError("the stored analysis has no places for health figures")
    calories, beats = bytes(health.calories_kcal), bytes(health.heart_rate)
    computed = bytes(health.computed_heart_rate)
    return msgspec.Raw(
        b'%b"calories_kcal":%b,"heart_rate":%b%b"heart_rate":%b%b'
        % (before, calories, beats, between, computed, rest)
    )
