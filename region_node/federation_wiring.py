"""How a node is connected to the regions around it, and to itself: what goes out and what comes in."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from federation.beaconing import BeaconSender
from federation.catalogue import CATALOGUE, PERSON_ERASED, STANDING_CHANGED
from federation.debts import Debts
from federation.egress import Egress, Outside, aggregate_of
from federation.errors import BusUnavailable
from federation.ingress import Doors, Here, Ingress
from federation.intake import Intake
from federation.keyring import Keyring, KeyringError, Signer
from federation.outgoing import Person
from federation.posting import Post
from federation.rechecking import Recheck
from federation.relay import PointerLike
from federation.topology import DAY_S, Lane
from federation.withdrawing import Withdrawals
from policies.vocabulary import Region
from region_node.backends import Geography
from region_node.features.accounts.tables import PEOPLE
from region_node.federated.arrivals import ArrivalBook, LeaseClock, Ranges
from region_node.federated.keys import ProjectionKeys
from region_node.federated.peer_book import PeerBook
from region_node.federated.projections import ProjectionStore
from region_node.federated.quarantine import QuarantineStore
from region_node.federated.receipts import ReceiptBook
from region_node.federated.rulings import LedgerGrounds
from region_node.federated.sends import SendBook
from region_node.federated.tables import ARRIVALS
from region_node.federation_network import Joined, Network, NumbersLost
from region_node.security.private_files import PrivateFileError
from region_node.storage.engine import MAX_PAGE, SHARED, Slice
from region_node.storage.errors import StorageUnavailable
from region_node.storage.migrations import SYSTEM_TENANT
from region_node.storage.schema import TENANT
from region_node.storage.store import TenantStore
from region_node.storage.values import instant, number, text
from region_node.stores import Stores

KEYS_EVERY_S = 5.0
LEASES_EVERY_S = 1.0
RECEIPTS_EVERY_S = 10.0
EPOCH = 1
"""Of this region as the one that takes the writes of a jurisdiction, until regions can take over."""

OnFault = Callable[[str, Exception], None]
Run = Callable[[], Coroutine[None, None, None]]


@dataclass(frozen=True, kw_only=True)
class FederationParts:
    """`tenants` are the ids of those that this node knows; fills `federation.inbound.Peers`."""

    network: Network
    place: Geography
    stores: Stores
    tenants: Callable[[], Sequence[str]]
    log: OnFault
    joined: Joined = field(default_factory=Joined)

    @cached_property
    def peers(self) -> PeerBook:
        known = frozenset(self.network.destinations)
        return PeerBook(
            engine=self.stores.engine, here=self.network.region, regions=known, changed=self._hurry
        )

    @cached_property
    def lease(self) -> LeaseClock:
        return LeaseClock()

    @cached_property
    def projections(self) -> ProjectionStore:
        jurisdiction = min(self.place.held)
        return ProjectionStore(
            engine=self.stores.engine,
            keys=ProjectionKeys(self.stores.engine, self.stores.ring, jurisdiction),
            region=self.network.region,
            lease=self.lease,
            clock=utc_now,
        )

    @cached_property
    def arrivals(self) -> ArrivalBook:
        return ArrivalBook(
            engine=self.stores.engine,
            region=self.network.region,
            lease=self.lease,
            ask_republish=self._ask_republish,
        )

    @cached_property
    def quarantine(self) -> QuarantineStore:
        return QuarantineStore(engine=self.stores.engine, region=self.network.region)

    @cached_property
    def receipts(self) -> ReceiptBook:
        return ReceiptBook(
            engine=self.stores.engine,
            region=self.network.region,
            sender=self.network.sender,
            receipt_arrived=self._receipt_arrived,
        )

    @cached_property
    def ingress(self) -> Ingress:
        here = Here(
            region=self.network.region,
            keyring=self._keyring,
            signer=self._signer,
            clock=utc_now,
            passing=(BusUnavailable, StorageUnavailable),
        )
        doors = Doors(
            projections=self.projections,
            arrivals=self.arrivals,
            quarantine=self.quarantine,
            receipts=self.receipts,
            peers=self,
            handlers=self.joined.inbound,
        )
        return Ingress(here, doors, self.log)

    @cached_property
    def intake(self) -> Intake:
        return Intake(self.ingress, self.network.open_receiver, self.log)

    @cached_property
    def sends(self) -> SendBook:
        return SendBook(stores=self.stores.unruled, places=self._places, epoch=lambda _: EPOCH)

    @cached_property
    def egress(self) -> Egress:
        here, regions = self.network.region, self.place.regions
        outside = Outside(
            book=self.sends,
            grounds=LedgerGrounds(
                gate=self.stores.gate, regions=regions, here=here, today=lambda: utc_now().date()
            ),
            sources=self.joined.sources,
            audiences=self.joined.audiences(regions, here),
            peers=self.peers,
        )
        post = Post(here=here, sender=self.network.sender, signer=self._signer, clock=utc_now)
        return Egress(outside=outside, post=post, clock=utc_now, on_fault=self._egress_fault)

    @cached_property
    def withdrawals(self) -> Withdrawals:
        return Withdrawals(
            egress=self.egress,
            sender=self.network.sender,
            keyring=self._keyring,
            told_erased=self.beacons.told_erased,
            hurry=self._hurry,
        )

    @cached_property
    def debts(self) -> Debts:
        return self.debts_of(*self.network.destinations)

    def debts_of(self, *regions: Region) -> Debts:
        """What these regions are owed."""
        return Debts(
            egress=self.egress,
            withdrawals=self.withdrawals,
            destinations=lambda: regions,
            on_fault=self._egress_fault,
        )

    @cached_property
    def beacons(self) -> BeaconSender:
        network = self.network
        return BeaconSender(
            network.region, network.sender, network.keys.signer, lambda: network.destinations, utc_now
        )

    def works(self) -> dict[str, Run]:
        """What runs for as long as the node does, by name."""
        return {
            "beacons": lambda: self.beacons.run(self.network.beacon_every_s, self.log),
            "lanes": self._take_in,
            "peers": self.peers.run,
            "debts": self.debts.run,
            "recheck": Recheck(withdrawals=self.withdrawals, on_fault=self._egress_fault).run,
            "leases": lambda: self._again(LEASES_EVERY_S, self.arrivals.refresh),
            "receipts": lambda: self._again(RECEIPTS_EVERY_S, self._settle),
            "unserved": lambda: self._again(DAY_S, self._remove_unserved),
            "keys": lambda: self._again(KEYS_EVERY_S, self._refresh_keys),
        }

    async def leave(self, pointer: PointerLike) -> None:
        """Bring what regions have to what they may have now, after what *pointer* says has happened.

        Raises:
            Overtaken, StorageError: repeat it.
        """
        event = CATALOGUE[pointer.type]
        person = Person(tenant=pointer.tenant, person_id=pointer.person_id)
        if event is PERSON_ERASED:
            await self.withdrawals.erase(person)
        elif event is STANDING_CHANGED:
            await self.withdrawals.follow(person)
        elif event.kind in self.joined.sources and (
            aggregate := aggregate_of(person, event, pointer.aggregate_id)
        ):
            await self.egress.update(aggregate, None if event.retracts else event)

    async def heard_at(self) -> dict[Region, datetime]:
        """By origin: when its last beacon was signed. Of one that was never heard, nothing."""
        query = Slice(partition=(SYSTEM_TENANT, self.network.region), limit=MAX_PAGE)
        page = await self.stores.engine.slice(SHARED, ARRIVALS, query)
        return {
            Region(text(row, "origin")): instant(row, "beacon_at")
            for row in page.rows
            if row["lane"] == Lane.RETRACTION and number(row, "beacon_number")
        }

    async def people(self, tenant: str = "") -> AsyncIterator[Person]:
        """Everybody who has their home here, of one tenant or of all; a walk over whole tables."""
        for jurisdiction in sorted(self.place.held):
            after: object | None = None
            while True:
                rows, after = await self.stores.engine.scan(jurisdiction, PEOPLE, after, MAX_PAGE)
                for row in rows:
                    if text(row, TENANT) in ({tenant} if tenant else set(self.tenants())):
                        yield Person(tenant=text(row, TENANT), person_id=text(row, "person_id"))
                if after is None:
                    break

    def jurisdictions_of(self, origin: Region) -> frozenset[str]:
        try:
            return frozenset(str(one) for one in self.place.regions.group_of(origin).jurisdictions)
        except KeyError:
            return frozenset()

    def knows(self, tenant: str) -> bool:
        return tenant in self.tenants()

    async def _take_in(self) -> None:
        """Until cancelled; a region that is away holds up no other."""
        for origin in self.network.destinations:
            self.intake.join(origin)
        try:
            await asyncio.Event().wait()
        finally:
            await self.intake.close()

    async def _again(self, every_s: float, work: Callable[[], Coroutine[None, None, None]]) -> None:
        while True:
            await work()
            await asyncio.sleep(every_s)

    async def _settle(self) -> None:
        await self.receipts.settle()

    async def _remove_unserved(self) -> None:
        await self.projections.remove(await self.arrivals.over(utc_now()))

    async def _refresh_keys(self) -> None:
        try:
            self.network.keys.refresh()
        except (KeyringError, PrivateFileError, OSError) as fault:
            self.log("keys of regions stay as they were read last", fault)

    async def _receipt_arrived(self, tenant: str, person_id: str, body: bytes) -> None:
        await self.withdrawals.receipt_arrived(Person(tenant=tenant, person_id=person_id), body)

    async def _ask_republish(self, origin: Region, lane: Lane, ranges: Ranges) -> None:
        count = sum(last - first + 1 for first, last in ranges)
        self.log(f"run meridian federation republish at {origin}", NumbersLost(f"{count} of {lane}"))

    def _places(self) -> list[TenantStore]:
        return [
            self.stores.unruled(tenant, jurisdiction)
            for tenant in self.tenants()
            for jurisdiction in sorted(self.place.held)
        ]

    def _keyring(self) -> Keyring:
        return self.network.keys.keyring

    def _signer(self) -> Signer:
        return self.network.keys.signer(utc_now())

    def _hurry(self) -> None:
        self.debts.hurry()

    def _egress_fault(self, fault: Exception) -> None:
        self.log("egress", fault)


def utc_now() -> datetime:
    return datetime.now(UTC)
