"""What every engine promises; run on SQLite always, on Cassandra with `make test-services`."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from policies.vocabulary import DataCategory
from region_node.storage.engine import (
    AddColumn,
    CreateTable,
    Delete,
    DeletePartition,
    Put,
    ShortenGrace,
    Slice,
    Update,
)
from region_node.storage.errors import BatchTooLarge
from region_node.storage.schema import ZERO, Column, ColumnType, Order
from tests.contracts.storage.declared import ITEMS, NOTES, SEATS, SHORT

NOON = datetime(2030, 6, 1, 12, 0, 0, 123000, tzinfo=UTC)


def item(position, value="v", box="a", tenant="t1"):
    return {"tenant": tenant, "jurisdiction": "eu", "box": box, "position": position, "value": value}


def note(minutes=0, note_id="n1", **changes):
    row = {
        "tenant": "t1",
        "jurisdiction": "eu",
        "person_id": "eu_p1",
        "written_at": NOON + timedelta(minutes=minutes),
        "note_id": note_id,
        "text": b"sealed",
        "picture": b"\x00\xff",
        "size": -5,
        "weight": 0.1,
        "pinned": True,
    }
    return row | changes


def seat(holder="anna", counter=0, name="1a"):
    return {"tenant": "t1", "jurisdiction": "eu", "seat": name, "holder": holder, "counter": counter}


async def test_a_row_comes_back_as_it_was_put_with_every_type(engine, space):
    await engine.write(space, [Put(NOTES, note())])
    assert note() == await engine.get(space, NOTES, ("t1", "eu_p1", NOON, "n1"))


async def test_a_row_that_nobody_put_is_none(engine, space):
    assert await engine.get(space, ITEMS, ("t1", "a", 1)) is None


async def test_a_put_replaces_the_row_whole_and_can_be_repeated(engine, space):
    for value in ("old", "new", "new"):
        await engine.write(space, [Put(ITEMS, item(1, value))])
    page = await engine.slice(space, ITEMS, Slice(partition=("t1", "a"), limit=10))
    assert [item(1, "new")] == page.rows


async def test_a_row_with_a_missing_or_unknown_column_is_refused(engine, space):
    row = item(1)
    del row["value"]
    with pytest.raises(ValueError, match="missing \\['value'\\]"):
        await engine.write(space, [Put(ITEMS, row)])
    with pytest.raises(ValueError, match="unknown \\['more'\\]"):
        await engine.write(space, [Put(ITEMS, item(1) | {"more": 1})])


async def test_an_update_sets_what_it_names_and_leaves_the_rest(engine, space):
    await engine.write(space, [Put(NOTES, note())])
    key, values = ("t1", "eu_p1", NOON, "n1"), {"text": b"other", "size": 7, "pinned": False}
    for _ in range(2):
        await engine.write(space, [Update(NOTES, key, values), Put(ITEMS, item(1))])
    assert note() | values == await engine.get(space, NOTES, key)


@pytest.mark.parametrize(
    ("table", "values"),
    [(NOTES, {"note_id": "n2"}), (NOTES, {"colour": "red"}), (NOTES, {}), (SHORT, {"value": "v"})],
    ids=["a key", "an unknown column", "nothing", "a row that expires"],
)
async def test_an_update_that_cannot_be_is_refused(engine, space, table, values):
    with pytest.raises(ValueError, match="cannot set"):
        await engine.write(space, [Update(table, ("t1",), values)])


async def test_a_delete_can_be_repeated(engine, space):
    await engine.write(space, [Put(ITEMS, item(1))])
    for _ in range(2):
        await engine.write(space, [Delete(ITEMS, ("t1", "a", 1))])
        assert await engine.get(space, ITEMS, ("t1", "a", 1)) is None


async def test_a_partition_goes_whole_and_others_stay(engine, space):
    await engine.write(space, [Put(ITEMS, item(n)) for n in range(20)])
    others = [item(1, box="b"), item(1, tenant="t2")]
    await engine.write(space, [Put(ITEMS, row) for row in others])
    for _ in range(2):
        await engine.write(space, [DeletePartition(ITEMS, ("t1", "a"))])
        assert [] == (await engine.slice(space, ITEMS, Slice(partition=("t1", "a"), limit=9))).rows
    assert others == [
        await engine.get(space, ITEMS, ("t1", "b", 1)),
        await engine.get(space, ITEMS, ("t2", "a", 1)),
    ]


async def test_a_row_can_be_put_again_into_a_partition_that_was_deleted(engine, space):
    await engine.write(space, [Put(ITEMS, item(1, "old"))])
    await engine.write(space, [DeletePartition(ITEMS, ("t1", "a"))])
    await engine.write(space, [Put(ITEMS, item(2, "new"))])
    page = await engine.slice(space, ITEMS, Slice(partition=("t1", "a"), limit=9))
    assert [item(2, "new")] == page.rows


async def test_one_tenant_does_not_see_anothers_row(engine, space):
    await engine.write(space, [Put(ITEMS, item(1, tenant="t2"))])
    assert await engine.get(space, ITEMS, ("t1", "a", 1)) is None
    assert [] == (await engine.slice(space, ITEMS, Slice(partition=("t1", "a"), limit=9))).rows


async def test_many_rows_come_in_the_order_asked_with_none_for_the_missing(engine, space):
    await engine.write(space, [Put(ITEMS, item(n)) for n in (1, 2, 3)])
    found = await engine.get_many(space, ITEMS, [("t1", "a", n) for n in (3, 9, 1)])
    assert [3, None, 1] == [row and row["position"] for row in found]


async def test_more_keys_than_the_bound_are_refused(engine, space):
    with pytest.raises(ValueError, match="above 100"):
        await engine.get_many(space, ITEMS, [("t1", "a", n) for n in range(101)])


@pytest.mark.parametrize("order", [Order.ASCENDING, Order.DESCENDING])
async def test_pages_cover_a_partition_once_in_either_order(engine, space, order):
    await engine.write(space, [Put(ITEMS, item(n)) for n in range(25)])
    seen, after, pages = [], (), 0
    while after is not None:
        query = Slice(partition=("t1", "a"), limit=10, after=after, order=order)
        page = await engine.slice(space, ITEMS, query)
        seen += [row["position"] for row in page.rows]
        after, pages = page.after, pages + 1
    assert (list(range(25))[:: -1 if order is Order.DESCENDING else 1], 3) == (seen, pages)


async def test_a_slice_keeps_to_its_bounds_lower_inclusive_upper_exclusive(engine, space):
    await engine.write(space, [Put(ITEMS, item(n)) for n in range(10)])
    page = await engine.slice(space, ITEMS, Slice(partition=("t1", "a"), limit=99, lower=(3,), upper=(6,)))
    assert [3, 4, 5] == [row["position"] for row in page.rows]


@pytest.mark.parametrize("order", [Order.ASCENDING, Order.DESCENDING])
async def test_bounds_hold_on_the_pages_after_the_first(engine, space, order):
    await engine.write(space, [Put(ITEMS, item(n)) for n in range(10)])
    base = {"partition": ("t1", "a"), "limit": 2, "lower": (3,), "upper": (8,), "order": order}
    first = await engine.slice(space, ITEMS, Slice(**base))
    second = await engine.slice(space, ITEMS, Slice(**base, after=first.after))
    third = await engine.slice(space, ITEMS, Slice(**base, after=second.after))
    got = [row["position"] for page in (first, second, third) for row in page.rows]
    assert [3, 4, 5, 6, 7] == sorted(got)
    assert third.after is None


async def test_bounds_may_be_a_prefix_of_the_clustering_key_in_the_declared_order(engine, space):
    rows = [note(minutes, f"n{n}") for minutes in (0, 1, 2) for n in (1, 2)]
    await engine.write(space, [Put(NOTES, row) for row in rows])
    query = Slice(
        partition=("t1", "eu_p1"),
        limit=9,
        lower=(NOON + timedelta(minutes=1),),
        upper=(NOON + timedelta(minutes=2),),
    )
    page = await engine.slice(space, NOTES, query)
    assert [(1, "n2"), (1, "n1")] == [
        ((r["written_at"] - NOON).seconds // 60, r["note_id"]) for r in page.rows
    ]


async def test_an_exactly_full_last_page_says_that_it_is_the_last(engine, space):
    await engine.write(space, [Put(ITEMS, item(n)) for n in range(10)])
    page = await engine.slice(space, ITEMS, Slice(partition=("t1", "a"), limit=10))
    assert (10, None) == (len(page.rows), page.after)


@pytest.mark.parametrize("limit", [0, 1001])
async def test_a_page_has_a_bound(engine, space, limit):
    with pytest.raises(ValueError, match="page"):
        await engine.slice(space, ITEMS, Slice(partition=("t1", "a"), limit=limit))


async def test_a_batch_over_several_tables_lands_whole(engine, space):
    await engine.write(space, [Put(ITEMS, item(1)), Put(NOTES, note()), Delete(ITEMS, ("t1", "a", 7))])
    assert await engine.get(space, ITEMS, ("t1", "a", 1)) is not None
    assert await engine.get(space, NOTES, ("t1", "eu_p1", NOON, "n1")) is not None


async def test_a_batch_with_a_bad_write_leaves_nothing(engine, space):
    with pytest.raises(ValueError, match="missing"):
        await engine.write(space, [Put(ITEMS, item(1)), Put(ITEMS, {"tenant": "t1"})])
    assert await engine.get(space, ITEMS, ("t1", "a", 1)) is None


async def test_a_batch_above_the_limit_is_refused_on_both_engines_alike(engine, space):
    with pytest.raises(BatchTooLarge):
        await engine.write(space, [Put(ITEMS, item(n, "x" * 30_000)) for n in (1, 2)])


async def test_conditional_tables_take_no_plain_writes(engine, space):
    for write in (Put(SEATS, seat()), Delete(SEATS, ("t1", "1a"))):
        with pytest.raises(ValueError, match="conditional"):
            await engine.write(space, [write])


async def test_of_many_claims_at_once_one_wins_and_the_others_see_who(engine, space):
    claims = await asyncio.gather(*(engine.claim(space, SEATS, seat(f"p{n}")) for n in range(8)))
    (winner,) = [claim for claim in claims if claim.won]
    assert {winner.row["holder"]} == {claim.row["holder"] for claim in claims}


async def test_repeating_ones_own_claim_wins_again(engine, space):
    for _ in range(2):
        assert (await engine.claim(space, SEATS, seat())).won


async def test_a_swap_needs_what_was_expected(engine, space):
    await engine.claim(space, SEATS, seat("anna", 1))
    lost = await engine.swap(space, SEATS, {"holder": "boris"}, seat("cora", 2))
    won = await engine.swap(space, SEATS, {"holder": "anna", "counter": 1}, seat("cora", 2))
    assert (False, "anna", True) == (lost.won, lost.row["holder"], won.won)
    assert seat("cora", 2) == await engine.get(space, SEATS, ("t1", "1a"))


async def test_a_swap_of_nothing_loses_and_makes_nothing(engine, space):
    assert not (await engine.swap(space, SEATS, {"holder": "anna"}, seat("cora"))).won
    assert await engine.get(space, SEATS, ("t1", "1a")) is None


async def test_counting_by_swaps_at_once_loses_no_step(engine, space):
    await engine.claim(space, SEATS, seat(counter=0))

    async def add_one():
        while True:
            row = await engine.get(space, SEATS, ("t1", "1a"))
            expected = {"counter": row["counter"]}
            if (await engine.swap(space, SEATS, expected, seat(counter=row["counter"] + 1))).won:
                return

    await asyncio.gather(*(add_one() for _ in range(5)))
    assert 5 == (await engine.get(space, SEATS, ("t1", "1a")))["counter"]


async def test_only_the_expected_row_is_released(engine, space):
    await engine.claim(space, SEATS, seat("anna"))
    assert not await engine.release(space, SEATS, ("t1", "1a"), {"holder": "boris"})
    assert await engine.release(space, SEATS, ("t1", "1a"), {"holder": "anna"})
    assert await engine.get(space, SEATS, ("t1", "1a")) is None


async def test_rows_end_with_their_time_to_live(engine, space):
    row = {"tenant": "t1", "jurisdiction": "eu", "name": "a", "value": "v"}
    await engine.write(space, [Put(SHORT, row)])
    assert row == await engine.get(space, SHORT, ("t1", "a"))
    await asyncio.sleep(2.1)
    assert await engine.get(space, SHORT, ("t1", "a")) is None


async def test_a_scan_walks_every_row_once(engine, space):
    await engine.write(space, [Put(ITEMS, item(n, box=box)) for box in "abc" for n in range(7)])
    seen, after = [], None
    while True:
        rows, after = await engine.scan(space, ITEMS, after, 5)
        seen += [(row["box"], row["position"]) for row in rows]
        if after is None:
            break
    assert sorted((box, n) for box in "abc" for n in range(7)) == sorted(seen)


async def test_schema_changes_can_be_repeated(engine, space):
    for _ in range(2):
        await engine.apply(space, [CreateTable(ITEMS), AddColumn(ITEMS, "value")])
    await engine.write(space, [Put(ITEMS, item(1))])
    assert item(1) == await engine.get(space, ITEMS, ("t1", "a", 1))


async def test_a_space_is_not_seen_from_another(engine, space, engine_name):
    await engine.write(space, [Put(ITEMS, item(1))])
    if engine_name == "sqlite":
        await engine.apply("other", [CreateTable(ITEMS)])
        assert await engine.get("other", ITEMS, ("t1", "a", 1)) is None
    await engine.ping()


async def test_a_column_added_later_reads_as_its_zero_in_rows_from_before(engine, space):
    await engine.write(space, [Put(ITEMS, item(1))])
    kinds = {kind.value: Column(kind, DataCategory.NON_PERSONAL) for kind in ColumnType}
    later = {f"{name}_column": column for name, column in kinds.items()}
    wider = replace(ITEMS, columns={**ITEMS.columns, **later})
    await engine.apply(space, [AddColumn(wider, name) for name in later])
    expected = item(1) | {f"{kind.value}_column": ZERO[kind] for kind in ColumnType}
    assert expected == await engine.get(space, wider, ("t1", "a", 1))
    await engine.write(
        space, [Put(wider, item(2) | {f"{kind}_column": expected[f"{kind}_column"] for kind in kinds})]
    )
    assert item(2) == await engine.get(space, ITEMS, ("t1", "a", 2))


async def test_clearing_a_space_keeps_its_rows(engine, space):
    await engine.write(space, [Put(ITEMS, item(n)) for n in range(20)])
    await engine.write(space, [DeletePartition(ITEMS, ("t1", "a"))])
    await engine.write(space, [Put(ITEMS, item(1, box="b"))])
    await engine.clear(space)
    assert item(1, box="b") == await engine.get(space, ITEMS, ("t1", "b", 1))


async def test_what_is_written_everywhere_is_there_and_says_so(engine, space):
    writes = [Put(ITEMS, item(1)), Put(NOTES, note())]
    assert await engine.write_everywhere(space, writes) is True
    assert item(1) == await engine.get(space, ITEMS, ("t1", "a", 1))
    assert note() == await engine.get(space, NOTES, ("t1", "eu_p1", NOON, "n1"))


async def test_a_shorter_grace_changes_no_row(engine, space):
    await engine.write(space, [Put(NOTES, note())])
    for _ in range(2):
        await engine.apply(space, [ShortenGrace(NOTES)])
    assert note() == await engine.get(space, NOTES, ("t1", "eu_p1", NOON, "n1"))
