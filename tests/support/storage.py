"""A tenant's view of an embedded store, with a key ring of its own."""

from region_node.ids import new_person_id
from region_node.rulings.changes import STANDING_CHANGES
from region_node.rulings.standing import STANDINGS
from region_node.security.file_keyring import FileKeyRing
from region_node.storage.engine import KEYS, SHARED, CreateTable
from region_node.storage.migrations import kind_of, migrate
from region_node.storage.sqlite import SqliteEngine
from region_node.storage.subjects import TABLES as SUBJECT_INDEXES
from region_node.stores import Stores
from tests.support import templates
from tests.support.standings import HEALTH, stand, standing

HELD = ("br", "eu")
RESTED_ON = (STANDINGS, STANDING_CHANGES, *SUBJECT_INDEXES)
"""What every ruling and every row needs, whatever else a test migrates."""


async def open_stores(directory, migrations, held=HELD, engine_class=SqliteEngine):
    """Stores whose spaces are migrated; close `engine` in the end."""
    migrations, rows = tuple(migrations), directory / "rows"
    if not rows.exists():
        key = (*held, *(migration.name for migration in migrations))
        await templates.fill(rows, key, lambda folder: _migrated(folder, migrations, held))
    ring_file = directory / "keyring"
    ring = FileKeyRing(ring_file) if ring_file.exists() else FileKeyRing.create(ring_file, held)
    return Stores(engine_class(rows), ring, frozenset(held))


async def _migrated(folder, migrations, held):
    engine = SqliteEngine(folder)
    for space in (*held, SHARED, KEYS):
        await migrate(engine, space, migrations)
        await engine.apply(
            space, [CreateTable(table) for table in RESTED_ON if table.space is kind_of(space)]
        )
    await engine.close()


async def known_person(stores, tenant="t1", jurisdiction="eu", consents=(HEALTH,)):
    """Somebody with a key and a standing, who lets their heart rate be analysed."""
    person_id = new_person_id(jurisdiction)
    await stores.keys.create(tenant, person_id)
    await stand(stores, tenant, standing(person_id, *consents))
    return person_id
