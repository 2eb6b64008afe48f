"""Whoever answered for a child and is erased is named at the child no more, and nothing rests on them."""

from dataclasses import replace
from datetime import date, timedelta

import msgspec
import pytest

from policies.vocabulary import Purpose
from region_node.features.consent.acts import About, Actor
from region_node.features.consent.examining import examine
from region_node.features.consent.model import EntryState, Method
from region_node.features.consent.notices import shipped_notices
from region_node.features.rights.erasure.model import Step
from region_node.features.rights.store import RightsStore
from region_node.schema import MIGRATIONS
from region_node.storage import leases
from region_node.storage.errors import StorageUnavailable
from region_node.storage.sqlite import SqliteEngine
from tests.support.erasure import begun, eraser_on, rows_naming, to_the_end
from tests.support.rights_world import RightsWorld
from tests.support.storage import open_stores

TEN_YEARS_OLD = date(2017, 1, 1)
BOARD = About(purpose=Purpose.LEADERBOARD)
MOST_WRITES = 60


class FaultyEngine(SqliteEngine):
    """Its write number `left`, counted from when that is set, does not land, nor any after it."""

    left = None

    def __getattribute__(self, name):
        if name in {"write", "write_everywhere", "claim", "swap"} and self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise StorageUnavailable("killed")
        return super().__getattribute__(name)


class Family:
    def __init__(self, world, directory):
        self.world, self.guardians = world, world.consent.guardians
        self.eraser = replace(eraser_on(world.stores, directory), guardianships=self.guardians)
        self.rights = RightsStore(world.service.rights("t1", "eu").store)

    async def meet(self):
        self.child, self.mother = await self.world.person(TEN_YEARS_OLD), await self.world.person()
        code = (await self.guardians.new_code("t1", self.child)).code
        await self.guardians.link("t1", self.mother, code)
        actor = Actor(id=self.mother, method=Method.GUARDIAN)
        await self.world.consent.service.give("t1", self.child, BOARD, "leaderboard/1/de", actor)
        return self

    async def erase_mother(self):
        await to_the_end(self.world.stores, self.eraser, self.rights, await begun(self.rights, self.mother))

    @property
    def ledger(self):
        return self.world.consent.ledger

    async def standing(self):
        return await self.ledger.standing("t1", self.child)

    async def states(self):
        store = self.ledger.store("t1", self.child)
        assert [] == (await examine(store, self.child, shipped_notices())).findings
        return [entry.draft.state async for entry in store.entries(self.child)]


@pytest.fixture
async def family(tmp_path):
    stores = await open_stores(tmp_path, MIGRATIONS, held=("eu",), engine_class=FaultyEngine)
    yield await Family(RightsWorld(stores), tmp_path).meet()
    await stores.engine.close()


async def test_nothing_names_or_rests_on_a_guardian_who_was_erased(family):
    before = await family.standing()
    assert ([True], family.mother) == ([one.by_guardian for one in before.consents], before.guardian_id)
    assert {"guardianships", "subject_index"} <= (
        await rows_naming(family.world.stores.engine, family.mother)
    ).keys()
    await family.erase_mother()
    assert {} == await rows_naming(family.world.stores.engine, family.mother)
    after = await family.standing()
    assert ((), "") == (after.consents, after.guardian_id)
    assert family.mother not in msgspec.json.encode(after).decode()
    assert [EntryState.WITHDRAWN, EntryState.GUARDIAN_ENDED] == (await family.states())[-2:]


async def test_another_guardian_can_answer_for_the_child_afterwards(family):
    await family.erase_mother()
    father = await family.world.person()
    code = (await family.guardians.new_code("t1", family.child)).code
    assert family.child == await family.guardians.link("t1", father, code)


async def test_a_link_that_lands_while_rows_go_is_ended_as_well(family):
    erasure = await begun(family.rights, family.mother)
    other = await family.world.person(TEN_YEARS_OLD)
    code = (await family.guardians.new_code("t1", other)).code
    while erasure.step is not Step.MANIFEST_WRITTEN:
        erasure = await family.eraser.carry_on(family.rights, erasure)
    await family.guardians.link("t1", family.mother, code)
    await to_the_end(family.world.stores, family.eraser, family.rights, erasure)
    assert "" == (await family.ledger.standing("t1", other)).guardian_id
    assert {} == await rows_naming(family.world.stores.engine, family.mother)


async def test_a_child_who_was_erased_first_holds_nothing_up(family):
    await to_the_end(
        family.world.stores, family.eraser, family.rights, await begun(family.rights, family.child)
    )
    await family.erase_mother()
    assert {} == await rows_naming(family.world.stores.engine, family.mother)


async def test_ends_that_were_killed_before_any_write_end_once_when_repeated(family, monkeypatch):
    monkeypatch.setattr(leases, "LEASE", timedelta(seconds=-5))  # what a killed process held has ended
    engine = family.world.stores.engine
    for left in range(MOST_WRITES):
        engine.left = left
        try:
            await family.guardians.end_all("t1", family.mother)
        except StorageUnavailable:
            continue
        finally:
            engine.left = None
        break
    states = await family.states()
    assert (1, 1) == (states.count(EntryState.WITHDRAWN), states.count(EntryState.GUARDIAN_ENDED))
    assert ((), "") == ((await family.standing()).consents, (await family.standing()).guardian_id)
    assert [] == await family.guardians.children("t1", family.mother)
