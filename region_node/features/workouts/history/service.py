"""Counting: duplicates are marked, then the days that a change touches are summed anew from their workouts.

One worker per person at a time (a lease), so that no sum is written from an old reading. Counting is
a function of the rows that stand: repeated, out of order or from scratch, it ends in the same sums.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec

from region_node.features.workouts.history.model import (
    SAME_START,
    Figures,
    Period,
    Place,
    day_bounds,
    period_start,
    place_of,
    same_effort,
    sum_of,
)
from region_node.features.workouts.history.store import HistoryStore
from region_node.features.workouts.model import ListedWorkout
from region_node.features.workouts.store import WorkoutStore
from region_node.storage.engine import MAX_PAGE, Key, Slice
from region_node.storage.leases import Leases
from region_node.storage.outbox import Pointer

LEASE_SCOPE = "history"


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryService:
    """Of one tenant and jurisdiction. `zone_of` gives a person's time zone."""

    workouts: WorkoutStore
    history: HistoryStore
    leases: Leases
    zone_of: Callable[[str], Awaitable[ZoneInfo]]
    announce: Callable[[Pointer], None]

    async def count(self, person_id: str, workout_ids: Iterable[str]) -> None:
        """Bring sums up to date with what became of these workouts (made, changed, deleted)."""
        ids = sorted(set(workout_ids))
        async with self.leases.hold(LEASE_SCOPE, person_id):
            zone = await self.zone_of(person_id)
            before = await self.history.counted(person_id, ids)
            now = await self._present(person_id, ids)
            for workout_id in ids:
                if workout_id not in now:
                    await self.workouts.delete_parts(person_id, workout_id)
            changed = await self._mark_duplicates(person_id, now.values())
            places = {w.workout_id: place_of(w.heading, w.listed_at, zone) for w in [*now.values(), *changed]}
            touched = set(before.values()) | set(places.values())
            sums = await self._sums(person_id, touched, zone)
            await self.history.put(person_id, sums, {i: places.get(i) for i in {*ids, *places}})

    async def recount(self, person_id: str) -> None:
        """Count everything from scratch: after a change of time zone, or to check."""
        async with self.leases.hold(LEASE_SCOPE, person_id):
            zone = await self.zone_of(person_id)
            old = await self.history.days(person_id, date(1970, 1, 1), date(2100, 12, 31))
            by_place: dict[Place, list[ListedWorkout]] = {place: [] for place, _ in old}
            places: dict[str, Place | None] = {}
            async for workout in self._all(person_id):
                place = place_of(workout.heading, workout.listed_at, zone)
                by_place.setdefault(place, []).append(workout)
                places[workout.workout_id] = place
            sums = {place: sum_of(w.heading for w in listed) for place, listed in by_place.items()}
            await self.history.put(person_id, sums, places)

    async def totals(
        self, person_id: str, period: Period, first: date, last: date
    ) -> list[tuple[date, str, Figures]]:
        """Sums by period and sport between two days, oldest first; reads sums only, never samples."""
        totals: dict[tuple[date, str], Figures] = {}
        for place, figures in await self.history.days(person_id, first, last):
            key = (period_start(place.day, period), place.sport)
            totals[key] = totals.get(key, Figures()).plus(figures)
        return [(begin, sport, figures) for (begin, sport), figures in sorted(totals.items())]

    async def _present(self, person_id: str, ids: list[str]) -> dict[str, ListedWorkout]:
        found: dict[str, ListedWorkout] = {}
        for begin in range(0, len(ids), 100):
            for workout in await self.workouts.get_many(person_id, ids[begin : begin + 100]):
                listed = await self.workouts.heading(workout) if workout else None
                if listed is not None:
                    found[listed.workout_id] = listed
        return found

    async def _mark_duplicates(
        self, person_id: str, workouts: Iterable[ListedWorkout]
    ) -> list[ListedWorkout]:
        """Of two recordings of one effort, the one with the greater id is marked; returns what changed."""
        changed = []
        for workout in workouts:
            for other in await self._near(person_id, workout):
                first, second = sorted(
                    (workout, other), key=lambda w: (bool(w.heading.duplicate_of), w.workout_id)
                )
                if same_effort(first.heading, second.heading) and not second.heading.duplicate_of:
                    changed.append(await self._mark(person_id, second, first.workout_id))
        return changed

    async def _near(self, person_id: str, workout: ListedWorkout) -> list[ListedWorkout]:
        lower, upper = workout.listed_at - SAME_START, workout.listed_at + SAME_START + timedelta(seconds=1)
        query = Slice(partition=(person_id,), limit=100, lower=(lower,), upper=(upper,))
        found, _ = await self.workouts.page(query)
        return [other for other in found if other.workout_id != workout.workout_id]

    async def _mark(self, person_id: str, second: ListedWorkout, first_id: str) -> ListedWorkout:
        async with self.leases.hold("workout", second.workout_id):
            stored = await self.workouts.get(person_id, second.workout_id)
            listed = await self.workouts.heading(stored) if stored else None
            if stored is None or listed is None:
                return second
            version = stored.version + 1
            heading = msgspec.structs.replace(listed.heading, duplicate_of=first_id, version=version)
            marked = msgspec.structs.replace(stored, duplicate_of=first_id, version=version)
            self.announce(await self.workouts.update(marked, heading, listed.health))
            return msgspec.structs.replace(listed, heading=heading)

    async def _sums(self, person_id: str, places: set[Place], zone: ZoneInfo) -> dict[Place, Figures]:
        sums: dict[Place, Figures] = {}
        for day in sorted({place.day for place in places}):
            lower, upper = day_bounds(day, zone)
            listed = [w async for w in self._all(person_id, (lower,), (upper,))]
            for sport in {place.sport for place in places if place.day == day}:
                sums[Place(day, sport)] = sum_of(
                    w.heading for w in listed if w.heading.details.sport == sport
                )
        return sums

    async def _all(self, person_id: str, lower: Key = (), upper: Key = ()) -> AsyncIterator[ListedWorkout]:
        after: Key | None = ()
        while after is not None:
            query = Slice(partition=(person_id,), limit=MAX_PAGE, lower=lower, upper=upper, after=after)
            found, after = await self.workouts.page(query)
            for workout in found:
                yield workout
