import asyncio
from datetime import date

import pytest

from policies.vocabulary import Purpose
from region_node.errors import NotFound
from region_node.features.consent.ledger import MAX_ENTRIES_A_DAY
from region_node.features.consent.model import NO_HASH, EntryState, Resident
from region_node.features.consent.problems import LedgerFull
from region_node.features.consent.replay import replay
from region_node.features.consent.store import ConsentStore
from tests.region_node.features.consent.conftest import ANA, TENANT, draft

GIVEN, WITHDRAWN = EntryState.GIVEN, EntryState.WITHDRAWN


async def test_a_ledger_begins_with_what_law_and_age_go_by(world):
    person = await world.person()
    standing = await world.ledger.begin(TENANT, person, ANA)
    assert (1, date(1990, 4, 3), "DE") == (standing.version, standing.birth_date, standing.country)
    assert [EntryState.BEGUN] == [entry.draft.state for entry in await world.entries(person)]


async def test_beginning_twice_adds_nothing(world):
    person = await world.person()
    for _ in range(2):
        assert (await world.ledger.begin(TENANT, person, ANA)).version == 1


async def test_who_was_there_before_the_ledger_gets_one_at_the_first_look(world):
    person = await world.person(Resident(birth_date=date(2012, 1, 1), country="FR"))
    assert (await world.ledger.standing(TENANT, person)).country == "FR"
    assert len(await world.entries(person)) == 1


async def test_nobody_gets_no_ledger(world):
    with pytest.raises(NotFound):
        await world.ledger.standing(TENANT, "eu_nobody")


async def test_each_entry_names_the_hash_of_the_one_before(world):
    person = await world.person()
    for state in (GIVEN, WITHDRAWN, GIVEN):
        await world.record(person, draft(state))
    entries = await world.entries(person)
    assert [1, 2, 3, 4] == [entry.seq for entry in entries]
    assert [NO_HASH.hex(), *(entry.hash for entry in entries[:-1])] == [one.previous for one in entries]
    assert [entry.digest() for entry in entries] == [entry.hash for entry in entries]


async def test_the_standing_is_what_the_entries_come_to_and_pins_the_last(world):
    person = await world.person()
    await world.record(person, draft(GIVEN), draft(GIVEN, Purpose.RESEARCH))
    recorded = await world.record(person, draft(WITHDRAWN))
    latest = await world.ledger.store(TENANT, person).latest(person)
    entries = await world.entries(person)
    assert recorded.standing == latest.standing == replay(entries)
    assert (4, entries[-1].hash) == (latest.version, latest.head)
    assert [Purpose.RESEARCH] == [given.purpose for given in latest.standing.consents]
    assert [("leaderboard", "withdrawn")] == [(one.purpose, one.state) for one in latest.standing.past]


async def test_writers_at_once_lose_no_entry(world):
    person = await world.person()
    purposes = list(Purpose)
    await asyncio.gather(*(world.record(person, draft(GIVEN, purpose)) for purpose in purposes))
    entries = await world.entries(person)
    assert list(range(1, len(purposes) + 2)) == [entry.seq for entry in entries]
    assert set(purposes) == {one.purpose for one in (await world.ledger.standing(TENANT, person)).consents}


async def test_every_answer_is_announced_before_it_is_given_also_when_nothing_was_added(world):
    person = await world.person()
    await world.record(person, draft(GIVEN))
    await world.record(person)
    assert [(TENANT, person)] * 2 == world.announced


async def test_a_write_that_landed_is_announced_also_when_the_task_was_killed(world, monkeypatch):
    person = await world.person()
    await world.record(person, draft(GIVEN))
    landed, append = asyncio.Event(), ConsentStore.append

    async def never_answered(*arguments):
        await append(*arguments)
        landed.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(ConsentStore, "append", never_answered)
    world.announced.clear()
    withdrawing = asyncio.create_task(world.record(person, draft(WITHDRAWN)))
    await asyncio.wait_for(landed.wait(), 5)
    withdrawing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await withdrawing
    assert [(TENANT, person)] == world.announced
    assert () == (await world.ledger.standing(TENANT, person)).consents


async def test_granting_has_an_end_for_the_day_and_withdrawing_has_not(world):
    person = await world.person()
    await world.record(person, *[draft(GIVEN)] * 49)
    for _ in range(3):
        await world.record(person, *[draft(GIVEN)] * 50)
    assert len(await world.entries(person)) == MAX_ENTRIES_A_DAY
    with pytest.raises(LedgerFull) as refused:
        await world.record(person, draft(GIVEN, Purpose.RESEARCH))
    assert refused.value.retry_after_s == 86_400
    await world.record(person, draft(WITHDRAWN))
    world.pass_time(days=1)
    assert (await world.record(person, draft(GIVEN))).entries


async def test_two_ledgers_of_the_same_facts_have_nothing_in_common(world):
    """Without the salts, which lie sealed, the hashes could be found by guessing."""
    hashes = set()
    for _ in range(2):
        person = await world.person()
        await world.record(person, draft(GIVEN))
        hashes |= {entry.hash for entry in await world.entries(person)}
    assert len(hashes) == 4
