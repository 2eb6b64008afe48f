from datetime import date

import pytest

from region_node.features.consent.guardian_store import GuardianStore
from region_node.features.consent.guardians import Guardians
from region_node.features.consent.model import EntryState, Resident
from region_node.features.consent.problems import GuardianshipRefused
from region_node.storage.errors import StorageUnavailable
from tests.region_node.features.consent.conftest import TENANT

CHILD = Resident(birth_date=date(2017, 1, 1), country="DE")


@pytest.mark.parametrize("step", ["put_child", "take_code"])
async def test_a_fault_loses_no_code_and_repeating_links_once(world, monkeypatch, step):
    guardians = Guardians(ledger=world.ledger, law=world.law, code_key=lambda *parts: "/".join(parts))
    child, mother, other = await world.person(CHILD), await world.person(), await world.person()
    made = await guardians.new_code(TENANT, child)

    async def away(*_):
        raise StorageUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(GuardianStore, step, away)
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
