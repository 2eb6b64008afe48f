from datetime import date

import pytest

from region_node.features.consent.guardian_store import GuardianStore
from region_node.features.consent.guardians import Guardians
from region_node.features.consent.model import EntryState, Resident
from region_node.features.consent.problems import GuardianshipRefused
from region_node.features.rights.erasure.places import Person, Places
from region_node.schema import TABLES
from region_node.storage.errors import StorageUnavailable
from tests.region_node.features.consent.conftest import TENANT

CHILD = Resident(birth_date=date(2017, 1, 1), country="DE")


@pytest.fixture
def guardians(world):
    return Guardians(ledger=world.ledger, law=world.law, code_key=lambda *parts: "/".join(parts))


async def test_a_fault_loses_no_code_and_repeating_links_once(world, guardians, monkeypatch):
    child, mother, other = await world.person(CHILD), await world.person(), await world.person()
    made = await guardians.new_code(TENANT, child)

    async def away(*_):
        raise StorageUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(GuardianStore, "take_code", away)
        with pytest.raises(StorageUnavailable):
            await guardians.link(TENANT, mother, made.code)
    with pytest.raises(GuardianshipRefused):
        await guardians.link(TENANT, other, made.code)
    assert child == await guardians.link(TENANT, mother, made.code)
    assert [child] == await guardians.children(TENANT, mother)
    states = [entry.draft.state for entry in await world.entries(child)]
    assert 1 == states.count(EntryState.GUARDIAN_LINKED)
    with pytest.raises(GuardianshipRefused):
        await guardians.link(TENANT, mother, made.code)


async def test_a_refused_guardian_is_not_listed_and_another_can_still_answer(world, guardians):
    child, mother, other = await world.person(CHILD), await world.person(), await world.person()
    made, second = [await guardians.new_code(TENANT, child) for _ in range(2)]
    await guardians.link(TENANT, mother, made.code)
    with pytest.raises(GuardianshipRefused):
        await guardians.link(TENANT, other, second.code)
    assert [] == await GuardianStore(world.store()).children(other)


async def test_an_end_takes_the_guardian_out_of_the_childs_index_and_a_new_link_puts_them_back(
    world, guardians
):
    child, mother = await world.person(CHILD), await world.person()
    for _ in range(2):
        made = await guardians.new_code(TENANT, child)
        await guardians.link(TENANT, mother, made.code)
        places = [entry.place for entry in await _entries(world, child)]
        assert [True] == [mother in place for place in places if mother in place]
        await guardians.end(TENANT, mother, child)
        assert not [place for place in [one.place for one in await _entries(world, child)] if mother in place]


async def _entries(world, person):
    whose = Person(tenant=TENANT, jurisdiction="eu", person_id=person)
    return [one async for page in Places(world.stores.engine, TABLES).entries(whose) for one in page]
