"""An erasure whose process is killed at any write ends, after a restart, in one of two proper states."""

import asyncio
import json
import shutil

import pytest

from region_node.schema import MIGRATIONS
from region_node.storage.sqlite import SqliteEngine
from tests.support.dying import die, killed
from tests.support.erasure import SUBJECT_TABLES, eraser_on, plant, rows_naming, to_the_end
from tests.support.rights_world import rights_of, service_of
from tests.support.storage import known_person, open_stores

KILLS = 400
PLANTED = ("workouts", "content_claims", "outbox", "uploads", "standings", "refresh_families")
WRITES = ("write", "write_everywhere", "claim", "swap", "release")


class DyingEngine(SqliteEngine):
    """Dies before the write number `left`, counted from when that is set."""

    left = None

    def __getattribute__(self, name):
        if name in WRITES and self.left is not None:
            self.left -= 1
            if self.left < 0:
                die()
        return super().__getattribute__(name)


async def prepare(directory):
    stores = await open_stores(directory, MIGRATIONS, held=("eu",))
    person = await known_person(stores)
    for number, table in enumerate(table for table in SUBJECT_TABLES if table.name in PLANTED):
        await plant(rights_of(stores).store, table, person, number)
    found = await rows_naming(stores.engine, person)
    await stores.engine.close()
    return person, found


async def erase(directory, person, left):
    stores = await open_stores(directory, MIGRATIONS, held=("eu",), engine_class=DyingEngine)
    stores.engine.left = left
    await service_of(stores).erase_own("t1", person, "")
    async for erasure in rights_of(stores).erasures():
        await to_the_end(stores, eraser_on(stores, directory), rights_of(stores), erasure)


async def after_restart(directory, person, answer):
    """Write down what stands once a node has come up again and carried on."""
    stores = await open_stores(directory, MIGRATIONS, held=("eu",))
    rights = rights_of(stores)
    proofs = [
        await to_the_end(stores, eraser_on(stores, directory), rights, erasure)
        async for erasure in rights.erasures()
    ]
    rows = await rows_naming(stores.engine, person)
    await stores.engine.close()
    answer.write_text(json.dumps([len(proofs), rows]))


EVERY = [pytest.param(1, id="each", marks=[pytest.mark.long, pytest.mark.timeout(900)])]
SOME = [pytest.param(9, id="each-ninth", marks=pytest.mark.timeout(300))]


@pytest.mark.parametrize("step", [*EVERY, *SOME])
def test_a_kill_before_any_write_leaves_all_or_nothing(tmp_path, step):
    person, before = asyncio.run(prepare(tmp_path / "as-it-was"))
    answer, ends = tmp_path / "answer", []
    for left in range(0, KILLS, step):
        directory = tmp_path / "killed"
        shutil.copytree(tmp_path / "as-it-was", directory)
        if not killed(erase, directory, person, left):
            break
        assert not killed(after_restart, directory, person, answer)
        proofs, rows = json.loads(answer.read_text())
        assert (rows == before and proofs == 0) or (rows == {} and proofs == 1), (left, rows)
        ends.append(proofs == 1)
        shutil.rmtree(directory)
    assert {False, True} == set(ends)
    assert ends == sorted(ends), "once it is accepted it is carried through"
