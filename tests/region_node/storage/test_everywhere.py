"""What has to outlive a datacenter: acknowledged by all, or accepted here and flagged."""

from datetime import UTC, datetime, timedelta

import pytest

from region_node.features.accounts.tables import CREDENTIALS
from region_node.schema import MIGRATIONS
from region_node.storage.cassandra import CassandraEngine
from region_node.storage.cassandra_session import EVERYWHERE, PLAIN
from region_node.storage.engine import Put
from region_node.storage.errors import StorageUnavailable
from region_node.storage.flagged import FLAGGED_WRITES, flagged_since
from region_node.storage.sqlite import SqliteEngine
from region_node.storage.store import TenantStore
from tests.contracts.storage.declared import ITEMS
from tests.support.storage import known_person, open_stores

ROW = {"tenant": "t1", "jurisdiction": "eu", "box": "a", "position": 1, "value": "v"}


class OneAway(SqliteEngine):
    """As an engine is while another datacenter of the group does not answer."""

    async def write_everywhere(self, space, writes):
        await super().write_everywhere(space, writes)
        return False


class Prepared:
    def bind(self, values):
        return Bound(values)


class Bound:
    def __init__(self, values):
        self.values = values
        self.is_idempotent = False


class Session:
    """Notes the consistency of each statement; those in *failing* find too few replicas."""

    def __init__(self, *failing):
        self.failing = failing
        self.profiles = []

    async def prepare(self, _text):
        return Prepared()

    async def execute(self, _statement, profile=PLAIN):
        self.profiles.append(profile)
        if profile in self.failing:
            raise StorageUnavailable("Cassandra: Unavailable")


@pytest.mark.parametrize(
    ("failing", "replicated", "profiles"),
    [((), True, [EVERYWHERE]), ((EVERYWHERE,), False, [EVERYWHERE, PLAIN])],
)
async def test_cassandra_asks_each_datacenter_and_then_its_own(failing, replicated, profiles):
    session = Session(*failing)
    assert replicated is await CassandraEngine(session).write_everywhere("eu", [Put(ITEMS, ROW)])
    assert profiles == session.profiles


async def test_where_its_own_datacenter_fails_as_well_the_write_is_not_accepted():
    with pytest.raises(StorageUnavailable):
        await CassandraEngine(Session(EVERYWHERE, PLAIN)).write_everywhere("eu", [Put(ITEMS, ROW)])


@pytest.mark.parametrize(("engine_class", "flags"), [(SqliteEngine, []), (OneAway, ["credentials"])])
async def test_a_write_that_not_all_have_is_there_and_flagged_without_naming_anybody(
    tmp_path, engine_class, flags
):
    stores = await open_stores(tmp_path, MIGRATIONS, engine_class=engine_class)
    person_id = await known_person(stores)
    store = TenantStore(stores.engine, stores.keys, "t1", "eu")
    credentials = {"person_id": person_id, "changed_at": datetime.now(UTC), "password_hash": "hash"}
    assert (not flags) is await store.write_everywhere(Put(CREDENTIALS, credentials))
    assert "hash" == (await store.get(CREDENTIALS, person_id))["password_hash"]
    rows, _ = await stores.engine.scan("eu", FLAGGED_WRITES, None, 10)
    assert flags == [row["tables"] for row in rows]
    assert person_id not in str(rows)
    long_ago, soon = datetime(2020, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(minutes=1)
    counts = [await flagged_since(stores.engine, "eu", since) for since in (long_ago, soon)]
    assert [len(flags), 0] == counts
    await stores.engine.close()
