"""What leaves of a workout: what its owner shows, as the law of its home lets the feed see it."""

import pytest

from federation.catalogue import WORKOUT_UPDATED
from federation.outgoing import Person as Somebody
from policies.vocabulary import Purpose
from region_node.features.workouts.model import Visibility
from region_node.features.workouts.sharing import SharedWorkouts
from region_node.features.workouts.store import WorkoutStore
from region_node.federated.sources import RuledSource
from region_node.ids import jurisdiction_of
from region_node.rulings.access import Reader
from tests.support.departures import FEED, TENANT, open_home
from tests.support.envelopes import NOON
from tests.support.federation import EU, US
from tests.support.workouts import Person, heading


@pytest.fixture
async def home(tmp_path):
    opened = await open_home(tmp_path)
    opened.runs = source_of(opened.stores)
    yield opened
    await opened.stores.engine.close()


def source_of(stores):
    def shared(tenant, person_id):
        store = stores.of(tenant, jurisdiction_of(person_id), Purpose.SOCIAL_FEED, reader=Reader.WORKER)
        return SharedWorkouts(WorkoutStore(store))

    async def read(tenant, person_id, workout_id):
        return await shared(tenant, person_id).state(person_id, workout_id)

    async def page(tenant, person_id, after):
        return await shared(tenant, person_id).ids(person_id, after)

    return RuledSource(read, page)


async def athlete(home, *consents):
    person_id = "eu_01hv0000000000000000000001"
    await home.stores.keys.create(TENANT, person_id)
    somebody = Somebody(tenant=TENANT, person_id=person_id)
    await home.allows(somebody, *consents)
    return somebody, Person(home.stores.unruled(TENANT, "eu"), person_id)


async def test_a_workout_that_its_owner_shows_leaves_and_one_kept_to_themselves_does_not(home):
    somebody, person = await athlete(home, FEED)
    shown = await person.record(heading(NOON))
    hidden = await person.record(heading(NOON))
    await person.edit(shown, visibility=Visibility.FOLLOWERS, title="Am See")
    for own in (shown, hidden):
        await home.update(somebody, own)
    (envelope,) = home.waiting(US)
    assert (shown, "Am See") == (envelope.aggregateid, envelope.data["title"])
    assert set(envelope.data) <= WORKOUT_UPDATED.fields.keys()


async def test_a_workout_that_is_hidden_again_is_taken_back(home):
    somebody, person = await athlete(home, FEED)
    own = await person.record(heading(NOON))
    await person.edit(own, visibility=Visibility.EVERYONE)
    await home.update(somebody, own)
    await person.edit(own, visibility=Visibility.ONLY_ME)
    await home.update(somebody, own)
    assert {} == home.held_by(US)


async def test_without_consent_to_a_feed_it_is_as_good_as_gone(home):
    somebody, person = await athlete(home)
    own = await person.record(heading(NOON))
    await person.edit(own, visibility=Visibility.EVERYONE)
    await home.update(somebody, own)
    assert [] == home.waiting(EU)
    assert ((), "") == await home.runs.ids(somebody, "")


async def test_all_workouts_are_found_page_by_page(home, monkeypatch):
    monkeypatch.setattr("region_node.features.workouts.sharing.PAGE", 2)
    somebody, person = await athlete(home, FEED)
    recorded = {await person.record(heading(NOON)) for _ in range(5)}
    found, after = await home.runs.ids(somebody, "")
    while after:
        more, after = await home.runs.ids(somebody, after)
        found += more
    assert (5, recorded) == (len(found), set(found))
