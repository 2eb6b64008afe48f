"""A tenant's view of an embedded store, with a key ring of its own."""

from region_node.ids import new_person_id
from region_node.security.file_keyring import FileKeyRing
from region_node.storage.engine import KEYS, SHARED
from region_node.storage.migrations import migrate
from region_node.storage.sqlite import SqliteEngine
from region_node.stores import Stores

HELD = ("br", "eu")


async def open_stores(directory, migrations, held=HELD, engine_class=SqliteEngine):
    """Stores whose spaces are migrated; close `engine` in the end."""
    engine = engine_class(directory / "rows")
    for space in (*held, SHARED, KEYS):
        await migrate(engine, space, migrations)
    ring_file = directory / "keyring"
    ring = FileKeyRing(ring_file) if ring_file.exists() else FileKeyRing.create(ring_file, held)
    return Stores(engine, ring, frozenset(held))


async def known_person(stores, tenant="t1", jurisdiction="eu"):
    person_id = new_person_id(jurisdiction)
    await stores.keys.create(tenant, person_id)
    return person_id
