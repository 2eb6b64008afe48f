"""Who follows whom: the same edges whatever order things come in, and blocks that win."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.vocabulary import Purpose
from region_node.errors import NotFound
from region_node.features.social.model import Follow
from region_node.features.social.problems import Blocked, NotYourself
from region_node.ids import new_person_id
from region_node.schema import MIGRATIONS
from region_node.storage.ruled import RefusedByPolicy
from tests.support.edges import TENANT, Home, asks, ends, is_erased, shows, withdraws
from tests.support.standings import given as consent
from tests.support.standings import stand, standing
from tests.support.storage import known_person, open_stores

FEED = consent(Purpose.SOCIAL_FEED, None)
MORNING = datetime(2030, 5, 31, 6, 30, tzinfo=UTC)


@pytest.fixture
async def home(tmp_path):
    stores = await open_stores(tmp_path, MIGRATIONS, held=("eu",))
    yield Home(stores)
    await stores.engine.close()


@pytest.fixture
async def ana(home):
    return await known_person(home.stores, TENANT, consents=(FEED,))


BIA = new_person_id("br")

HISTORIES = st.lists(st.sampled_from(["asks", "ends", "withdraws", "asks again"]), min_size=1, max_size=6)


def deliveries(history, bia, ana):
    """What the follower's home sends, in its order; the versions are those of its own half."""
    version, sent = 1, []
    for number, what in enumerate(history, 1):
        version += what == "asks again"
        if what.startswith("asks"):
            sent.append(asks(bia, ana, number, version))
        else:
            sent.append(ends(bia, ana, number) if what == "ends" else withdraws(bia, number))
    return sent


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(history=HISTORIES, accepted=st.integers(1, 4), data=st.data())
async def test_any_order_and_any_repetition_end_in_the_same_edge(home, history, accepted, data):
    """An answer may be given at any moment at which what it is about stands."""
    ana, bia = await known_person(home.stores, TENANT, consents=(FEED,)), new_person_id("br")
    sent = deliveries(history, bia, ana)
    again = data.draw(st.lists(st.sampled_from(sent), max_size=4))
    answered = False
    for one in data.draw(st.permutations([*sent, *again])):
        await home.take(one)
        request = await home.book.request(ana, bia)
        if request is not None and request.version == accepted:
            await home.service.accept(ana, bia)
            answered = True
    last = sent[-1]
    stands = None if last.takes_back else last.data.version
    request = await home.book.request(ana, bia)
    assert stands == (request.version if request else None)
    assert (answered and stands == accepted) is await home.is_accepted(ana, bia)


async def test_what_ends_an_edge_is_told_to_the_other_home_and_so_is_its_return(home, ana):
    await home.take(asks(BIA, ana, 1, 1))
    await home.service.accept(ana, BIA)
    await home.take(withdraws(BIA, 2))
    await home.take(asks(BIA, ana, 3, 1))
    assert ["follow.accepted", "follow.revoked", "follow.accepted"] == [one.type for one in home.told]


async def test_whoever_follows_anew_is_answered_anew(home, ana):
    await home.take(asks(BIA, ana, 1, 1))
    await home.service.accept(ana, BIA)
    await home.take(asks(BIA, ana, 5, 3))
    assert not await home.is_accepted(ana, BIA)


async def test_asking_twice_asks_once(home, ana):
    first = await home.service.follow(ana, BIA)
    assert first == await home.service.follow(ana, BIA)
    assert ["follow.requested"] == [one.type for one in home.told]
    await home.service.unfollow(ana, BIA)
    await home.service.unfollow(ana, BIA)
    assert Follow(person_id=ana, followed_id=BIA, version=3, active=True) == await home.service.follow(
        ana, BIA
    )
    assert ["follow.requested", "follow.ended", "follow.requested"] == [one.type for one in home.told]


async def test_a_block_ends_both_ways_and_drops_what_is_asked(home, ana):
    await home.service.follow(ana, BIA)
    await home.take(asks(BIA, ana, 1, 1))
    await home.service.accept(ana, BIA)
    await home.service.block(ana, BIA)
    assert not await home.is_accepted(ana, BIA)
    assert not (await home.book.follow(ana, BIA)).active
    await home.take(asks(BIA, ana, 2, 2))
    assert 1 == (await home.book.request(ana, BIA)).version
    with pytest.raises(NotFound):
        await home.service.accept(ana, BIA)
    with pytest.raises(Blocked):
        await home.service.follow(ana, BIA)


async def test_nobody_follows_themselves_or_who_lives_nowhere(home, ana):
    with pytest.raises(NotYourself):
        await home.service.follow(ana, ana)
    for nobody in ("zz_01hv0000000000000000000002", "nobody"):
        with pytest.raises(NotFound):
            await home.service.follow(ana, nobody)


async def test_without_consent_nobody_follows(home):
    silent = await known_person(home.stores, TENANT, consents=())
    with pytest.raises(RefusedByPolicy):
        await home.service.follow(silent, BIA)


async def test_who_is_not_there_is_not_asked(home):
    gone = new_person_id("eu")
    await home.take(asks(BIA, gone, 1, 1))
    assert None is await home.book.request(gone, BIA)


async def test_regions_of_followers_are_those_of_accepted_requests(home, ana):
    followers = [new_person_id(place) for place in ("br", "br", "eu", "us", "us-ca")]
    for number, one in enumerate(followers, 1):
        await home.take(asks(one, ana, number, 1))
    for one in followers[1:4]:
        await home.service.accept(ana, one)
    await home.take(ends(followers[3], ana, 9))
    assert {"br", "eu"} == await home.own.accepted_jurisdictions(ana)
    for one in followers:
        await home.service.follow(ana, one)
    assert {"br", "eu", "us", "us-ca"} == await home.own.asked_jurisdictions(ana)


async def test_of_the_erased_nothing_remains(home, ana):
    await home.service.follow(ana, BIA)
    await home.take(asks(BIA, ana, 1, 1))
    await home.service.accept(ana, BIA)
    await home.take(is_erased(BIA, 2))
    assert (None, None, None) == (
        await home.book.follow(ana, BIA),
        await home.book.request(ana, BIA),
        await home.book.answer(ana, BIA),
    )
    assert [] == [one async for page in home.book.asked_here(BIA) for one in page]
    assert [] == [one async for page in home.book.followers_here(BIA) for one in page]


async def test_a_workout_has_one_place_in_the_feed_of_each_follower_here(home, ana):
    await home.service.follow(ana, BIA)
    for number in (4, 2, 4):
        await home.take(shows(BIA, "w1", number, started_at=MORNING))
    places, further = await home.own.feed(ana, 10, ())
    assert ([(BIA, "w1", MORNING)], None) == (
        [(one.author_id, one.workout_id, one.started_at) for one in places],
        further,
    )


async def test_who_has_withdrawn_still_ends_and_blocks(home, ana):
    await home.service.follow(ana, BIA)
    await stand(home.stores, TENANT, standing(ana))
    await home.service.unfollow(ana, BIA)
    await home.service.block(ana, BIA)
    assert not (await home.book.follow(ana, BIA)).active
    assert await home.book.is_blocked(ana, BIA)
