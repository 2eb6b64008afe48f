"""Timed tables: what stands in the end depends on the writes, and on nothing of their order or number."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from region_node.storage.engine import MAX_AT, Delete, Put, Slice, Update
from region_node.storage.schema import SchemaError
from tests.contracts.storage.declared import ITEMS, SEATS, TIMED, TIMED_SHORT
from tests.support.timed import KEY, card, deleted, emptied, put, stand, standing


async def write(engine, space, *writes):
    for one in writes:
        await engine.write(space, [one])


@pytest.mark.parametrize("order", [(1, 2), (2, 1), (1, 2, 1), (2, 1, 2)])
async def test_the_higher_number_wins_whatever_came_first(engine, space, order):
    writes = {1: put(1, value="old"), 2: put(2, value="new")}
    await write(engine, space, *(writes[number] for number in order))
    assert card(value="new") == await engine.get(space, TIMED, KEY)


@pytest.mark.parametrize("remove", [deleted, emptied])
@pytest.mark.parametrize("at", [5, 6])
async def test_a_delete_wins_a_tie_and_covers_what_comes_later_with_a_lower_number(engine, space, remove, at):
    for writes in ((put(5), remove(at)), (remove(at), put(5))):
        await write(engine, space, *writes)
        assert await engine.get(space, TIMED, KEY) is None
    await write(engine, space, put(7, value="again"))
    assert card(value="again") == await engine.get(space, TIMED, KEY)


async def test_a_delete_of_a_lower_number_takes_nothing(engine, space):
    await write(engine, space, put(5), deleted(4), emptied(4))
    assert card() == await engine.get(space, TIMED, KEY)


async def test_a_partition_that_was_deleted_takes_rows_with_higher_numbers_only(engine, space):
    await write(engine, space, emptied(5), put(5, position=1), put(6, position=2), put(4, position=3))
    page = await engine.slice(space, TIMED, Slice(partition=KEY[:2], limit=9))
    assert [2] == [row["position"] for row in page.rows]


async def test_a_delete_leaves_other_partitions_rows_and_tenants_alone(engine, space):
    others = [put(1, position=2), put(1, box="b"), put(1, tenant="t2")]
    await write(engine, space, *others, deleted(9), emptied(9, box="c"))
    assert len(others) == len([one for one in others if await stand(engine, space, one)])


async def test_numbers_reach_to_63_bits(engine, space):
    await write(engine, space, put(MAX_AT, value="last"), put(MAX_AT - 1, value="before"))
    assert card(value="last") == await engine.get(space, TIMED, KEY)
    await write(engine, space, emptied(MAX_AT), put(MAX_AT))
    assert await engine.get(space, TIMED, KEY) is None


async def test_a_batch_may_hold_timed_writes_and_others(engine, space):
    item = {"tenant": "t1", "jurisdiction": "eu", "box": "a", "position": 1, "value": "v"}
    await engine.write(space, [put(2), Put(ITEMS, item), deleted(1)])
    assert card() == await engine.get(space, TIMED, KEY)
    assert item == await engine.get(space, ITEMS, KEY)


@pytest.mark.parametrize(
    "faulty",
    [
        put(0),
        put(MAX_AT + 1),
        deleted(0),
        emptied(-1),
        Update(TIMED, KEY, {"value": "v"}),
        Delete(ITEMS, KEY, 1),
    ],
    ids=["none", "too many bits", "no delete", "no partition", "an update", "another table"],
)
async def test_a_timed_table_wants_a_number_and_no_other_takes_one(engine, space, faulty):
    with pytest.raises(ValueError, match="no write at"):
        await engine.write(space, [faulty])


def test_a_timed_table_is_not_compared_and_set():
    with pytest.raises(SchemaError, match="timed"):
        type(SEATS)(
            **{name: getattr(SEATS, name) for name in ("name", "partition", "columns", "budget")},
            conditional=True,
            timed=True,
        )


async def test_timed_rows_end_with_their_time_to_live(engine, space):
    row = {"tenant": "t1", "jurisdiction": "eu", "name": "a", "value": "v"}
    await engine.write(space, [Put(TIMED_SHORT, row, 5)])
    assert row == await engine.get(space, TIMED_SHORT, ("t1", "a"))
    await asyncio.sleep(2.1)
    assert await engine.get(space, TIMED_SHORT, ("t1", "a")) is None
    await engine.expire(space, TIMED_SHORT)
    await engine.write(space, [Put(TIMED_SHORT, row, 4)])
    assert await engine.get(space, TIMED_SHORT, ("t1", "a")) is None
    await engine.write(space, [Put(TIMED_SHORT, row, 6)])
    assert row == await engine.get(space, TIMED_SHORT, ("t1", "a"))


NUMBERS = st.integers(1, 6)
POSITIONS = st.integers(1, 2)
NEW_YEAR = datetime(1970, 1, 1, tzinfo=UTC)
VALUES = st.fixed_dictionaries(
    {
        "value": st.text("aßя", max_size=2),
        "size": st.integers(-3, 3),
        "weight": st.sampled_from([-2.5, -1.0, 0.0, 1.0, 2.5]),
        "pinned": st.booleans(),
        "body": st.binary(max_size=2),
        "written_at": st.integers(-2, 2).map(lambda n: NEW_YEAR + timedelta(seconds=n)),
    }
)
PUTS = st.tuples(st.just("put"), NUMBERS, POSITIONS, VALUES)
DELETES = st.tuples(st.just("delete"), NUMBERS, POSITIONS)
EMPTIED = st.tuples(st.just("empty"), NUMBERS)
DISTINCT = st.lists(st.one_of(PUTS, PUTS, DELETES, EMPTIED), min_size=1, max_size=8)


@given(writes=DISTINCT, data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_the_end_depends_on_the_set_of_writes_only(engine, space, writes, data):
    again = data.draw(st.lists(st.sampled_from(writes), max_size=4))
    order = data.draw(st.permutations([*writes, *again]))
    box = uuid.uuid4().hex
    await write(engine, space, *(made(box, one) for one in order))
    page = await engine.slice(space, TIMED, Slice(partition=("t1", box), limit=9))
    assert standing(box, writes) == page.rows


def made(box, one):
    kind, at, *rest = one
    if kind == "put":
        return put(at, box=box, position=rest[0], **rest[1])
    return deleted(at, box=box, position=rest[0]) if kind == "delete" else emptied(at, box=box)
