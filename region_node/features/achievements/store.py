"""Rows of days, and of the progress at the end of each year that has any."""

from dataclasses import dataclass
from datetime import date

import msgspec

from region_node.features.achievements.model import Day
from region_node.features.achievements.progress import Progress
from region_node.features.achievements.tables import ACHIEVEMENT_DAYS, ACHIEVEMENTS
from region_node.storage.engine import MAX_PAGE, Delete, Key, Put, Row, Slice
from region_node.storage.schema import Order
from region_node.storage.store import TenantStore
from region_node.storage.values import blob, number

_json = msgspec.json
LAST_YEAR = 9999


@dataclass(frozen=True, slots=True)
class AchievementStore:
    """Bound to one tenant and jurisdiction; written by one worker per person at a time."""

    store: TenantStore

    async def days(self, person_id: str, year: int) -> list[Day]:
        page = await self.store.slice(ACHIEVEMENT_DAYS, Slice(partition=(person_id, year), limit=MAX_PAGE))
        return [_json.decode(blob(row, "body"), type=Day) for row in page.rows]

    async def put_day(self, person_id: str, date_: date, day: Day | None) -> None:
        """None takes the day away."""
        key: Key = (person_id, date_.year, date_.isoformat())
        if day is None:
            await self.store.write(Delete(ACHIEVEMENT_DAYS, key))
            return
        row = dict(zip(ACHIEVEMENT_DAYS.own_key, key, strict=True))
        await self.store.write(Put(ACHIEVEMENT_DAYS, {**row, "body": _json.encode(day)}))

    async def progress(self, person_id: str, before_year: int = LAST_YEAR) -> Progress | None:
        """The newest, or that at the end of the last year with days before *before_year*."""
        query = Slice(partition=(person_id,), limit=1, upper=(before_year,), order=Order.DESCENDING)
        page = await self.store.slice(ACHIEVEMENTS, query)
        return _json.decode(blob(page.rows[0], "body"), type=Progress) if page.rows else None

    async def years(self, person_id: str, first: int = 0) -> list[int]:
        """Those from *first* on that have, or had, days."""
        query = Slice(partition=(person_id,), limit=MAX_PAGE, lower=(first,))
        page = await self.store.slice(ACHIEVEMENTS, query)
        return [number(row, "year") for row in page.rows]

    async def put_progress(self, person_id: str, year: int, progress: Progress) -> None:
        row: Row = {"person_id": person_id, "year": year, "body": _json.encode(progress)}
        await self.store.write(Put(ACHIEVEMENTS, row))
