"""Counting: duplicates are marked, then the days that a change touches are summed anew from their workouts.

One worker per person at a time (a lease), so that no sum is written from an old reading. Counting is
a function of the rows that stand: repeated, out of order or from scratch, it ends in the same sums.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from region_node.features.workouts.history.duplicates import DuplicateMarks, listed_between
from region_node.features.workouts.history.model import (
    Figures,
    Period,
    Place,
    day_bounds,
    last_of_month,
    place_of,
    sum_of,
    total_of,
)
from region_node.features.workouts.history.store import HistoryStore, Sums
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
            days = await self._sums(person_id, touched, zone)
            sums = Sums(days, await self._months(person_id, days))
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
            days = {place: sum_of(headings) for place, headings in sorted(by_place.items())}
            sums = Sums(days, total_of(days.items(), Period.MONTH))
            await self.history.put(person_id, sums, places)

    async def totals(
        self, person_id: str, period: Period, first: date, last: date
    ) -> list[tuple[date, str, Figures]]:
        """Sums by period and sport between two days, oldest first; reads sums only, never samples.

        Whole months are read as such, so that the time it takes hardly grows with the workouts.
        """
        if period is Period.WEEK:
            found = await self.history.days(person_id, first, last)
        else:
            found = await self._by_month(person_id, first, last)
        totals = total_of(found, period)
        return [(place.day, place.sport, figures) for place, figures in sorted(totals.items())]

    async def _by_month(self, person_id: str, first: date, last: date) -> list[tuple[Place, Figures]]:
        """Months that lie between the days as a whole, and the days of those that do not."""
        month_end = last_of_month(last)
        # After today there is nothing as a rule: then nothing is left out by taking all of its month.
        to_the_end = last == month_end or not await self.history.days(
            person_id, last + timedelta(days=1), month_end
        )
        if first.replace(day=1) == last.replace(day=1) and not (first.day == 1 and to_the_end):
            return await self.history.days(person_id, first, last)
        begin = first if first.day == 1 else last_of_month(first) + timedelta(days=1)
        end = month_end if to_the_end else last.replace(day=1) - timedelta(days=1)
        if begin > end:
            return await self.history.days(person_id, first, last)
        found = await self.history.days(person_id, first, begin - timedelta(days=1)) if first < begin else []
        found += await self.history.months(person_id, begin, end)
        if end < last:
            found += await self.history.days(person_id, end + timedelta(days=1), last)
        return found

    async def _months(self, person_id: str, days: dict[Place, Figures]) -> dict[Place, Figures]:
        """The sums of every month and sport that these days touch, with their new figures in place."""
        months: dict[Place, Figures] = {}
        for first in sorted({place.day.replace(day=1) for place in days}):
            standing = dict(await self.history.days(person_id, first, last_of_month(first)))
            of_month = {p: f for p, f in days.items() if p.day.replace(day=1) == first}
            sports = {place.sport for place in of_month}
            whole = sorted((standing | of_month).items(), key=lambda item: item[0])
            months |= total_of([(p, f) for p, f in whole if p.sport in sports], Period.MONTH)
        return months

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
