"""Whatever comes between: at rest each region holds what the rulings of now allow it, and nothing else.

Two processes of one home work at once on the changes of a person; their steps are mixed in any order, and
either may die between two steps. What was not done is begun again, as the outbox would.
"""

import asyncio
import os
import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.adapters.memory_bus import MemoryNetwork
from federation.catalogue import WORKOUT_UPDATED
from federation.outgoing import Person
from region_node.ids import new_person_id
from tests.region_node.federated.test_withdrawing import WITHOUT_TITLES
from tests.support.departures import FEED, RUN, TENANT, Home, Runs, open_home
from tests.support.federation import BR, EU, US
from tests.support.interleaving import Steps

EXAMPLES = int(os.environ.get("EXAMPLES", "40"))
CONSENTS = {"none": (), "feed": (FEED,), "no titles": tuple(WITHOUT_TITLES)}
CHANGE = st.one_of(
    st.tuples(st.just("run"), st.sampled_from(["w1", "w2"])),
    st.tuples(st.just("delete"), st.sampled_from(["w1", "w2"])),
    st.tuples(st.just("consent"), st.sampled_from(sorted(CONSENTS))),
    st.tuples(st.just("followers"), st.sampled_from([frozenset({"us"}), frozenset({"br", "us"})])),
    st.tuples(st.just("pay"), st.just("")),
)


class World:
    """What is so, whoever has heard of it: runs, consents, followers. `undone` is the outbox."""

    def __init__(self, stores, person):
        self.stores = stores
        self.person = person
        self.steps = Steps()
        self.network = MemoryNetwork()
        self.runs = Runs()
        self.followers = frozenset({"us"})
        self.processes = [self._process() for _ in range(2)]
        self.undone = {}
        self.said = []

    def _process(self):
        home = Home(self.stores, network=self.network, runs=self.steps.wrap(self.runs))
        home.__dict__["book"] = self.steps.wrap(home.book)
        home.__dict__["sender"] = self.steps.wrap(home.sender)
        home.__dict__["_followers"] = self._followed
        egress = home.egress
        stepped = replace(egress.outside, grounds=self.steps.wrap(egress.outside.grounds))
        home.__dict__["egress"] = replace(egress, outside=stepped)
        return home

    async def _followed(self, *_):
        return self.followers

    async def change(self, number, home, what, value):
        """Make a change and let *home* act on it; stays in the outbox until that is through."""

        async def made():
            self.said.append((what, value, self.processes.index(home)))
            self.undone[number] = await self._made(what, value)

        await self.steps.step(made)
        await self.undone[number](home)
        del self.undone[number]

    async def _made(self, what, value):
        match what:
            case "run":
                key = (self.person, value)
                before = self.runs.at.get(key, {**RUN, "version": 0})
                self.runs.at[key] = {**before, "version": before["version"] + 1}
                return lambda home: home.update(self.person, value)
            case "delete":
                self.runs.at.pop((self.person, value), None)
                return lambda home: home.update(self.person, value)
            case "consent":
                await self.processes[0].allows(self.person, *CONSENTS[value])
                return lambda home: home.withdrawals.follow(self.person)
            case "followers":
                changed = self.followers ^ value
                self.followers = value
                places = [{"us": US, "br": BR}[one] for one in sorted(changed)]
                return lambda home: self._republish(home, places)
        return lambda home: home.debts.round()

    async def _republish(self, home, places):
        for place in places:
            await home.debts.republish(self.person, place)

    async def at_rest(self):
        """Everything that was announced, carried out by one process that lives."""
        home = self.processes[0]

        async def everything():
            for act in list(self.undone.values()):
                await act(home)
            home.now = home.now.replace(year=2031)
            await home.paid()

        rest = asyncio.create_task(everything())
        await self.steps.run([rest], lambda _: 0, lambda: False)
        await rest
        assert [] == [fault for one in self.processes for fault in one.faults]

    async def allowed(self, region):
        """What the rulings of now allow *region*, asked anew."""
        home = Home(self.stores, network=self.network, runs=self.runs)
        told = region == EU or {US: "us", BR: "br"}[region] in self.followers
        ground = await home.egress.outside.grounds.of(self.person)
        fields = ground.terms(WORKOUT_UPDATED, region).fields if told else frozenset()
        return {
            (person.person_id, own): (run["version"], "title" in fields)
            for (person, own), run in self.runs.at.items()
            if "person_id" in fields
        }


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("departures")


def test_at_rest_regions_hold_what_rulings_allow(directory):
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=EXAMPLES <= 40,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        changes=st.lists(CHANGE, min_size=1, max_size=7),
        seed=st.integers(0, 2**32),
        deaths=st.sampled_from([0.0, 0.0, 0.02, 0.1]),
    )
    def played(changes, seed, deaths):
        asyncio.run(play(directory, changes, random.Random(seed), deaths))  # noqa: S311 - an order, no secret

    played()


async def play(directory, changes, choices, deaths):
    home = await open_home(directory)
    try:
        person = Person(tenant=TENANT, person_id=new_person_id("eu"))
        await home.stores.keys.create(TENANT, person.person_id)
        await home.allows(person, FEED)
        world = World(home.stores, person)
        await world.network.sender(EU).prepare([EU, BR, US])
        tasks = [
            asyncio.create_task(world.change(number, choices.choice(world.processes), *change))
            for number, change in enumerate(changes)
        ]
        await world.steps.run(tasks, choices.randrange, lambda: choices.random() < deaths)
        await asyncio.gather(*tasks, return_exceptions=True)
        await world.at_rest()
        for region in (EU, BR, US):
            held = world.processes[0].held_by(region)
            found = {key: (data["version"], "title" in data) for key, data in held.items()}
            assert await world.allowed(region) == found, f"{region} after {world.said}"
    finally:
        await home.stores.engine.close()
