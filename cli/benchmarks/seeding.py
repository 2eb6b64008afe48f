"""Workouts put into a person's rows through the store layer, as an import would leave them."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import msgspec

from cli.benchmarks.files import own_files
from cli.demo_world import DemoWorld
from policies.vocabulary import Purpose
from region_node import backends
from region_node.features.workouts.history.service import HistoryService
from region_node.features.workouts.history.store import HistoryStore
from region_node.features.workouts.model import Details, NewWorkout, StoredWorkout
from region_node.features.workouts.store import WorkoutStore
from region_node.features.workouts.uploads.model import Outcome, Upload, UploadState
from region_node.features.workouts.uploads.reading import ReadFile, read_upload
from region_node.features.workouts.uploads.store import UploadStore
from region_node.ids import jurisdiction_of, new_id
from region_node.objects.store import Objects
from region_node.storage.leases import Leases
from region_node.storage.outbox import Outbox
from region_node.storage.store import TenantStore
from region_node.stores import Stores

TENANT_ID = "default"
TOGETHER = 64
NEWEST = datetime(2026, 6, 30, 18, tzinfo=UTC)
SPORTS = ("running", "cycling", "swimming")
FEW_SPAN = timedelta(days=364)
MANY_SPAN = timedelta(days=3640)


@dataclass(frozen=True, slots=True)
class Seed:
    """*count* workouts at equal distances over *span*, the last at NEWEST."""

    person_id: str
    count: int
    span: timedelta


async def seed_workouts(world: DemoWorld, seeds: list[Seed]) -> None:
    """Write the rows and count them. Their pointers are marked done: nobody is told of these workouts."""
    settings = world.settings()
    place = backends.geography(settings)
    engine = await backends.open_engine(settings, place)
    stores = Stores(engine, backends.open_ring(settings), place.held)
    try:
        for seed in seeds:
            store = stores.of(TENANT_ID, jurisdiction_of(seed.person_id), Purpose.ANALYSIS)
            for begin in range(0, seed.count, TOGETHER):
                numbers = range(begin, min(begin + TOGETHER, seed.count))
                await asyncio.gather(*(_one(store, seed, number) for number in numbers))
            await _history(store).recount(seed.person_id)
    finally:
        await engine.close()


async def seed_files(world: DemoWorld, person_id: str, count: int) -> None:
    """Uploads with a small original each, as if every workout had been a file of its own."""
    settings = world.settings()
    place = backends.geography(settings)
    engine = await backends.open_engine(settings, place)
    stores, objects = (
        Stores(engine, backends.open_ring(settings), place.held),
        backends.open_objects(settings),
    )
    uploads = UploadStore(stores.of(TENANT_ID, jurisdiction_of(person_id), Purpose.ANALYSIS))
    try:
        for begin in range(0, count, TOGETHER):
            numbers = range(begin, min(begin + TOGETHER, count))
            await asyncio.gather(*(_file(uploads, objects, person_id) for _ in numbers))
    finally:
        await engine.close()


async def _file(uploads: UploadStore, objects: Objects, person_id: str) -> None:
    name = objects.new_name(uploads.store.jurisdiction)
    writer = objects.writing(name)
    await writer.write(b"sealed")
    await writer.finish()
    upload = Upload(
        person_id=person_id,
        upload_id=new_id(),
        version=1,
        state=UploadState.DONE,
        received_at=NEWEST,
        size_bytes=6,
        object_name=name,
        content_key="",
        attempts=1,
        code="",
        results=1,
        file_name="ride.fit",
    )
    await uploads.put(upload)
    await uploads.put_results(upload, [Outcome(file="ride.fit", part=1, workout_id=new_id())])


async def _one(store: TenantStore, seed: Seed, number: int) -> None:
    started_at = (NEWEST - seed.span * number / seed.count).replace(microsecond=0)
    pattern = _pattern()
    details = Details(title="", sport=SPORTS[number % len(SPORTS)], sub_sport="generic")
    heading = msgspec.structs.replace(
        pattern.heading, details=details, started_at=started_at, upload_id=new_id()
    )
    workout = StoredWorkout(
        person_id=seed.person_id,
        workout_id=new_id(),
        version=1,
        upload_id=heading.upload_id,
        content_key="",
        listed_at=started_at,
        duplicate_of="",
        details=details,
        analysis=pattern.analysis,
        health=pattern.health,
    )
    pointer = await WorkoutStore(store).create(workout, heading, pattern.health_heading)
    await Outbox(store).mark_done(pointer)


@cache
def _pattern() -> NewWorkout:
    """What an import process makes of a file."""
    (file,) = own_files(1)
    (read,) = msgspec.msgpack.decode(read_upload(file.name, file.content, "", True), type=list[ReadFile])
    return read.workouts[0]


def _history(store: TenantStore) -> HistoryService:
    async def zone_of(_: str) -> ZoneInfo:
        return ZoneInfo("UTC")

    return HistoryService(
        workouts=WorkoutStore(store),
        history=HistoryStore(store),
        leases=Leases(store),
        zone_of=zone_of,
        announce=lambda _: None,
    )
