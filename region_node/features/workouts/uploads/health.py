"""What is kept about health follows the consent: given later, it is read from originals; taken back, it goes.

The original stays sealed either way. Each workout is settled by the ruling of that moment, under the lease of
whoever edits or deletes it, so that settling can be repeated and overtaken.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import msgspec

from region_node.features.workouts.model import NewWorkout, workout_id_of
from region_node.features.workouts.store import WorkoutStore
from region_node.features.workouts.uploads.model import Upload
from region_node.features.workouts.uploads.reading import ReadFile
from region_node.features.workouts.uploads.store import UploadStore
from region_node.objects.errors import ObjectMissing
from region_node.storage.engine import MAX_PAGE, Key, Slice
from region_node.storage.leases import Leases
from region_node.storage.outbox import Pointer


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthKeeping:
    """Of one tenant and jurisdiction; the stores see whether there is anything to take away (own rights).

    `allowed` is the ruling for a person at this moment; `read` reads an original with what tells of health.
    """

    uploads: UploadStore
    workouts: WorkoutStore
    allowed: Callable[[str], Awaitable[bool]]
    read: Callable[[Upload], Awaitable[list[ReadFile]]]
    announce: Callable[[Pointer], None]

    async def settle(self, person_id: str) -> None:
        """Bring all workouts of a person in line with what is allowed now."""
        if await self.allowed(person_id):
            await self._complete(person_id)
        else:
            await self._empty(person_id)

    async def _empty(self, person_id: str) -> None:
        async for workout_id, _, kept in self._all(person_id):
            if kept:
                await self._take_away(person_id, workout_id)

    async def _take_away(self, person_id: str, workout_id: str) -> None:
        async with Leases(self.workouts.store).hold("workout", workout_id):
            if not await self.allowed(person_id):
                await self.workouts.delete_health_parts(person_id, workout_id)
                await self._put(person_id, workout_id, None)

    async def _complete(self, person_id: str) -> None:
        missing: dict[str, set[str]] = defaultdict(set)
        async for workout_id, upload_id, kept in self._all(person_id):
            if not kept:
                missing[upload_id].add(workout_id)
        for upload_id, workout_ids in missing.items():
            upload = await self.uploads.get(person_id, upload_id)
            if upload is not None:
                await self._from_original(upload, workout_ids)

    async def _from_original(self, upload: Upload, workout_ids: set[str]) -> None:
        try:
            files = await self.read(upload)
        except ObjectMissing:
            return
        for position, file in enumerate(files):
            for new in file.workouts:
                workout_id = workout_id_of(upload.upload_id, position, new.part)
                if workout_id in workout_ids:
                    await self._add(upload.person_id, workout_id, new)

    async def _add(self, person_id: str, workout_id: str, new: NewWorkout) -> None:
        async with Leases(self.workouts.store).hold("workout", workout_id):
            if await self.allowed(person_id):
                await self.workouts.put_health_parts(person_id, workout_id, new.health_parts)
                await self._put(person_id, workout_id, new)

    async def _put(self, person_id: str, workout_id: str, new: NewWorkout | None) -> None:
        workout = await self.workouts.get(person_id, workout_id)
        listed = await self.workouts.heading(workout) if workout else None
        if workout is None or listed is None:
            await self.workouts.delete_health_parts(person_id, workout_id)
            return
        version = workout.version + 1
        after = msgspec.structs.replace(workout, version=version, health=new.health if new else b"")
        heading = msgspec.structs.replace(listed.heading, version=version)
        health = new.health_heading if new else None
        self.announce(await self.workouts.put_health(after, heading, health))

    async def _all(self, person_id: str) -> AsyncIterator[tuple[str, str, bool]]:
        """Id, upload and whether anything about health is kept, of every workout."""
        after: Key | None = ()
        while after is not None:
            found, after = await self.workouts.page(
                Slice(partition=(person_id,), limit=MAX_PAGE, after=after)
            )
            for workout in found:
                yield workout.workout_id, workout.heading.upload_id, workout.health is not None
