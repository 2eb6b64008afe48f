"""Nodes of several regions find each other: over mutual TLS, whatever is away at the moment."""

import asyncio

from federation.inbound import Reference
from federation.outgoing import Person
from policies.vocabulary import Purpose
from region_node.features.consent.service import About
from tests.support.federation import BR, EU, US
from tests.support.lanes import until
from tests.support.network import network
from tests.support.node import HEALTH, signed_in, take_back
from tests.support.workout_files import run_fit

FEED = About(purpose=Purpose.SOCIAL_FEED)


def heard(made, here, origin, within_s=2.0):
    age_s = made.age_s(here, origin)
    return age_s is not None and age_s < within_s


async def test_two_nodes_hear_each_other_and_themselves(tmp_path):
    async with network(tmp_path, EU, US) as made:
        for region in (EU, US):
            await made.start(region)
        ways = [(here, origin) for here in (EU, US) for origin in (EU, US)]
        await until(lambda: all(heard(made, *way) for way in ways))
        assert all(state.up for state in made.nodes[EU].container.federation.intake.states().values())


async def test_a_region_that_is_away_does_not_hold_up_the_start_and_is_heard_when_it_comes(tmp_path):
    async with network(tmp_path, EU, US, BR) as made:
        await asyncio.to_thread(made.places[US].server.stop)
        await made.start(EU)
        await made.start(BR)
        await until(lambda: heard(made, EU, BR))
        assert made.age_s(EU, US) is None
        assert not made.nodes[EU].container.federation.intake.states()[US].up
        await asyncio.to_thread(made.places[US].server.start)
        await made.start(US)
        await until(lambda: heard(made, EU, US) and heard(made, US, EU))


async def test_a_broker_that_was_killed_is_heard_again_after_its_start(tmp_path):
    async with network(tmp_path, EU, US) as made:
        await made.start(EU)
        await made.start(US)
        await until(lambda: heard(made, EU, US))
        await asyncio.to_thread(made.places[US].server.kill)
        await until(lambda: not heard(made, EU, US, within_s=1.0))
        await asyncio.to_thread(made.places[US].server.start)
        await until(lambda: heard(made, EU, US, within_s=1.0) and heard(made, US, US, within_s=1.0))
        assert made.nodes[EU].container.federation.intake.states()[US].up


async def test_a_peer_is_admitted_and_dismissed_while_nodes_run(tmp_path):
    async with network(tmp_path, EU, US) as made:
        eu = made.places[EU]
        await asyncio.to_thread(eu.admit)
        await made.start(EU)
        await made.start(US)
        await until(lambda: heard(made, EU, US))
        assert made.age_s(US, EU) is None
        await asyncio.to_thread(eu.admit, US)
        await until(lambda: heard(made, US, EU))
        await asyncio.to_thread(eu.admit)
        await until(lambda: not heard(made, US, EU, within_s=1.0))
        await until(lambda: heard(made, EU, US, within_s=1.0) and heard(made, EU, EU, within_s=1.0))
        state = made.nodes[US].container.federation.intake.states()[EU]
        await until(lambda: not state.up)
        assert state.fault


async def test_a_broker_that_is_not_the_one_it_should_be_is_not_believed(tmp_path):
    async with network(tmp_path, EU, US, BR) as made:
        elsewhere = {str(US): made.places[BR].server.url}
        await made.start(EU, federation={"peers": elsewhere})
        await made.start(BR)
        state = made.nodes[EU].container.federation.intake.states()
        await until(lambda: state[US].fault)
        assert "no link to nats.us-west" in state[US].fault
        assert made.age_s(EU, US) is None


async def followed_from_america(_tenant, _person_id):
    return frozenset({"us"})


async def shown_by(athlete):
    """A workout that they show to followers."""
    upload = await athlete.upload(run_fit())
    path = f"/v1/workouts/{upload['items'][0]['workout_id']}"
    etag = (await athlete.http.get(path)).headers["etag"]
    changed = await athlete.http.patch(path, json={"visibility": "followers"}, headers={"if-match": etag})
    assert changed.is_success, changed.text
    return Reference(
        tenant="default",
        subject=athlete.person_id,
        purpose=Purpose.SOCIAL_FEED,
        kind="workout",
        aggregate_id=upload["items"][0]["workout_id"],
    )


async def test_what_is_shown_reaches_the_other_region_and_is_taken_back_with_a_receipt(tmp_path):
    async with network(tmp_path, EU, US) as made:
        eu, us = [(await made.start(region)).container.federation for region in (EU, US)]
        eu.joined.follows = followed_from_america
        async with signed_in(made.nodes[EU], consents=(HEALTH, FEED)) as athlete:
            reference = await shown_by(athlete)
            person = Person(tenant="default", person_id=athlete.person_id)
            seen = await until_is(lambda: us.projections.get_many([reference]), any)
            assert "running" == seen[0].data["sport"]
            assert EU == seen[0].origin
            await take_back(made.nodes[EU], athlete.person_id, FEED)
            assert [None] == await until_is(lambda: us.projections.get_many([reference]), not_any)
            asked = await until_is(lambda: taken_back(eu, person), all_answered)
            assert {EU, US} == {one.region for one in asked}


async def taken_back(parts, person):
    return [one async for one in parts.sends.take_backs(person)]


def not_any(found):
    return not any(found)


def all_answered(asked):
    return bool(asked) and all(one.receipt for one in asked)


async def until_is(read, condition):
    """What *read* gives once it is as wanted."""
    async with asyncio.timeout(60):
        while not condition(found := await read()):  # noqa: ASYNC110 - rows, of which nobody tells
            await asyncio.sleep(0.05)
    return found
