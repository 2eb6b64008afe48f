"""What SQLite remembers of deletes in timed tables: for long enough, without a name, and not for ever."""

import pytest

from federation.catalogue import CATALOGUE
from federation.topology import LANE_LIMITS
from region_node.storage.engine import CreateTable, Put
from region_node.storage.schema import DELETES_KEPT_S
from region_node.storage.sqlite import SqliteEngine
from tests.contracts.storage.declared import TIMED, TIMED_SHORT
from tests.support.timed import KEY, deleted, put


@pytest.fixture
async def engine(tmp_path):
    opened = SqliteEngine(tmp_path, now=lambda: opened.at)
    opened.at = 1e9
    await opened.apply("t", [CreateTable(TIMED), CreateTable(TIMED_SHORT)])
    yield opened
    await opened.close()


def test_deletes_are_remembered_for_longer_than_anything_is_on_its_way_and_served():
    on_the_way = max(limits.max_age_s for limits in LANE_LIMITS.values())
    assert on_the_way + max(event.lease_s for event in CATALOGUE.values()) < DELETES_KEPT_S


async def test_a_delete_counts_until_it_is_forgotten(engine):
    await engine.write("t", [deleted(5)])
    engine.at += DELETES_KEPT_S - 1
    await engine.expire("t", TIMED)
    await engine.write("t", [put(5)])
    assert await engine.get("t", TIMED, KEY) is None
    engine.at += 2
    await engine.expire("t", TIMED)
    await engine.write("t", [put(5)])
    assert await engine.get("t", TIMED, KEY) is not None


async def test_a_row_whose_time_was_over_does_not_come_back_by_an_older_write(engine):
    row = {"tenant": "t1", "jurisdiction": "eu", "name": "a", "value": "v"}
    await engine.write("t", [Put(TIMED_SHORT, row, 5)])
    engine.at += TIMED_SHORT.ttl_s
    await engine.expire("t", TIMED_SHORT)
    for at, expected in ((5, None), (6, row)):
        await engine.write("t", [Put(TIMED_SHORT, row, at)])
        assert expected == await engine.get("t", TIMED_SHORT, ("t1", "a"))


async def test_a_delete_names_nobody(engine, tmp_path):
    await engine.write("t", [deleted(5, box="eu_01hv00000000000000000000aa")])
    await engine.clear("t")
    assert not any(b"eu_01hv" in path.read_bytes() for path in tmp_path.iterdir())
