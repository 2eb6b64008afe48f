"""What a region keeps, takes back, marks and refuses, on Cassandra as on SQLite."""

import pytest

from federation.adapters.memory_bus import MemoryNetwork
from federation.envelope import Refusal
from federation.inbound import Way
from federation.topology import Lane
from region_node.federated.tables import PROJECTION_KEYS, PROJECTIONS, TABLES
from region_node.ids import new_person_id
from region_node.security.file_keyring import FileKeyRing
from region_node.storage.cassandra import CassandraEngine
from region_node.storage.cassandra_cql import create_keyspace, keyspace
from region_node.storage.cassandra_session import CassandraSession
from region_node.storage.engine import KEYS, SHARED, CreateTable
from region_node.storage.migrations import kind_of
from tests.support.federation import BR, EU, US
from tests.support.receiving import (
    Handed,
    Receiving,
    erased,
    handed,
    reference,
    retracted,
    withdrawn,
    workout,
)

pytestmark = pytest.mark.services


@pytest.fixture
async def region(cassandra_address, tmp_path):
    session = await CassandraSession.open(cassandra_address)
    engine = CassandraEngine(session)
    for space in (SHARED, KEYS):
        await session.execute(create_keyspace(space, {"dc1": 1}))
        await engine.apply(space, [CreateTable(one) for one in TABLES if one.space is kind_of(space)])
    network = MemoryNetwork()
    for origin in (EU, BR, US):
        await network.sender(origin).prepare([EU, BR, US])
    yield Receiving(engine, FileKeyRing.create(tmp_path / "keyring", ["us"]), network)
    for space in (SHARED, KEYS):
        await session.execute(f"DROP KEYSPACE {keyspace(space)}")
    await engine.close()


async def test_it_is_kept_seen_taken_back_and_receipted_in_any_order(region):
    one, other, third = (new_person_id("eu") for _ in range(3))
    await region.hand(
        handed(retracted(4, subject=one), 1),
        handed(workout(3, subject=one), 1),
        handed(workout(5, subject=other, title="new"), 2),
        handed(workout(2, subject=other, title="old"), 3),
        handed(workout(1, subject=third), 4),
        handed(workout(6, subject=third, aggregateid="b"), 5),
        handed(withdrawn(5, subject=third), 2),
        handed(withdrawn(5, subject=third), 2),
    )
    asked = [reference(subject=person) for person in (one, other, third)]
    seen = await region.shown(*asked, reference(subject=third, aggregate_id="b"))
    assert [None, "new", None, "A run"] == [found and found.data["title"] for found in seen]
    pull = await region.network.receiver(EU, US).pull(Lane.RETRACTION)
    assert 2 == len(await pull.next(9, 0.0)), "the broker keeps the same receipt once"


async def test_an_erasure_leaves_neither_row_nor_key(region):
    await region.hand(handed(workout(1), 1), handed(erased(2), 1), handed(workout(3), 2))
    assert [] == (await region.engine.scan(SHARED, PROJECTIONS, None, 9))[0]
    assert [] == (await region.engine.scan(KEYS, PROJECTION_KEYS, None, 9))[0]


async def test_what_is_refused_is_counted_and_marked(region):
    way, parcel = handed(workout(1), 1)
    await region.ingress.take(way, [Handed(parcel.subject, b"{}", number) for number in range(1, 130)])
    assert {(EU, Refusal.MALFORMED): 129} == await region.refusals()
    assert 100 == len(await region.quarantine.newest(EU, Refusal.MALFORMED))
    assert await region.arrivals.has(Way(EU, Lane.BULK), range(1, 130))
