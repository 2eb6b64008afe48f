"""What a store leaves out of its rows, and when it refuses: by purpose, person and moment."""

from dataclasses import replace
from datetime import timedelta

import pytest

from policies.engine import Engine
from policies.ruling import Effect, Reason
from policies.vocabulary import DataCategory, Purpose
from region_node.features.accounts.tables import LOGINS, PEOPLE
from region_node.features.workouts.tables import WORKOUT_HEALTH_PARTS, WORKOUT_PARTS, WORKOUTS
from region_node.ids import new_person_id
from region_node.packs import shipped_packs
from region_node.rulings.access import Access, Reader, StaffAccess
from region_node.rulings.circumstances import Almanac, Question
from region_node.rulings.uses import staff_reads
from region_node.storage.engine import Put, Slice
from region_node.storage.person_keys import PersonKeyGone
from region_node.storage.ruled import RefusedByPolicy
from region_node.storage.schema import ZERO
from tests.support.standings import HEALTH, LONG_AGO, given, stand, standing
from tests.support.storage import known_person

HEART_RATE = Question(purpose=Purpose.ANALYSIS, category=DataCategory.HEART_RATE)


def row_of(table, person_id, **values):
    """A row with something in each column."""
    row = {name: ZERO[column.type] for name, column in table.columns.items()}
    return row | {"person_id": person_id} | values


async def shown(stores, table, person_id, purpose=Purpose.ANALYSIS, **access):
    """The columns of a row about the person that a store for *purpose* returns."""
    row = row_of(table, person_id)
    store = stores.of("t1", "eu", purpose, **access)
    await store.write(Put(table, row))
    found = await store.get(table, *(row[name] for name in table.own_key))
    return set(found) & table.columns.keys()


async def test_what_is_not_consented_to_is_left_out_of_the_row(stores):
    person_id = await known_person(stores, consents=())
    assert WORKOUTS.columns.keys() - {"health"} == await shown(stores, WORKOUTS, person_id)
    assert WORKOUT_PARTS.columns.keys() == await shown(stores, WORKOUT_PARTS, person_id)
    assert WORKOUT_HEALTH_PARTS.columns.keys() - {"body"} == await shown(
        stores, WORKOUT_HEALTH_PARTS, person_id
    )


async def test_with_consent_the_row_is_whole_and_without_it_again_it_is_not(stores):
    person_id = await known_person(stores)
    assert WORKOUTS.columns.keys() == await shown(stores, WORKOUTS, person_id)
    await stand(stores, "t1", standing(person_id, version=2))
    assert WORKOUTS.columns.keys() - {"health"} == await shown(stores, WORKOUTS, person_id)


async def test_a_purpose_gets_no_more_than_it_needs(stores):
    person_id = await known_person(stores)
    found = await shown(stores, PEOPLE, person_id)
    assert {"email", "display_name"} == PEOPLE.columns.keys() - found


async def test_a_column_that_is_left_out_refuses_with_its_ruling_when_it_is_taken(stores):
    person_id = await known_person(stores, consents=())
    store = stores.of("t1", "eu", Purpose.ANALYSIS)
    await store.write(Put(WORKOUTS, row_of(WORKOUTS, person_id)))
    row = await store.get(WORKOUTS, person_id, "")
    with pytest.raises(RefusedByPolicy) as refused:
        row["health"]
    refusal = refused.value.refusal
    assert (DataCategory.HEART_RATE, Effect.NEEDS_CONSENT) == (refusal.category, refusal.ruling.effect)
    assert refusal.ruling.articles
    with pytest.raises(KeyError):
        row["no such column"]


@pytest.mark.parametrize(("reader", "told"), [(Reader.OWN, True), (Reader.OTHER, False)])
async def test_a_refusal_knows_whether_it_goes_to_the_owner_of_the_data(stores, reader, told):
    person_id = await known_person(stores)
    await stand(stores, "t1", standing(person_id, version=2, restricted=True))
    with pytest.raises(RefusedByPolicy) as refused:
        await shown(stores, WORKOUTS, person_id, reader=reader)
    assert told is refused.value.refusal.to_owner


async def test_whoever_is_restricted_is_refused_whole_but_for_their_own_rights(stores):
    person_id = await known_person(stores)
    await stand(stores, "t1", standing(person_id, HEALTH, version=2, restricted=True))
    with pytest.raises(RefusedByPolicy) as refused:
        await shown(stores, WORKOUTS, person_id)
    assert (Reason.RESTRICTED,) == refused.value.refusal.ruling.reasons
    assert WORKOUTS.columns.keys() == await shown(stores, WORKOUTS, person_id, rights=True)


