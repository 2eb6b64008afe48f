"""Rows of sums by day and by month, and under which day and sport each workout was counted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from region_node.features.workouts.history.model import Figures, Place
from region_node.features.workouts.history.tables import COUNTED, DAY_SUMS, MONTH_SUMS
from region_node.storage.engine import MAX_PAGE, Delete, Key, Put, Row, Slice, Write
from region_node.storage.store import TenantStore
from region_node.storage.values import blob, number, text

TOGETHER = 50


@dataclass(frozen=True, slots=True)
class Sums:
    """What to write; a place without workouts is taken away. A month's place has its first day."""

    days: dict[Place, Figures]
    months: dict[Place, Figures]


@dataclass(frozen=True, slots=True)
class HistoryStore:
    """Bound to one tenant and jurisdiction; written by one worker per person at a time."""

    store: TenantStore

    async def counted(self, person_id: str, workout_ids: Sequence[str]) -> dict[str, Place]:
        """Where each of these workouts was counted last; those that were not are left out."""
        rows = await self.store.get_many(COUNTED, [(person_id, workout_id) for workout_id in workout_ids])
        return {text(row, "workout_id"): _place(row) for row in rows if row is not None}

    async def put(self, person_id: str, sums: Sums, counted: dict[str, Place | None]) -> None:
        """Sums first: a workout is noted as counted only when its day and month are."""
        days = [_day_write(person_id, place, figures) for place, figures in sums.days.items()]
        months = [_month_write(person_id, place, figures) for place, figures in sums.months.items()]
        await self._write([*days, *months])
        await self._write(_counted_write(person_id, workout, place) for workout, place in counted.items())

    async def days(self, person_id: str, first: date, last: date) -> list[tuple[Place, Figures]]:
        """All sums between two days, both included, oldest first."""
        found: list[tuple[Place, Figures]] = []
        for year in range(first.year, last.year + 1):
            lower = (max(first, date(year, 1, 1)).isoformat(),)
            after: Key | None = ()
            while after is not None:
                query = Slice(partition=(person_id, year), limit=MAX_PAGE, lower=lower, after=after)
                page = await self.store.slice(DAY_SUMS, query)
                found += [(_place(row), _figures(row)) for row in page.rows]
                after = page.after
        return [(place, figures) for place, figures in found if place.day <= last]

    async def months(self, person_id: str, first: date, last: date) -> list[tuple[Place, Figures]]:
        """Sums of whole months, from that of *first* to that of *last*; a place has a month's first day."""
        found: list[tuple[Place, Figures]] = []
        for year in range(first.year, last.year + 1):
            lower = (first.month if year == first.year else 1,)
            upper = (last.month + 1 if year == last.year else 13,)
            after: Key | None = ()
            while after is not None:
                query = Slice(
                    partition=(person_id, year), limit=MAX_PAGE, lower=lower, upper=upper, after=after
                )
                page = await self.store.slice(MONTH_SUMS, query)
                found += [(_month_place(row), _figures(row)) for row in page.rows]
                after = page.after
        return found

    async def _write(self, writes: Iterable[Write]) -> None:
        waiting = list(writes)
        for begin in range(0, len(waiting), TOGETHER):
            await self.store.write(*waiting[begin : begin + TOGETHER])


def _day_write(person_id: str, place: Place, figures: Figures) -> Write:
    key: Row = {
        "person_id": person_id,
        "year": place.day.year,
        "day": place.day.isoformat(),
        "sport": place.sport,
    }
    if figures.workouts == 0:
        return Delete(DAY_SUMS, tuple(key.values()))
    return Put(DAY_SUMS, {**key, "figures": msgspec.json.encode(figures)})


def _month_write(person_id: str, place: Place, figures: Figures) -> Write:
    key: Row = {
        "person_id": person_id,
        "year": place.day.year,
        "month": place.day.month,
        "sport": place.sport,
    }
    if figures.workouts == 0:
        return Delete(MONTH_SUMS, tuple(key.values()))
    return Put(MONTH_SUMS, {**key, "figures": msgspec.json.encode(figures)})


def _counted_write(person_id: str, workout_id: str, place: Place | None) -> Write:
    if place is None:
        return Delete(COUNTED, (person_id, workout_id))
    values = {"day": place.day.isoformat(), "sport": place.sport}
    return Put(COUNTED, {"person_id": person_id, "workout_id": workout_id, **values})


def _place(row: Row) -> Place:
    return Place(date.fromisoformat(text(row, "day")), text(row, "sport"))


def _month_place(row: Row) -> Place:
    return Place(date(number(row, "year"), number(row, "month"), 1), text(row, "sport"))


def _figures(row: Row) -> Figures:
    return msgspec.json.decode(blob(row, "figures"), type=Figures)
