"""Workouts put straight into a store, and the services around them, for tests of what follows an import."""

from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from region_node.features.workouts.history.service import HistoryService
from region_node.features.workouts.history.store import HistoryStore
from region_node.features.workouts.model import (
    Details,
    Heading,
    HealthHeading,
    Part,
    PartKind,
    StoredWorkout,
    workout_id_of,
)
from region_node.features.workouts.service import WorkoutService
from region_node.features.workouts.store import WorkoutStore
from region_node.ids import new_id
from region_node.storage.leases import Leases
from region_node.storage.outbox import Pointer
from region_node.storage.store import TenantStore

NO_HEALTH = HealthHeading(heart_rate_avg_bpm=None, heart_rate_max_bpm=None, calories_kcal=None)


def heading(started_at: datetime | None, **changes) -> Heading:
    sport = changes.pop("sport", "running")
    figures = {
        "version": 1,
        "details": Details(title="", sport=sport, sub_sport="generic"),
        "started_at": started_at,
        "elapsed_s": 1800.0,
        "timer_s": 1800.0,
        "moving_s": 1700.5,
        "distance_m": 5000.1,
        "ascent_m": 30.3,
        "descent_m": 30.0,
        "format": "fit",
        "warnings": (),
        "upload_id": "u1",
    }
    return Heading(**figures | changes)


@dataclass
class Person:
    """One person's workouts; `zone` may be changed, `announced` holds what the relay would publish."""

    store: TenantStore
    person_id: str
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    announced: list[Pointer] = field(default_factory=list)

    @property
    def workouts(self) -> WorkoutStore:
        return WorkoutStore(self.store)

    @property
    def service(self) -> WorkoutService:
        return WorkoutService(self.workouts, self.announced.append)

    @property
    def history(self) -> HistoryService:
        async def zone_of(_):
            return self.zone

        return HistoryService(
            workouts=self.workouts,
            history=HistoryStore(self.store),
            leases=Leases(self.store),
            zone_of=zone_of,
            announce=self.announced.append,
        )

    async def record(self, head: Heading, listed_at: datetime | None = None, workout_id: str = "") -> str:
        workout_id = workout_id or workout_id_of(new_id(), 0, 1)
        listed_at = listed_at or head.started_at
        stored = StoredWorkout(
            person_id=self.person_id,
            workout_id=workout_id,
            version=1,
            upload_id=head.upload_id,
            content_key=f"key of {workout_id}",
            listed_at=listed_at.replace(microsecond=listed_at.microsecond // 1000 * 1000),
            duplicate_of="",
            details=head.details,
            analysis=b"{}",
            health=b"{}",
        )
        await self.workouts.put_parts(
            self.person_id, workout_id, [Part(kind=PartKind.CHART, number=0, body=b"chart")]
        )
        self.announced.append(await self.workouts.create(stored, head, NO_HEALTH))
        return workout_id

    async def edit(self, workout_id: str, **changes: str) -> None:
        def changed(before: StoredWorkout) -> Details:
            return msgspec.structs.replace(before.details, **changes)

        await self.service.change(self.person_id, workout_id, changed)

    async def delete(self, workout_id: str) -> None:
        await self.service.delete(self.person_id, workout_id, lambda _: None)

    async def follow(self) -> None:
        """Count what was announced, and what that announces, until nothing is left."""
        while self.announced:
            ids = [pointer.aggregate_id for pointer in self.announced]
            self.announced.clear()
            await self.history.count(self.person_id, ids)
