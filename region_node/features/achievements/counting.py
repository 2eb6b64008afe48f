"""Counting: the days that a change touches are made anew from their workouts, and what follows from them.

One worker per person at a time (a lease). Counting is a function of the workouts that stand: repeated, out of
order or from scratch, it ends in the same rows. A change of today costs the days of this year; one of
long ago, those since.
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from region_node.efforts import Effort
from region_node.features.achievements.days import day_of, days_of
from region_node.features.achievements.model import FORMULAS, StreakRule
from region_node.features.achievements.progress import Progress, go_on
from region_node.features.achievements.store import AchievementStore
from region_node.storage.leases import Leases

LEASE_SCOPE = "achievements"
EARLIEST, LATEST = timedelta(hours=14), timedelta(hours=12)
"""How long before UTC a date begins on the first clock, and after UTC it ends on the last."""


class EffortSource(Protocol):
    """Where workouts come from."""

    def between(self, person_id: str, begin: datetime, end: datetime) -> AsyncIterator[Effort]:
        """Those that stand and started in [begin, end); UTC."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Of one tenant and jurisdiction."""

    store: AchievementStore
    efforts: EffortSource
    leases: Leases

    async def count(self, person_id: str, days: Iterable[date], rule: StreakRule) -> Progress:
        """Bring up to date what follows from the workouts of these dates, before and after a change."""
        touched = sorted(set(days))
        async with self.leases.hold(LEASE_SCOPE, person_id):
            newest = await self.store.progress(person_id)
            if newest is not None and newest.formulas != FORMULAS:
                return await self._from_scratch(person_id, rule)
            for day in touched:
                efforts = [one async for one in self.efforts.between(person_id, *span_of(day))]
                await self.store.put_day(person_id, day, day_of(day, efforts))
            return await self._go_on(person_id, {day.year for day in touched}, rule)

    async def recount(self, person_id: str, rule: StreakRule) -> Progress:
        """Count everything from scratch, to check or to mend."""
        async with self.leases.hold(LEASE_SCOPE, person_id):
            return await self._from_scratch(person_id, rule)

    async def _from_scratch(self, person_id: str, rule: StreakRule) -> Progress:
        everything = self.efforts.between(
            person_id, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        )
        days = days_of([one async for one in everything])
        years = await self.store.years(person_id)
        stored = {day.day for year in years for day in await self.store.days(person_id, year)}
        for day in sorted(stored | days.keys()):
            await self.store.put_day(person_id, day, days.get(day))
        return await self._fold(person_id, Progress(rule=rule), {*years, *(day.year for day in days)})

    async def _go_on(self, person_id: str, touched_years: set[int], rule: StreakRule) -> Progress:
        newest = await self.store.progress(person_id)
        first = min(touched_years, default=0)
        kept = await self.store.progress(person_id, first)
        if (newest is not None and newest.rule != rule) or (kept is not None and not kept.fits(rule)):
            kept, first = None, 0
        years = {*touched_years, *await self.store.years(person_id, first)}
        return await self._fold(person_id, kept or Progress(rule=rule), years)

    async def _fold(self, person_id: str, progress: Progress, years: set[int]) -> Progress:
        for year in sorted(years):
            progress = go_on(progress, await self.store.days(person_id, year))
            await self.store.put_progress(person_id, year, progress)
        return progress


def span_of(day: date) -> tuple[datetime, datetime]:
    """Between which instants a workout of this date may have started, on whatever clock."""
    midnight = datetime.combine(day, time(), UTC)
    return midnight - EARLIEST, midnight + timedelta(days=1) + LATEST