async def test_rows_found_by_other_means_are_not_there_for_whom_nothing_may_be_seen(stores):
    person_id = await known_person(stores)
    await stand(stores, "t1", standing(person_id, version=2, restricted=True))
    store = stores.of("t1", "eu", Purpose.ANALYSIS)
    await store.claim(LOGINS, {"login_key": "k", "person_id": person_id})
    assert await store.get(LOGINS, "k") is None
    assert [None] == await store.get_many(LOGINS, [("k",)])
    assert [] == (await store.slice(LOGINS, Slice(partition=("k",), limit=5))).rows


async def test_a_claim_that_is_lost_shows_nothing_of_the_holder(stores):
    holder, other = [await known_person(stores) for _ in range(2)]
    await stand(stores, "t1", standing(holder, version=2, restricted=True))
    store = stores.of("t1", "eu", Purpose.ANALYSIS)
    await store.claim(LOGINS, {"login_key": "k", "person_id": holder})
    with pytest.raises(RefusedByPolicy):
        await store.claim(LOGINS, {"login_key": "k", "person_id": other})


async def test_who_has_no_standing_is_refused_and_who_has_no_key_is_unknown(stores):
    person_id = new_person_id("eu")
    store = stores.of("t1", "eu", Purpose.ANALYSIS)
    with pytest.raises(PersonKeyGone):
        await store.withheld(WORKOUTS, person_id)
    await stores.keys.create("t1", person_id)
    with pytest.raises(RefusedByPolicy):
        await store.withheld(WORKOUTS, person_id)
    assert Effect.DENY is (await stores.gate.ruling("t1", person_id, HEART_RATE)).effect


async def test_a_consent_counts_until_it_expires_and_not_a_moment_longer(stores):
    person_id = await known_person(stores)
    end = LONG_AGO + timedelta(days=1)
    now = [end - timedelta(microseconds=1)]
    gate = replace(stores.gate, almanac=Almanac(clock=lambda: now[0]))
    await stand(stores, "t1", standing(person_id, given(expires_at=end), version=2))
    assert (await gate.ruling("t1", person_id, HEART_RATE)).allowed
    now[0] = end
    assert Effect.NEEDS_CONSENT == (await gate.ruling("t1", person_id, HEART_RATE)).effect


async def test_other_packs_give_other_answers_at_once(stores):
    person_id = await known_person(stores)
    engines = [Engine(shipped_packs())]
    gate = replace(stores.gate, law=lambda: engines[-1])
    assert (await gate.ruling("t1", person_id, HEART_RATE)).allowed
    packs = shipped_packs()
    without = {code: pack for code, pack in packs.by_jurisdiction.items() if code != "eu"}
    engines.append(Engine(replace(packs, by_jurisdiction=without)))
    assert Reason.NO_RULE in (await gate.ruling("t1", person_id, HEART_RATE)).reasons


async def test_uses_are_counted_by_day_and_told_to_the_person(stores):
    person_id = await known_person(stores)
    for _ in range(3):
        await shown(stores, WORKOUTS, person_id)
    own = stores.of("t1", "eu", Purpose.ACCOUNT, rights=True)
    ((_, counted),) = await stores.uses.of(own, person_id)
    assert (3, Purpose.ANALYSIS, Reader.OWN) == (counted.count, counted.use.purpose, counted.use.reader)
    assert DataCategory.HEART_RATE in counted.use.categories
    assert any(rule.startswith("eu.") for rule in counted.use.rules)
    await shown(stores, WORKOUTS, person_id)
    ((_, counted),) = await stores.uses.of(own, person_id)
    assert 4 == counted.count


async def test_every_look_of_the_staff_is_on_record_before_it_is_had(stores):
    person_id = await known_person(stores)
    staff = StaffAccess(operator_id="op1", why="ticket 4711")
    access = Access(purpose=Purpose.SUPPORT, reader=Reader.STAFF, staff=staff)
    store = stores.opened("t1", "eu", access)
    await store.write(Put(PEOPLE, row_of(PEOPLE, person_id)))
    row = await store.get(PEOPLE, person_id)
    assert "birth_date" not in row
    own = stores.of("t1", "eu", Purpose.ACCOUNT, rights=True)
    reads, after = await staff_reads(own, person_id)
    assert [("op1", "ticket 4711", Purpose.SUPPORT)] == [
        (read.operator_id, read.why, read.use.purpose) for _, read in reads
    ]
    assert after is None


def test_staff_cannot_look_without_a_reason():
    with pytest.raises(ValueError, match="reason"):
        Access(purpose=Purpose.SUPPORT, reader=Reader.STAFF)
    with pytest.raises(ValueError, match="reason"):
        StaffAccess(operator_id="op1", why="")
