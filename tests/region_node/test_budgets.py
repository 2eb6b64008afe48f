"""What the real writers write, at its fullest, stays within its budget and below the limit of a batch."""

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import msgspec
import pytest

from policies.vocabulary import DataCategory, Purpose
from region_node.features.accounts.model import Person, PersonState
from region_node.features.accounts.store import AccountStore
from region_node.features.workouts.model import MAX_TITLE_LENGTH
from region_node.features.workouts.uploads.filing import Filing
from region_node.features.workouts.uploads.model import MAX_FILE_NAME_BYTES, Outcome, Upload, UploadState
from region_node.features.workouts.uploads.reading import ReadFile, read_upload
from region_node.features.workouts.uploads.store import UploadStore
from region_node.ids import new_id, new_person_id
from region_node.rulings.access import MAX_REASON_LENGTH, Reader, StaffAccess
from region_node.rulings.changes import MARKS
from region_node.rulings.uses import Use
from region_node.schema import MIGRATIONS, TABLES
from region_node.security.refresh_tokens import new_refresh_token
from region_node.storage.engine import MAX_BATCH_BYTES, weigh
from region_node.storage.leases import Leases
from region_node.storage.migrations import migrate
from region_node.storage.sqlite import SqliteEngine
from tests.support.consents import fill_ledger
from tests.support.fullest_sends import fill_sent
from tests.support.received import fill_received
from tests.support.rights import fill_rights
from tests.support.scores import fill_scores
from tests.support.social import fill_social
from tests.support.standings import HEALTH, stand, standing
from tests.support.storage import open_stores
from tests.support.workout_files import START_S, file_id, fit_file, record, session, tcx, tcx_activity, zipped
from tests.support.workouts import Person as Owner

WIDE = "\U0001f3c3"
LONGEST_TITLE = "\u0001" * MAX_TITLE_LENGTH


@dataclass
class Seen:
    rows: dict = field(default_factory=dict)
    batches: list = field(default_factory=list)


class WatchedEngine(SqliteEngine):
    """Notes the largest row of each table, and the weight of each batch."""

    def __init__(self, directory):
        super().__init__(directory)
        self.seen = Seen()

    async def write(self, space, writes):
        await super().write(space, writes)
        if len(writes) > 1:
            self.seen.batches.append(weigh(writes))
        for write in writes:
            if hasattr(write, "row"):
                self._note(write.table, write.row)

    async def claim(self, space, table, row):
        self._note(table, row)
        return await super().claim(space, table, row)

    def _note(self, table, row):
        size = sum(
            len(str(v).encode()) if isinstance(v, str) else len(v) if isinstance(v, bytes) else 8
            for v in row.values()
        )
        self.seen.rows[table.name] = max(size, self.seen.rows.get(table.name, 0))


@pytest.fixture
async def stores(tmp_path):
    opened = await open_stores(tmp_path, MIGRATIONS, held=("ca-qc",), engine_class=WatchedEngine)
    await migrate(opened.engine, "eu", MIGRATIONS)  # seen, as that of the others is not
    yield opened
    await opened.engine.close()


def fullest_person():
    return Person(
        person_id=new_person_id("ca-qc"),
        version=2**62,
        state=PersonState.PENDING,
        created_at=datetime.now(UTC),
        login_key="f" * 64,
        age_assurance="self-declared",
        email=WIDE * 127 + "@" + WIDE * 126,
        display_name=WIDE * 80,
        birth_date=date(1999, 12, 31),
        place="CA-QC",
        language="pt-BR",
        time_zone="America/Argentina/ComodRivadavia",
    )


def long_ride(seconds=40_000):
    """Above one block of samples, with values that hardly repeat."""
    dice = itertools.cycle(range(0, 97, 7))
    records = [record(second, START_S, heart_rate=90 + next(dice)) for second in range(seconds)]
    return fit_file([file_id(), *records, session(seconds - 1.0, seconds * 3.1)])


