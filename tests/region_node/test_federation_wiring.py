"""Nodes of several regions find each other: over mutual TLS, whatever is away at the moment."""

import asyncio

from tests.support.federation import BR, EU, US
from tests.support.lanes import until
from tests.support.network import network


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
