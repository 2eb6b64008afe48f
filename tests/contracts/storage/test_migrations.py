"""Numbered schema changes: repeatable, safe to interrupt, and a node refuses what does not fit its code."""

from dataclasses import replace

import pytest

from policies.vocabulary import DataCategory
from region_node.storage.engine import AddColumn, CreateTable, Put
from region_node.storage.errors import SchemaMismatch
from region_node.storage.migrations import SCHEMA_VERSIONS, Migration, applied, migrate, require
from region_node.storage.schema import Budget, Column, ColumnType, SpaceKind, Table

COUNT = Column(ColumnType.INT, DataCategory.NON_PERSONAL)
BOXES = Table(
    name="boxes",
    partition=("name",),
    columns={"name": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL), "height": COUNT},
    budget=Budget(rows=1, row_bytes=100),
)
LABELLED = replace(BOXES, columns={**BOXES.columns, "labels": COUNT})
SHARED_ONLY = replace(BOXES, name="shared_boxes", space=SpaceKind.SHARED)
MAKE = Migration(1, "boxes", (CreateTable(BOXES), CreateTable(SHARED_ONLY)))
LABEL = Migration(2, "labels", (AddColumn(LABELLED, "labels"),))
BOX = {"tenant": "t1", "jurisdiction": "eu", "name": "a", "height": 3}


async def test_what_is_missing_is_applied_once_and_in_order(engine, space):
    assert [MAKE] == await migrate(engine, space, [MAKE])
    await engine.write(space, [Put(BOXES, BOX)])
    assert [LABEL] == await migrate(engine, space, [MAKE, LABEL])
    assert [] == await migrate(engine, space, [MAKE, LABEL])
    assert {1, 2} == await applied(engine, space)
    assert {**BOX, "labels": 0} == await engine.get(space, LABELLED, ("t1", "a"))


async def test_an_interrupted_migration_is_finished_by_the_next_run(engine, space):
    await engine.apply(
        space, [CreateTable(SCHEMA_VERSIONS), CreateTable(BOXES), AddColumn(LABELLED, "labels")]
    )
    assert [MAKE, LABEL] == await migrate(engine, space, [MAKE, LABEL])
    await engine.write(space, [Put(LABELLED, {**BOX, "labels": 2})])
    await require(engine, space, [MAKE, LABEL])


async def test_a_node_refuses_a_space_that_is_behind_or_ahead(engine, space):
    await migrate(engine, space, [MAKE])
    with pytest.raises(SchemaMismatch, match=rf"{space} lacks migrations \[2\]: run `meridian db migrate`"):
        await require(engine, space, [MAKE, LABEL])
    await migrate(engine, space, [MAKE, LABEL])
    with pytest.raises(SchemaMismatch, match=rf"{space} has migrations \[2\]"):
        await require(engine, space, [MAKE])


async def test_a_space_gets_only_the_tables_of_its_kind():
    assert [BOXES] == [change.table for change in MAKE.for_space("eu")]
    assert [SHARED_ONLY] == [change.table for change in MAKE.for_space("shared")]
    assert [] == MAKE.for_space("keys")
