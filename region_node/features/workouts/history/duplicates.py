"""Marking second recordings of one effort, and taking the mark away when the first one is gone."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from region_node.features.workouts.history.model import SAME_START, Place, repetitions
from region_node.features.workouts.model import ListedWorkout
from region_node.features.workouts.store import WorkoutStore
from region_node.storage.engine import MAX_PAGE, Key, Slice
from region_node.storage.leases import Leases
from region_node.storage.outbox import Pointer

NEAR = SAME_START + timedelta(seconds=1)
DAY_ANYWHERE = (timedelta(hours=-15), timedelta(hours=39))
"""From the first to the last instant at which a day of the calendar can be somewhere on Earth."""
MAX_CLUSTER = 2 * MAX_PAGE


@dataclass(frozen=True, slots=True)
class DuplicateMarks:
    """Of one tenant and jurisdiction; used by whoever holds the person's history lease."""

    workouts: WorkoutStore
    leases: Leases
    announce: Callable[[Pointer], None]

    async def settle(
        self, person_id: str, present: Iterable[ListedWorkout], gone: Mapping[str, Place]
    ) -> dict[str, ListedWorkout]:
        """Mark anew around workouts that changed, and around the repetitions of those that are gone.

        Returns every workout that it looked at, by id, as it stands now.
        """
        starts = {workout.listed_at for workout in present}
        for workout_id, place in gone.items():
            starts |= {w.listed_at async for w in self._marked(person_id, workout_id, place)}
        standing: dict[str, ListedWorkout] = {}
        for start in sorted(starts):
            if all(workout.listed_at != start for workout in standing.values()):
                standing |= await self._settle_cluster(person_id, start)
        return standing

    async def _settle_cluster(self, person_id: str, start: datetime) -> dict[str, ListedWorkout]:
        cluster = await self._cluster(person_id, start)
        marks = repetitions(cluster)
        standing = {workout.workout_id: workout for workout in cluster}
        for workout in cluster:
            first_id = marks.get(workout.workout_id, "")
            if workout.heading.duplicate_of != first_id:
                standing[workout.workout_id] = await self._mark(person_id, workout, first_id)
        return standing

    async def _cluster(self, person_id: str, start: datetime) -> list[ListedWorkout]:
        """All workouts that are linked to one start by steps in which recordings could be of one effort."""
        lower, upper = start, start
        found: list[ListedWorkout] = []
        while True:
            reached = [
                w async for w in listed_between(self.workouts, person_id, (lower - NEAR, upper + NEAR))
            ]
            if len(reached) == len(found) or len(reached) > MAX_CLUSTER:
                return reached
            found = reached
            lower, upper = found[-1].listed_at, found[0].listed_at

    async def _marked(self, person_id: str, first_id: str, place: Place) -> AsyncIterator[ListedWorkout]:
        midnight = datetime(place.day.year, place.day.month, place.day.day, tzinfo=UTC)
        before, after = DAY_ANYWHERE
        bounds = (midnight + before - NEAR, midnight + after + NEAR)
        async for workout in listed_between(self.workouts, person_id, bounds):
            if workout.heading.duplicate_of == first_id:
                yield workout

    async def _mark(self, person_id: str, workout: ListedWorkout, first_id: str) -> ListedWorkout:
        async with self.leases.hold("workout", workout.workout_id):
            stored = await self.workouts.get(person_id, workout.workout_id)
            listed = await self.workouts.heading(stored) if stored else None
            if stored is None or listed is None:
                return workout
            version = stored.version + 1
            heading = msgspec.structs.replace(listed.heading, duplicate_of=first_id, version=version)
            marked = msgspec.structs.replace(stored, duplicate_of=first_id, version=version)
            self.announce(await self.workouts.update(marked, heading))
            return msgspec.structs.replace(listed, heading=heading)


async def listed_between(
    workouts: WorkoutStore, person_id: str, bounds: tuple[datetime, datetime] | None = None
) -> AsyncIterator[ListedWorkout]:
    """A person's workouts, newest first, page by page; from the first instant on and before the second."""
    lower, upper = ((bound,) for bound in bounds) if bounds else ((), ())
    after: Key | None = ()
    while after is not None:
        query = Slice(partition=(person_id,), limit=MAX_PAGE, lower=lower, upper=upper, after=after)
        found, after = await workouts.page(query)
        for workout in found:
            yield workout
