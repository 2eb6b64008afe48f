"""Somebody else is faster, at the worst moment: between what was read and what is recorded."""

import pytest

from tests.support.departures import FEED, Home, open_home
from tests.support.federation import BR, EU, US


@pytest.fixture
async def home(tmp_path):
    opened = await open_home(tmp_path)
    yield opened
    await opened.stores.engine.close()


@pytest.fixture
def other(home):
    """Another process of the same home."""
    return Home(home.stores, network=home.network, runs=home.runs)


class Before:
    """A book in which something happens once, before the first record of a pass."""

    def __init__(self, book, happens):
        self._book = book
        self._happens = happens

    def __getattr__(self, name):
        return getattr(self._book, name)

    async def record(self, person, records):
        happens, self._happens = self._happens, None
        if happens is not None:
            await happens()
        await self._book.record(person, records)


def data_for(home, region):
    return [one for one in home.waiting(region) if one.type == "workout.updated"]


async def test_what_is_withdrawn_while_it_is_being_sent_does_not_go(home, other):
    person = await home.person(FEED)

    async def withdraws():
        await other.allows(person)
        await other.withdrawals.follow(person)

    home.__dict__["book"] = Before(home.book, withdraws)
    await home.runs_now(person)
    assert [[], [], []] == [data_for(home, region) for region in (EU, BR, US)]


async def test_what_is_deleted_while_it_is_being_sent_does_not_go(home, other):
    person = await home.person(FEED)

    async def deletes():
        home.runs.at.clear()
        await other.update(person)

    home.__dict__["book"] = Before(home.book, deletes)
    await home.runs_now(person)
    assert [[], [], []] == [data_for(home, region) for region in (EU, BR, US)]


async def test_who_is_erased_while_something_is_being_sent_goes_nowhere(home, other):
    person = await home.person(FEED)

    async def erases():
        await home.stores.keys.destroy(person.tenant, person.person_id)
        await other.withdrawals.erase(person)

    home.__dict__["book"] = Before(home.book, erases)
    await home.runs_now(person)
    assert [[], [], []] == [data_for(home, region) for region in (EU, BR, US)]


async def test_the_later_of_two_versions_stands_whoever_is_faster(home, other):
    person = await home.person(FEED)
    home.__dict__["book"] = Before(home.book, lambda: other.runs_now(person, title="Später"))
    await home.runs_now(person)
    for region in (EU, BR, US):
        assert "Später" == home.held_by(region)[person.person_id, "w1"]["title"]


async def test_a_consent_given_and_taken_back_while_it_is_followed_leaves_what_holds_now(home, other):
    person = await home.person(FEED)
    await home.runs_now(person)
    await home.withdrawals.follow(person)
    await home.paid()

    async def changes_mind():
        await other.allows(person, FEED)
        await other.withdrawals.follow(person)

    slower = Home(home.stores, network=home.network, runs=home.runs)
    slower.__dict__["book"] = Before(home.book, changes_mind)
    await home.allows(person)
    await slower.withdrawals.follow(person)
    await other.paid()
    for region in (EU, BR, US):
        assert {(person.person_id, "w1")} == home.held_by(region).keys()
