"""Data keys over rotation, the end of an epoch, and destruction."""

import asyncio

import pytest

from region_node.ids import name_of, new_person_id
from region_node.security.sealing import SealBroken
from region_node.storage.engine import KEYS, Put
from region_node.storage.person_keys import DATA_KEYS, PersonKeyGone, PersonKeys
from tests.contracts.storage.declared import ITEMS
from tests.support.storage import known_person


def afresh(stores):
    """As another process sees the keys: nothing in memory."""
    return PersonKeys(stores.engine, stores.ring)


async def test_a_key_is_the_same_for_every_process(stores):
    person_id = await known_person(stores)
    made = await stores.keys.get("t1", person_id)
    assert made.reveal() == (await afresh(stores).get("t1", person_id)).reveal()


async def test_the_key_lies_wrapped_and_only_in_the_space_of_keys(stores, tmp_path):
    person_id = new_person_id("eu")
    key = (await stores.keys.create("t1", person_id)).reveal()
    await stores.engine.write(
        "eu", [Put(ITEMS, {"tenant": "t", "jurisdiction": "eu", "box": "a", "position": 1, "value": "x"})]
    )
    await stores.engine.close()
    files = {path.name: path.read_bytes() for path in (tmp_path / "rows").iterdir()}
    holders = {name.partition(".")[0] for name, data in files.items() if person_id.encode() in data}
    assert {"keys"} == holders
    assert not any(key in data for data in files.values())


async def test_rotation_rewraps_every_living_key_and_the_old_epoch_can_go(stores):
    people = [await known_person(stores) for _ in range(5)]
    before = [(await stores.keys.get("t1", person)).reveal() for person in people]
    bystander = await known_person(stores, jurisdiction="br")
    assert 2 == await stores.ring.rotate("eu")
    assert 5 == await stores.keys.rewrap("eu")
    assert 0 == await stores.keys.rewrap("eu")
    await stores.ring.end("eu", 1)
    await stores.ring.destroy("eu", 1)
    fresh = afresh(stores)
    assert before == [(await fresh.get("t1", person)).reveal() for person in people]
    assert await fresh.get("t1", bystander)


async def test_a_key_of_a_destroyed_epoch_is_gone_and_stops_no_rewrap(stores):
    left_behind = await known_person(stores)
    await stores.ring.rotate("eu")
    await stores.ring.end("eu", 1)
    await stores.ring.destroy("eu", 1)
    with pytest.raises(PersonKeyGone):
        await afresh(stores).get("t1", left_behind)
    await known_person(stores)
    await stores.ring.rotate("eu")
    assert 1 == await afresh(stores).rewrap("eu")


async def test_a_destroyed_key_is_gone_for_good(stores):
    person_id = await known_person(stores)
    for _ in range(2):
        await stores.keys.destroy("t1", person_id)
    for keys in (stores.keys, afresh(stores)):
        with pytest.raises(PersonKeyGone):
            await keys.get("t1", person_id)


async def test_a_rewrap_under_way_does_not_bring_a_destroyed_key_back(stores):
    people = [await known_person(stores) for _ in range(30)]
    await stores.ring.rotate("eu")
    rewrap = asyncio.create_task(stores.keys.rewrap("eu"))
    await asyncio.gather(*(stores.keys.destroy("t1", person) for person in people))
    await rewrap
    rows, _ = await stores.engine.scan(KEYS, DATA_KEYS, None, 100)
    assert [] == rows


async def test_a_key_belongs_to_one_tenant(stores):
    person_id = await known_person(stores, "t1")
    with pytest.raises(PersonKeyGone):
        await afresh(stores).get("t2", person_id)


async def test_a_wrapped_key_put_in_anothers_place_does_not_open(stores):
    one, other = await known_person(stores), await known_person(stores)
    stolen = await stores.engine.get(KEYS, DATA_KEYS, ("t1", name_of(one)))
    own = await stores.engine.get(KEYS, DATA_KEYS, ("t1", name_of(other)))
    await stores.engine.swap(KEYS, DATA_KEYS, {"epoch": 1}, {**own, "wrapped": stolen["wrapped"]})
    with pytest.raises(SealBroken):
        await afresh(stores).get("t1", other)


async def test_of_several_who_make_a_key_at_once_all_have_the_same(stores):
    person_id = new_person_id("eu")
    made = await asyncio.gather(*(afresh(stores).ensure("t1", person_id) for _ in range(5)))
    assert 1 == len({key.reveal() for key in made})
    assert made[0].reveal() == (await afresh(stores).get("t1", person_id)).reveal()


async def test_many_keys_come_at_once_without_those_that_are_not_there(stores):
    people = [await known_person(stores) for _ in range(3)]
    nobody = new_person_id("eu")
    expected = {one: (await stores.keys.get("t1", one)).reveal() for one in people}
    for keys in (stores.keys, afresh(stores)):
        found = await keys.get_many("t1", [*people, nobody, people[0]])
        assert expected == {one: key.reveal() for one, key in found.items()}
