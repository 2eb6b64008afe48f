"""Levels and pauses are kept, shared by all nodes of a region, and never made milder by accident."""

import pytest

from federation.catalogue import WORKOUT_UPDATED
from federation.peers import Level, MilderLevel
from region_node.federated.peer_book import PeerBook
from region_node.schema import MIGRATIONS
from tests.support.federation import BR, EU, US
from tests.support.storage import open_stores


@pytest.fixture
async def engine(tmp_path):
    stores = await open_stores(tmp_path, MIGRATIONS, held=("eu",))
    yield stores.engine
    await stores.engine.close()


@pytest.fixture
def book(engine):
    return PeerBook(engine=engine, here=EU, regions=frozenset({EU, US, BR}))


@pytest.fixture
def other(engine):
    return PeerBook(engine=engine, here=EU, regions=frozenset({EU, US, BR}))


async def test_nothing_is_sent_before_it_was_asked_what_may(book):
    assert book.held(US, WORKOUT_UPDATED)
    await book.ask()
    assert not book.held(US, WORKOUT_UPDATED)


async def test_a_level_is_known_to_every_process_that_asks(book, other):
    await book.set_level(US, Level.BLOCKED, "no receipts for a month")
    rules = await other.ask()
    assert (Level.BLOCKED, "no receipts for a month") == (rules.of(US).level, rules.of(US).why)
    assert Level.OPEN is rules.of(BR).level


async def test_a_milder_level_is_set_only_by_who_names_the_present_one(book, other):
    await book.set_level(US, Level.BLOCKED, "")
    with pytest.raises(MilderLevel):
        await other.set_level(US, Level.LIMITED, "")
    with pytest.raises(MilderLevel):
        await other.set_level(US, Level.LIMITED, "", instead_of=Level.RECEIVE_ONLY)
    await other.set_level(US, Level.LIMITED, "", instead_of=Level.BLOCKED)
    assert Level.LIMITED is (await book.ask()).of(US).level


async def test_a_pause_leaves_the_level_as_it_is(book):
    await book.set_level(US, Level.LIMITED, "")
    await book.pause(US, paused=True)
    assert (Level.LIMITED, True) == (book.rules.of(US).level, book.rules.of(US).paused)
    await book.pause(US, paused=False)
    assert not book.rules.of(US).paused


async def test_a_type_and_everything_can_be_paused_and_resumed(book):
    await book.pause_type("workout.updated", paused=True)
    assert book.held(US, WORKOUT_UPDATED)
    await book.pause_type("workout.updated", paused=False)
    await book.pause_all(paused=True)
    assert book.held(BR, WORKOUT_UPDATED)
    await book.pause_all(paused=False)
    assert not book.held(BR, WORKOUT_UPDATED)


async def test_who_waits_is_told_when_something_has_changed(engine):
    told = []
    book = PeerBook(engine=engine, here=EU, regions=frozenset({EU, US}), changed=lambda: told.append(1))
    await book.ask()
    await book.ask()
    await book.pause(US, paused=True)
    assert 2 == len(told)