def upload_of(person_id):
    return Upload(
        person_id=person_id,
        upload_id=new_id(),
        version=2**62,
        state=UploadState.QUEUED,
        received_at=datetime.now(UTC),
        size_bytes=50_000_000,
        object_name=f"ca-qc/xx/{new_id()}",
        content_key="f" * 64,
        attempts=20,
        code="not_an_activity",
        results=10_000,
        file_name="x" * MAX_FILE_NAME_BYTES,
    )


async def test_the_fullest_rows_fit_their_budgets(stores):
    store = stores.of("tenant-with-a-rather-long-name", "ca-qc", Purpose.ANALYSIS)
    accounts, uploads = AccountStore(store), UploadStore(store)
    person = fullest_person()
    await accounts.put_pending(person, "$argon2id$v=19$m=19456,t=2,p=1$" + "x" * 90)
    await stand(stores, store.tenant, standing(person.person_id, HEALTH))
    await accounts.activate(person)
    await accounts.claim_login(person.login_key, person.person_id)
    token = new_refresh_token(new_person_id("ca-qc"))
    digests = {"digest": token.digest(), "digest_before": token.digest()}
    await accounts.start_family(
        {"family": token.family, "person_id": person.person_id, "counter": 2**31, **digests}
    )
    owner = Owner(store, person.person_id)
    upload = upload_of(person.person_id)
    await uploads.put_queued(upload)
    await uploads.claim_key("f" * 64, upload)
    await import_(stores, owner, uploads, upload)
    async with Leases(store).hold("history", person.person_id):
        pass
    await use(stores, store.tenant, person.person_id)
    await fill_ledger(stores, store.tenant, person.person_id)
    await fill_rights(stores, store.tenant, person.person_id)
    await fill_scores(stores, store.tenant, person.person_id)
    await fill_received(stores)
    await fill_social(stores, store.tenant, person.person_id)
    await fill_sent(stores, store.tenant, person.person_id)
    unseen = {table.name for table in TABLES} - stores.engine.seen.rows.keys()
    assert set() == unseen
    over = {
        table.name: (stores.engine.seen.rows[table.name], table.budget.row_bytes)
        for table in TABLES
        if stores.engine.seen.rows[table.name] > table.budget.row_bytes
    }
    assert {} == over
    assert max(stores.engine.seen.batches) < MAX_BATCH_BYTES


async def use(stores, tenant, person_id):
    """As many changes as a row names, and a use of every category under the longest ids of rules."""
    for number in range(MARKS):
        await stores.changes.announce(tenant, f"{person_id}{number}")
    categories = tuple(sorted(DataCategory))
    used = Use(
        purpose=Purpose.MARKETING_EMAIL,
        categories=categories,
        reader=Reader.WORKER,
        rights=False,
        rules=tuple(f"{category}-{'x' * 30}" for category in categories),
    )
    stores.uses.count(tenant, person_id, used)
    await stores.uses.flush()
    staff = StaffAccess(operator_id=new_id(), why=WIDE * MAX_REASON_LENGTH)
    await stores.uses.record_staff(tenant, person_id, staff, used)


async def import_(stores, owner, uploads, upload):
    """Import the real way, with names, warnings and titles as long as they get."""
    names = [f"{'x' * 900}{number}.tcx" for number in range(40)]
    cut = tcx_activity(90)[:-60]
    members = {
        name: tcx(cut if number % 2 else tcx_activity(60 + number)) for number, name in enumerate(names)
    }
    ring = stores.ring
    filing = Filing(
        uploads=uploads,
        workouts=owner.workouts,
        content_keys=ring.index_key("ca-qc", owner.store.tenant, "content"),
        announce=owner.announced.append,
    )
    outcomes: list[Outcome] = []
    for data in (long_ride(), zipped(members)):
        read = read_upload("y" * MAX_FILE_NAME_BYTES, data, upload.upload_id, True)
        files = msgspec.msgpack.decode(read, type=list[ReadFile])
        outcomes += await filing.file(msgspec.structs.replace(upload, upload_id=new_id()), files)
    await uploads.put_results(upload, outcomes)
    for outcome in [one for one in outcomes if one.workout_id][:2]:
        await owner.edit(outcome.workout_id, title=LONGEST_TITLE, sport="x" * 40, sub_sport="y" * 40)
    await owner.follow()
