"""Counting: duplicates are marked, then the days that a change touches are summed anew from their workouts.

One worker per person at a time (a lease), so that no sum is written from an old reading. Counting is
a function of the rows that stand: repeated, out of order or from scratch, it ends in the same sums.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from region_node.features.workouts.history.duplicates import DuplicateMarks, listed_between
from region_node.features.workouts.history.model import (
    Figures,
    Period,
    Place,
    day_bounds,
    period_start,
    place_of,
    sum_of,
)
from region_node.features.workouts.history.store import HistoryStore
from region_node.features.workouts.model import MAX_LISTED_YEAR, Heading, ListedWorkout
from region_node.features.workouts.store import WorkoutStore
from region_node.storage.engine import MAX_MULTI_GET
from region_node.storage.leases import Leases
from region_node.storage.outbox import Pointer

LEASE_SCOPE = "history"
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(MAX_LISTED_YEAR + 1, 1, 1)
"""Between these lies every workout, whatever its file said."""


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
            before = await self._counted(person_id, ids)
            now = await self._present(person_id, ids)
            for workout_id in ids:
                if workout_id not in now:
                    await self.workouts.delete_parts(person_id, workout_id)
            gone = {workout_id: place for workout_id, place in before.items() if workout_id not in now}
            standing = now | await self._marks.settle(person_id, now.values(), gone)
            places = {i: place_of(w.heading, w.listed_at, zone) for i, w in standing.items()}
            touched = set(before.values()) | set(places.values())
            sums = await self._sums(person_id, touched, zone)
            await self.history.put(person_id, sums, {i: places.get(i) for i in {*ids, *places}})

    async def recount(self, person_id: str) -> None:
        """Count everything from scratch: after a change of time zone, or to check."""
        async with self.leases.hold(LEASE_SCOPE, person_id):
            zone = await self.zone_of(person_id)
            old = await self.history.days(person_id, FIRST_DAY, LAST_DAY)
            by_place: dict[Place, list[Heading]] = {place: [] for place, _ in old}
            places: dict[str, Place | None] = {}
            async for workout in listed_between(self.workouts, person_id):
                place = place_of(workout.heading, workout.listed_at, zone)
                by_place.setdefault(place, []).append(workout.heading)
                places[workout.workout_id] = place
            sums = {place: sum_of(headings) for place, headings in by_place.items()}
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

    @property
    def _marks(self) -> DuplicateMarks:
        return DuplicateMarks(self.workouts, self.leases, self.announce)

    async def _counted(self, person_id: str, ids: list[str]) -> dict[str, Place]:
        found: dict[str, Place] = {}
        for begin in range(0, len(ids), MAX_MULTI_GET):
            found |= await self.history.counted(person_id, ids[begin : begin + MAX_MULTI_GET])
        return found

    async def _present(self, person_id: str, ids: list[str]) -> dict[str, ListedWorkout]:
        found: dict[str, ListedWorkout] = {}
        for begin in range(0, len(ids), MAX_MULTI_GET):
            for workout in await self.workouts.get_many(person_id, ids[begin : begin + MAX_MULTI_GET]):
                listed = await self.workouts.heading(workout) if workout else None
                if listed is not None:
                    found[listed.workout_id] = listed
        return found

    async def _sums(self, person_id: str, places: set[Place], zone: ZoneInfo) -> dict[Place, Figures]:
        sums: dict[Place, Figures] = {}
        for day in sorted({place.day for place in places}):
            headings: dict[Place, list[Heading]] = {place: [] for place in places if place.day == day}
            async for workout in listed_between(self.workouts, person_id, day_bounds(day, zone)):
                place = place_of(workout.heading, workout.listed_at, zone)
                if place in headings:
                    headings[place].append(workout.heading)
            sums |= {place: sum_of(of_place) for place, of_place in headings.items()}
        return sums
