"""An erasure without a node around it: rows planted in every table, and the eraser on the stores alone."""

from datetime import UTC, datetime, timedelta

from region_node.features.rights.erasure.eraser import Eraser, NotYet, Terms
from region_node.features.rights.erasure.model import Erasure, Step, StepDone, erasure_row
from region_node.features.rights.erasure.places import Places
from region_node.features.rights.request_ids import new_request_id
from region_node.features.rights.tables import ERASURES
from region_node.ids import new_person_id
from region_node.objects.store import Objects
from region_node.schema import TABLES
from region_node.storage.engine import KEYS, MAX_PAGE, SHARED, Put
from region_node.storage.outbox import OUTBOX
from region_node.storage.schema import ColumnType, SpaceKind

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
SUBJECT_TABLES = [table for table in TABLES if table.subject and table.space is SpaceKind.HOME]
VALUES = {
    ColumnType.INT: lambda n: n,
    ColumnType.REAL: float,
    ColumnType.BOOL: bool,
    ColumnType.BYTES: lambda n: b"planted %d" % n,
    ColumnType.INSTANT: lambda n: datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=n),
}


class Door:
    async def password_holds(self, *_):
        return True

    async def language_of(self, *_):
        return "en"

    async def close(self, *_):
        """There is no account in these tests."""


class NoHold:
    async def standing(self, *_):
        """Nothing is known of anybody."""


class Nobodys:
    async def end_all(self, *_):
        """Nobody answers for anybody."""


class Everybody:
    async def announce(self, *_):
        """One process."""


def row_of(table, person_id, number):
    """A row of *person_id* in *table*; further subject columns name somebody else."""
    row = {}
    for name, column in table.columns.items():
        make = VALUES.get(column.type, lambda n, name=name: f"{name} {n}")
        row[name] = make(number)
    first, *others = table.subject
    return row | {first: person_id} | {name: new_person_id("eu") for name in others}


async def plant(store, table, person_id, number):
    row = row_of(table, person_id, number)
    if table.conditional:
        assert (await store.claim(table, row)).won
    else:
        await store.write(Put(table, row))


async def rows_naming(engine, person_id):
    """By table, how many rows name the person, found by reading everything."""
    found = {}
    for table in TABLES:
        space = {SpaceKind.HOME: "eu", SpaceKind.KEYS: KEYS, SpaceKind.SHARED: SHARED}[table.space]
        after = None
        while True:
            rows, after = await engine.scan(space, table, after, MAX_PAGE)
            count = sum(any(_says(value, person_id) for value in row.values()) for row in rows)
            if count:
                found[table.name] = found.get(table.name, 0) + count
            if after is None:
                break
    return found


def _says(value, person_id):
    if isinstance(value, bytes):
        return person_id.encode() in value
    return isinstance(value, str) and person_id in value


def eraser_on(stores, directory):
    """An eraser of the space `eu`."""
    engine = stores.engine
    return Eraser(
        engine=engine,
        keys=stores.keys,
        objects=Objects.in_folder(directory / "objects"),
        places=Places(engine, TABLES),
        accounts=Door(),
        guardianships=Nobodys(),
        standings=NoHold(),
        changes=Everybody(),
        announce=[].append,
        signing_key=lambda: stores.ring.signing_keys()[0],
        region="here",
        terms=Terms(
            late_after=timedelta(0), disks_within=timedelta(days=3), key_epoch_within=timedelta(days=30)
        ),
        clock=lambda: NOW,
    )


async def begun(rights, person_id, channel="own"):
    erasure = Erasure(
        request_id=new_request_id("eu"),
        person_id=person_id,
        tenant="t1",
        jurisdiction="eu",
        channel=channel,
        opened_at=NOW,
        due_at=NOW + timedelta(days=28),
        link=b"x" * 32,
        steps=(StepDone(step=Step.APPROVED, at=NOW),),
    )
    await rights.store.write(Put(ERASURES, erasure_row(erasure)))
    return erasure


async def publish(stores, erasure):
    """What the relay does."""
    where = erasure.announced
    key = ("t1", where.bucket, where.pointer_id)
    row = await stores.engine.get("eu", OUTBOX, key)
    if row is not None:
        await stores.engine.write("eu", [Put(OUTBOX, row | {"done": True})])


async def to_the_end(stores, eraser, rights, erasure):
    while await rights.erasure(erasure.request_id) is not None:
        try:
            erasure = await eraser.carry_on(rights, erasure)
        except NotYet:
            await publish(stores, erasure)
    return await rights.proof(erasure.request_id)
