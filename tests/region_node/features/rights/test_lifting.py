"""A restriction ends when the person says so, or when staff do and the person has known of it."""

from datetime import timedelta

import msgspec
import pytest

from locales.supported import SUPPORTED
from locales.translator import translator_for
from region_node.errors import NotFound
from region_node.features.consent.examining import examine
from region_node.features.consent.model import EntryState
from region_node.features.consent.notices import shipped_notices
from region_node.features.rights.model import GUARDIAN, STAFF, Kind, State
from region_node.features.rights.notices import extension_notice, lifting_notice
from region_node.features.rights.problems import RestrictionStands, RightsStepRefused
from region_node.features.rights.receipts import person_hash
from region_node.features.rights.service import Asked
from region_node.features.rights.store import RightsStore
from region_node.schema import MIGRATIONS
from tests.support.rights_world import NOTICE, RightsWorld
from tests.support.storage import open_stores


@pytest.fixture
async def world(tmp_path):
    stores = await open_stores(tmp_path, MIGRATIONS, held=("eu",))
    yield RightsWorld(stores)
    await stores.engine.close()


async def test_a_person_ends_their_own_restriction_and_has_a_signed_receipt(world):
    person, _ = await world.restricted()
    assert await world.is_restricted(person)
    lifted = await world.restrictions.lift_own("t1", person)
    assert not await world.is_restricted(person)
    receipt = world.receipt(lifted)
    assert ("restriction-lifted", person_hash(receipt.person_salt, person)) == (
        receipt.kind,
        receipt.person_hash,
    )
    store = world.consent.ledger.store("t1", person)
    last = [entry async for entry in store.entries(person)][-1]
    assert (EntryState.RELEASED, person, receipt.ledger_head) == (
        last.draft.state,
        last.draft.actor,
        last.hash,
    )
    assert [] == (await examine(store, person, shipped_notices())).findings


async def test_ending_it_again_gives_the_same_receipt_and_adds_nothing(world):
    person, _ = await world.restricted()
    first = await world.restrictions.lift_own("t1", person)
    assert first == await world.restrictions.lift_own("t1", person)


async def test_a_step_that_was_killed_between_ledger_and_request_is_repeated(world):
    person, request = await world.restricted()
    await world.service.protections.release("t1", person, person)
    assert (await world.restrictions.lift_own("t1", person)).lifting.lifted_at == world.now
    assert (await RightsStore(world.service.rights("t1", "eu").store).get(request.request_id)).lifting.receipt


async def test_who_was_never_restricted_has_nothing_to_end(world):
    with pytest.raises(NotFound):
        await world.restrictions.lift_own("t1", await world.person())


async def test_it_can_be_asked_for_again_and_ended_again(world):
    person, first = await world.restricted()
    await world.restrictions.lift_own("t1", person)
    again = Asked(person_id=person, kind=Kind.RESTRICTION, asked_by=person)
    second = await world.service.ask_own("t1", again)
    assert await world.is_restricted(person)
    lifted = await world.restrictions.lift_own("t1", person)
    assert (second.request_id, False) == (lifted.request_id, await world.is_restricted(person))
    assert first.request_id != second.request_id


async def test_what_a_guardian_asked_for_is_not_ended_by_the_child(world, monkeypatch):
    person, request = await world.restricted(GUARDIAN)
    standing = await world.consent.standing("t1", person)

    async def guarded(*_):
        return msgspec.structs.replace(standing, guardian_id=request.asked_by)

    monkeypatch.setattr(world.consent.__class__, "standing", guarded)
    with pytest.raises(RightsStepRefused):
        await world.restrictions.lift_own("t1", person)


async def test_staff_lift_it_when_the_person_has_known_long_enough_and_a_second_one_agrees(world):
    person, request = await world.restricted(STAFF)
    anna, boris = world.officer("anna"), world.officer("boris")
    with pytest.raises(RestrictionStands):
        await world.restrictions.lift(boris, request.request_id)
    told = await world.restrictions.tell(anna, request.request_id, "the figures were put right")
    assert world.now + NOTICE == told.lifting.not_before
    world.now += NOTICE - timedelta(seconds=1)
    with pytest.raises(RestrictionStands):
        await world.restrictions.lift(boris, request.request_id)
    world.now += timedelta(seconds=1)
    with pytest.raises(RestrictionStands):
        await world.restrictions.lift(anna, request.request_id)
    assert await world.is_restricted(person)
    lifted = await world.restrictions.lift(boris, request.request_id)
    assert (State.COMPLETE, "anna", "boris") == (lifted.state, lifted.lifting.by, lifted.lifting.lifted_by)
    assert ["asked", "person-told", "lifted"] == [one.step for one in world.receipt(lifted).steps]
    assert not await world.is_restricted(person)
    with pytest.raises(RightsStepRefused):
        await world.restrictions.lift(boris, request.request_id)


async def test_nobody_is_told_twice_or_of_what_is_not_restricted(world):
    person, request = await world.restricted()
    await world.restrictions.tell(world.officer(), request.request_id, "a reason")
    with pytest.raises(RightsStepRefused):
        await world.restrictions.tell(world.officer(), request.request_id, "another reason")
    await world.restrictions.lift_own("t1", person)
    other = await world.officer().open(Asked(person_id=person, kind=Kind.OBJECTION, asked_by="anna"))
    with pytest.raises(RightsStepRefused):
        await world.restrictions.tell(world.officer(), other.request_id, "a reason")


async def test_notices_are_in_each_language_with_their_reason(world):
    person, request = await world.restricted(STAFF)
    told = await world.restrictions.tell(world.officer(), request.request_id, "REASON")
    objection = await world.officer().open(Asked(person_id=person, kind=Kind.OBJECTION, asked_by="anna"))
    extended = await world.officer().extend(objection.request_id, "REASON")
    for notice, about in ((lifting_notice, told), (extension_notice, extended)):
        texts = {notice(about, translator_for(language)) for language in SUPPORTED}
        assert len(SUPPORTED) == len(texts)
        assert all("REASON" in text and "{" not in text for text in texts)
    assert "GDPR Art. 12(3)" in extension_notice(extended, translator_for("de"))
    assert ("", "") == (
        extension_notice(told, translator_for("en")),
        lifting_notice(extended, translator_for("en")),
    )
