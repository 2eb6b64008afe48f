"""A tenant's view: what is sealed, what it is bound to, and what others see of it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from policies.vocabulary import Purpose
from region_node.security.sealing import SealBroken
from region_node.storage.engine import Delete, Put, Slice
from region_node.storage.person_keys import PersonKeyGone
from region_node.stores import NotHeldHere
from tests.contracts.storage.declared import NOTES, SEATS
from tests.support.storage import known_person

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)
SECRET = "met her at the old harbour"


def note(person_id, **changes):
    return {
        "person_id": person_id,
        "written_at": NOON,
        "note_id": "n1",
        "text": SECRET,
        "picture": b"\x89picture of the harbour",
        "size": 26,
        "weight": 0.5,
        "pinned": False,
    } | changes


def on_disk(directory):
    return b"".join(path.read_bytes() for path in sorted(directory.rglob("*")) if path.is_file())


async def test_what_is_sealed_comes_back_and_is_nowhere_in_the_clear(stores, tmp_path):
    store, person_id = stores.of("t1", "eu", Purpose.ANALYSIS), await known_person(stores)
    await store.write(Put(NOTES, note(person_id)))
    assert note(person_id) == {
        name: value
        for name, value in (await store.get(NOTES, person_id, NOON, "n1")).items()
        if name in NOTES.columns
    }
    await stores.engine.close()
    written = on_disk(tmp_path / "rows")
    assert (-1, -1) == (written.find(SECRET.encode()), written.find(b"picture of the harbour"))
    assert person_id.encode() in written, "the search would have found what lies in the clear"


async def test_every_row_names_tenant_and_jurisdiction_in_clear(stores):
    person_id = await known_person(stores, jurisdiction="br")
    await stores.of("t1", "br", Purpose.ANALYSIS).write(Put(NOTES, note(person_id)))
    row = await stores.engine.get("br", NOTES, ("t1", person_id, NOON, "n1"))
    assert ("t1", "br") == (row["tenant"], row["jurisdiction"])


async def test_the_view_of_another_tenant_or_jurisdiction_has_nothing(stores):
    person_id = await known_person(stores)
    await stores.of("t1", "eu", Purpose.ANALYSIS).write(Put(NOTES, note(person_id)))
    for other in (stores.of("t2", "eu", Purpose.ANALYSIS), stores.of("t1", "br", Purpose.ANALYSIS)):
        assert await other.get(NOTES, person_id, NOON, "n1") is None
        assert [None] == await other.get_many(NOTES, [(person_id, NOON, "n1")])
        assert [] == (await other.slice(NOTES, Slice(partition=(person_id,), limit=9))).rows
        await other.write(Delete(NOTES, (person_id, NOON, "n1")))
    assert await stores.of("t1", "eu", Purpose.ANALYSIS).get(NOTES, person_id, NOON, "n1") is not None


async def test_claims_of_two_tenants_do_not_meet(stores):
    row = {"seat": "1a", "holder": "anna", "counter": 1}
    assert (await stores.of("t1", "eu", Purpose.ANALYSIS).claim(SEATS, row)).won
    assert (await stores.of("t2", "eu", Purpose.ANALYSIS).claim(SEATS, {**row, "holder": "boris"})).won
    assert not await stores.of("t2", "eu", Purpose.ANALYSIS).release(SEATS, ("1a",), {"holder": "anna"})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"note_id": "n2"}, id="another-row"),
        pytest.param({"written_at": NOON + timedelta(milliseconds=1)}, id="another-instant"),
        pytest.param({"picture": "text", "text": "picture"}, id="another-column"),
        pytest.param({"person_id": "other"}, id="another-person"),
    ],
)
async def test_a_sealed_value_that_was_moved_does_not_open(stores, changes):
    store, person_id = stores.of("t1", "eu", Purpose.ANALYSIS), await known_person(stores)
    await store.write(Put(NOTES, note(person_id)))
    raw = await stores.engine.get("eu", NOTES, ("t1", person_id, NOON, "n1"))
    other = await known_person(stores)
    moved = {**raw, **{name: raw.get(value, value) for name, value in changes.items()}}
    moved["person_id"] = other if changes.get("person_id") else person_id
    await stores.engine.write("eu", [Put(NOTES, moved)])
    with pytest.raises(SealBroken):
        await store.get(NOTES, moved["person_id"], moved["written_at"], moved["note_id"])


async def test_an_instant_in_the_key_may_be_written_in_any_zone(stores):
    store, person_id = stores.of("t1", "eu", Purpose.ANALYSIS), await known_person(stores)
    elsewhere = NOON.astimezone(timezone(timedelta(hours=9)))
    await store.write(Put(NOTES, note(person_id, written_at=elsewhere)))
    assert SECRET == (await store.get(NOTES, person_id, NOON, "n1"))["text"]


async def test_nothing_is_sealed_for_somebody_without_a_key(stores):
    with pytest.raises(PersonKeyGone):
        await stores.of("t1", "eu", Purpose.ANALYSIS).write(Put(NOTES, note("eu_01nobody")))


async def test_a_jurisdiction_that_is_not_held_has_no_store(stores):
    with pytest.raises(NotHeldHere):
        stores.of("t1", "ru", Purpose.ANALYSIS)
