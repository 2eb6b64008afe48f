"""Every table that can hold a person is emptied of them, and of nobody else."""

import pytest

from policies.vocabulary import Purpose
from region_node.features.rights.erasure.model import Step
from region_node.features.rights.store import RightsStore
from region_node.schema import MIGRATIONS
from tests.support.erasure import (
    SUBJECT_TABLES,
    begun,
    eraser_on,
    plant,
    row_of,
    rows_naming,
    to_the_end,
)
from tests.support.storage import known_person, open_stores


@pytest.fixture
async def stores(tmp_path):
    opened = await open_stores(tmp_path, MIGRATIONS, held=("eu",))
    yield opened
    await opened.engine.close()


@pytest.fixture
def rights(stores):
    return RightsStore(stores.of("t1", "eu", Purpose.ACCOUNT, rights=True))


@pytest.fixture
def eraser(stores, tmp_path):
    return eraser_on(stores, tmp_path)


async def test_a_row_in_every_table_goes_and_another_persons_stays(stores, rights, eraser):
    person, other = await known_person(stores), await known_person(stores)
    planted = [table for table in SUBJECT_TABLES if table.indexed]
    for number, table in enumerate(planted):
        for copy in range(3):
            await plant(rights.store, table, person, 100 * number + copy)
            await plant(rights.store, table, other, 100 * number + 50 + copy)
    before = await rows_naming(stores.engine, other)
    assert {table.name for table in planted} <= (await rows_naming(stores.engine, person)).keys()
    proof = await to_the_end(stores, eraser, rights, await begun(rights, person))
    assert {} == await rows_naming(stores.engine, person)
    assert before == await rows_naming(stores.engine, other)
    assert person not in proof.receipt


async def test_what_is_written_while_rows_go_is_found_as_well(stores, rights, eraser):
    """A claim of a job that began before: its table needs no key of the person's."""
    person = await known_person(stores)
    claims = next(table for table in SUBJECT_TABLES if table.name == "content_claims")
    erasure = await begun(rights, person)
    while erasure.step is not Step.ROWS_DELETED:
        erasure = await eraser.carry_on(rights, erasure)
    await plant(rights.store, claims, person, 7)
    await to_the_end(stores, eraser, rights, erasure)
    assert {} == await rows_naming(stores.engine, person)


async def test_a_row_that_has_passed_to_somebody_else_is_left_to_them(stores, rights, eraser):
    """An index entry leads to a key; whose row stands there now is what counts."""
    person, other = await known_person(stores), await known_person(stores)
    claims = next(table for table in SUBJECT_TABLES if table.name == "content_claims")
    await plant(rights.store, claims, person, 7)
    row = row_of(claims, other, 7)
    assert (await rights.store.swap(claims, {"person_id": person}, row)).won
    await to_the_end(stores, eraser, rights, await begun(rights, person))
    assert other == (await rights.store.get(claims, row["content_key"]))["person_id"]
