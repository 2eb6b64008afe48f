"""What goes out of a region: real stores, real rulings, brokers in memory, aggregates from a dictionary.

What a region comes to hold is worked out from its streams as a receiver would: by send number, and a
retraction wins a tie.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from federation.adapters.memory_bus import MemoryNetwork
from federation.catalogue import CATALOGUE, WORKOUT_UPDATED, Scope
from federation.debts import Debts
from federation.egress import Egress, Outside
from federation.envelope import Arrival, open_envelope
from federation.outgoing import Aggregate, Person, State
from federation.peers import PeerRules
from federation.posting import Post
from federation.receipts import sign_receipt
from federation.topology import Lane
from federation.withdrawing import Withdrawals
from policies.vocabulary import DataCategory, Purpose
from region_node.federated.audiences import HomeAudiences
from region_node.federated.rulings import LedgerGrounds
from region_node.federated.sends import SendBook
from region_node.ids import new_person_id
from region_node.packs import shipped_packs
from region_node.regions import read_regions
from region_node.schema import MIGRATIONS
from tests.support.envelopes import KEYRING, KEYS, NOON
from tests.support.federation import BR, EU, US
from tests.support.sources import ROOT
from tests.support.standings import given, stand, standing
from tests.support.storage import open_stores

REGIONS = read_regions(ROOT / "config" / "regions.toml", shipped_packs())
TENANT = "t1"
FEED = given(Purpose.SOCIAL_FEED, None, seq=2)
FEED_TITLES = given(Purpose.SOCIAL_FEED, DataCategory.FREE_TEXT, seq=3)
FOLLOWED = frozenset({"br", "us"})
RUN = {
    "version": 1,
    "started_at": datetime(2030, 5, 31, 6, 30, tzinfo=UTC),
    "sport": "running",
    "title": "Am See",
    "distance_m": 10_000.0,
}


OPEN = PeerRules(here=EU, regions=frozenset(REGIONS.regions))


class Runs:
    """Workouts of a test: `at` by person and id; fills `Source`."""

    def __init__(self):
        self.at = {}
        self.people = 0

    async def load(self, person, aggregate_id):
        found = self.at.get((person, aggregate_id))
        if found is None:
            return None
        ids = {"person_id": person.person_id, "workout_id": aggregate_id}
        return State(version=found["version"], values={**found, **ids}, people=self.people)

    async def ids(self, person, after):
        ids = sorted(own for owner, own in self.at if owner == person and own > after)
        return ids[:2], ids[1] if len(ids) > 2 else ""


@dataclass
class Home:
    """The region eu-central as a sender; `book` may be replaced before anything is sent."""

    stores: object
    network: MemoryNetwork = field(default_factory=MemoryNetwork)
    runs: Runs = field(default_factory=Runs)
    followers: frozenset = FOLLOWED
    faults: list = field(default_factory=list)
    erased: list = field(default_factory=list)
    peers: PeerRules = OPEN
    epoch: int = 1
    now: datetime = NOON

    @cached_property
    def book(self):
        return SendBook(
            stores=self.stores.unruled,
            places=lambda: [self.stores.unruled(TENANT, "eu")],
            epoch=lambda _: self.epoch,
        )

    @cached_property
    def sender(self):
        return self.network.sender(EU)

    @cached_property
    def egress(self):
        grounds = LedgerGrounds(gate=self.stores.gate, regions=REGIONS, here=EU, today=NOON.date)
        audiences = HomeAudiences(regions_known=REGIONS, here=EU, followers=self._followers)
        return Egress(
            outside=Outside(
                book=self.book,
                grounds=grounds,
                sources={"workout": self.runs},
                audiences=audiences,
                peers=self,
            ),
            post=Post(here=EU, sender=self.sender, signer=lambda: KEYS[EU].signer(NOON), clock=self.clock),
            clock=self.clock,
            on_fault=self.faults.append,
        )

    @cached_property
    def withdrawals(self):
        return Withdrawals(
            egress=self.egress,
            sender=self.sender,
            keyring=lambda: KEYRING,
            told_erased=self._told_erased,
            hurry=lambda: None,
        )

    @cached_property
    def debts(self):
        return Debts(
            egress=self.egress,
            withdrawals=self.withdrawals,
            destinations=lambda: [EU, BR, US],
            on_fault=self.faults.append,
        )

    def clock(self):
        return self.now

    def takes(self, region, event):
        return self.peers.takes(region, event)

    def held(self, region, event):
        return self.peers.held(region, event)

    async def _followers(self, _tenant, _person_id):
        return self.followers

    async def _told_erased(self, erased):
        self.erased += erased

    async def opened(self):
        await self.sender.prepare([EU, BR, US])
        return self

    async def person(self, *consents):
        """Somebody of Germany with these consents."""
        person = Person(tenant=TENANT, person_id=new_person_id("eu"))
        await self.stores.keys.create(TENANT, person.person_id)
        await self.allows(person, *consents)
        return person

    async def allows(self, person, *consents, **changes):
        await stand(self.stores, TENANT, standing(person.person_id, *consents, **changes))

    async def runs_now(self, person, own="w1", **changes):
        """A workout is there, or is another than before, and egress is told."""
        before = self.runs.at.get((person, own), {**RUN, "version": 0})
        self.runs.at[person, own] = {**before, **changes, "version": before["version"] + 1}
        return await self.update(person, own)

    async def update(self, person, own="w1"):
        aggregate = Aggregate(person=person, kind="workout", aggregate_id=own)
        return await self.egress.update(aggregate, WORKOUT_UPDATED)

    async def paid(self):
        """Everything that is owed and can be paid now."""
        while await self.debts.round():
            pass

    def waiting(self, region, *lanes):
        """Opened envelopes in the lanes to *region*, oldest first."""
        found = []
        for lane in lanes or Lane:
            kept = self.network.brokers[EU].streams[f"FED_{EU}_{region}_{lane}"]
            for message in kept.messages.values():
                arrival = Arrival(origin=EU, here=region, subject=message.subject, at=NOON)
                found.append(open_envelope(message.body, arrival, KEYRING))
        return found

    def held_by(self, region):
        """What *region* has of workouts, by person and id, when it has taken in all that waits for it."""
        rows, gone = {}, {}
        for one in self.waiting(region):
            match CATALOGUE[one.type].retracts:
                case None:
                    key = (one.tenant, one.subject, one.aggregateid)
                    rows[key] = max(rows.get(key, (0, {})), (one.number, one.data), key=lambda row: row[0])
                case Scope.AGGREGATE:
                    _raise_to(gone, (one.tenant, one.subject, one.aggregateid), one.number)
                case _:
                    _raise_to(gone, (one.tenant, one.subject), one.number)
        return {
            (key[1], key[2]): data
            for key, (number, data) in rows.items()
            if number > max(gone.get(key, 0), gone.get(key[:2], 0))
        }

    def receipt_of(self, envelope, removed=1):
        return sign_receipt(envelope, removed, NOON, KEYS[envelope.destination].signer(NOON))


def _raise_to(gone, key, number):
    gone[key] = max(gone.get(key, 0), number)


async def open_home(directory, engine_class=None, **given_):
    options = {"engine_class": engine_class} if engine_class else {}
    stores = await open_stores(directory, MIGRATIONS, held=("eu",), **options)
    return await Home(stores, **given_).opened()
