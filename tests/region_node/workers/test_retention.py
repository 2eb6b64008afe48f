"""What is kept too long is planned, then taken away; what law protects stays."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from policies.vocabulary import Purpose
from region_node.features.accounts.tables import PEOPLE
from region_node.features.rights.store import RightsStore
from region_node.features.workouts.uploads.model import Upload, UploadState
from region_node.features.workouts.uploads.store import UploadStore
from region_node.features.workouts.uploads.tables import UPLOADS
from region_node.ids import new_id
from region_node.objects.errors import ObjectMissing
from region_node.objects.store import Objects
from region_node.packs import shipped_packs
from region_node.rulings.standing import Standing
from region_node.schema import MIGRATIONS, TABLES
from region_node.settings import LEAST_DISK_DAYS
from region_node.storage.cassandra import CassandraEngine
from region_node.storage.engine import Put
from region_node.storage.sqlite import SqliteEngine
from region_node.workers.keeping import Keeping
from region_node.workers.retention import EVERY_S, Retention
from tests.support.storage import known_person, open_stores

LONG_AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(days=400)


class World:
    """Stores with people's rows as they lie there; `held` are people whose data law protects."""

    def __init__(self, stores, objects):
        self.stores = stores
        self.objects = objects
        self.held = set()
        self.now = datetime.now(UTC)

    def store(self, tenant="t1", jurisdiction="eu"):
        return self.stores.of(tenant, jurisdiction, Purpose.ACCOUNT, rights=True)

    async def standing(self, _tenant, person_id):
        born = {"birth_date": datetime(1990, 1, 1, tzinfo=UTC).date(), "country": "DE"}
        return Standing(person_id=person_id, version=1, legal_hold=person_id in self.held, **born)

    @property
    def retention(self):
        keeping = Keeping(
            stores=self.stores,
            objects=self.objects,
            packs=shipped_packs,
            tables=TABLES,
            store=self.store,
            standing=self.standing,
            clock=lambda: self.now,
        )
        return Retention(
            keeping=keeping,
            engine=self.stores.engine,
            rights=lambda: [RightsStore(self.store())],
            log=lambda event, fault: pytest.fail(f"{event}: {fault!r}"),
            clock=lambda: self.now,
        )

    async def sealed(self):
        name = self.objects.new_name("eu")
        writer = self.objects.writing(name)
        await writer.write(b"sealed")
        await writer.finish()
        return name

    async def upload(self, person_id, state, received_at=LONG_AGO):
        upload = Upload(
            person_id=person_id,
            upload_id=new_id(),
            version=1,
            state=state,
            received_at=received_at,
            size_bytes=6,
            object_name=await self.sealed(),
            content_key="",
            attempts=1,
            code="",
            results=0,
            file_name="ride.fit",
        )
        await UploadStore(self.store()).put(upload)
        return upload

    async def is_there(self, upload):
        row = await self.store().get(UPLOADS, upload.person_id, upload.upload_id)
        try:
            await self.objects.read(upload.object_name)
        except ObjectMissing:
            return row is not None and "row only"
        return row is not None


@pytest.fixture
async def world(tmp_path):
    stores = await open_stores(tmp_path, MIGRATIONS, held=("eu",))
    yield World(stores, Objects.in_folder(tmp_path / "objects"))
    await stores.engine.close()


def counts(report):
    return {line.record: (line.due, line.held, line.done) for line in report.lines}


async def test_a_refused_file_goes_after_its_time_and_one_that_was_read_stays(world):
    person = await known_person(world.stores)
    old = await world.upload(person, UploadState.REFUSED)
    fresh = await world.upload(person, UploadState.REFUSED, world.now - timedelta(days=2))
    read = await world.upload(person, UploadState.DONE)
    assert {"refused-upload": (1, 0, 0)} == counts(await world.retention.plan())
    assert await world.is_there(old)
    assert {"refused-upload": (1, 0, 1)} == counts(await world.retention.run())
    assert [False, True, True] == [await world.is_there(one) for one in (old, fresh, read)]
    assert {} == counts(await world.retention.run())


async def test_a_legal_hold_keeps_what_is_due(world):
    person = await known_person(world.stores)
    world.held.add(person)
    upload = await world.upload(person, UploadState.FAILED)
    assert {"refused-upload": (1, 1, 0)} == counts(await world.retention.run())
    assert await world.is_there(upload)


async def test_a_sealed_file_without_a_row_goes_after_a_day(world):
    person = await known_person(world.stores)
    kept = await world.upload(person, UploadState.DONE)
    orphan = await world.sealed()
    assert {} == counts(await world.retention.plan())
    world.now += timedelta(days=2)
    assert {"orphan": (1, 0, 1)} == counts(await world.retention.run())
    assert await world.is_there(kept)
    with pytest.raises(ObjectMissing):
        await world.objects.read(orphan)


async def test_a_sign_up_that_was_never_finished_goes(world):
    person = await known_person(world.stores)
    texts = ("login_key", "age_assurance", "email", "display_name", "birth_date", "place", "language")
    row = dict.fromkeys((*texts, "time_zone"), "x")
    row |= {"person_id": person, "version": 1, "state": "pending", "created_at": LONG_AGO}
    await world.store().write(Put(PEOPLE, row))
    assert {"unconfirmed-signup": (1, 0, 1)} == counts(await world.retention.run())
    assert await world.stores.engine.get("eu", PEOPLE, ("t1", person)) is None


async def test_every_line_names_its_rule_and_where_it_comes_from(world):
    await world.upload(await known_person(world.stores), UploadState.REFUSED)
    (line,) = (await world.retention.plan()).lines
    assert ("eu", "refused-upload") == (line.jurisdiction, line.rule)
    assert line.ref
    assert line.oldest
    assert msgspec.json.encode(line)


@pytest.mark.parametrize("engine", [SqliteEngine, CassandraEngine])
def test_the_shortest_promise_of_clean_disks_can_be_kept(engine):
    """What is erased right after a run is cleared by the first run after the engine's grace."""
    longest = engine.grace + timedelta(seconds=EVERY_S)
    assert longest < timedelta(days=LEAST_DISK_DAYS)
