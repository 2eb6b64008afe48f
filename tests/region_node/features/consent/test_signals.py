"""A browser's signal is heard once under each law that a person comes to live under."""

from dataclasses import replace

import pytest

from policies.engine import Engine
from region_node.features.consent.law import Law
from region_node.features.consent.model import Draft, EntryState, Method, Resident
from region_node.features.consent.signals import SignalListener
from region_node.packs import shipped_packs
from tests.region_node.features.consent.conftest import ANA, TENANT

HERE = Resident(birth_date=ANA.birth_date, country="US", subdivision="US-CA")
ELSEWHERE = Resident(birth_date=ANA.birth_date, country="CA", subdivision="CA-ON")


@pytest.fixture
def listener(world):
    return SignalListener(world.service, world.ledger.standing)


async def moved(world, person, resident):
    details = resident.details()
    await world.record(person, Draft(state=EntryState.CORRECTED, method=Method.SYSTEM, details=details))


async def signals(world, person):
    return (await world.ledger.standing(TENANT, person)).signals


async def test_the_signal_counts_once_the_person_lives_where_law_heeds_it(world, listener):
    person = await world.person(ELSEWHERE, "us-ca")
    await listener(TENANT, person)
    assert () == await signals(world, person)
    await moved(world, person, HERE)
    await listener(TENANT, person)
    assert ("gpc",) == await signals(world, person)


async def test_the_signal_counts_once_the_pack_heeds_it(world):
    packs = shipped_packs()
    silent = packs.by_jurisdiction["us-ca"]
    silent = replace(silent, version="1", rules=tuple(one for one in silent.rules if one.when.signal is None))
    before = Engine(
        replace(
            packs,
            by_subdivision={**packs.by_subdivision, "US-CA": silent},
            by_jurisdiction={**packs.by_jurisdiction, "us-ca": silent},
        )
    )
    engines = [before]
    world.law = Law(current=lambda: engines[-1], notices=world.law.notices)
    listener = SignalListener(world.service, world.ledger.standing)
    person = await world.person(HERE, "us-ca")
    await listener(TENANT, person)
    assert () == await signals(world, person)
    engines.append(Engine(packs))
    await listener(TENANT, person)
    assert ("gpc",) == await signals(world, person)


async def test_who_was_heard_costs_no_write(world, listener):
    person = await world.person(HERE, "us-ca")
    for _ in range(3):
        await listener(TENANT, person)
    states = [entry.draft.state for entry in await world.entries(person)]
    assert [EntryState.BEGUN, EntryState.SIGNAL] == states


async def test_who_is_gone_is_passed_over(listener):
    assert await listener(TENANT, "us-ca_01jjjjjjjjjjjjjjjjjjjjjjjj") is None
