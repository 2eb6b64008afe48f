"""Puts the parts of the consent ledger together; `bootstrap` makes it once per node, commands for one run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from policies.engine import Engine
from policies.vocabulary import Jurisdiction, Purpose
from region_node.features.accounts.model import Person
from region_node.features.accounts.store import AccountStore
from region_node.features.consent.law import Law
from region_node.features.consent.ledger import Changes, Ledger
from region_node.features.consent.model import Resident
from region_node.features.consent.notices import shipped_notices
from region_node.features.consent.service import ConsentService
from region_node.ids import jurisdiction_of
from region_node.storage.store import TenantStore
from region_node.stores import Stores


@dataclass(frozen=True, kw_only=True)
class ConsentParts:
    """`engine` gives the engine of the packs in force."""

    stores: Stores
    engine: Callable[[], Engine]
    changes: Changes

    @cached_property
    def law(self) -> Law:
        return Law(current=self.engine, notices=shipped_notices())

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(
            stores=self.store,
            residents=self.resident,
            changes=self.changes,
            pack_version=self.pack_version,
            due=self.law.due,
            clock=lambda: datetime.now(UTC),
        )

    @cached_property
    def service(self) -> ConsentService:
        return ConsentService(ledger=self.ledger, law=self.law)

    def store(self, tenant: str, jurisdiction: str) -> TenantStore:
        """What rulings rest on cannot wait for a ruling."""
        return self.stores.of(tenant, jurisdiction, Purpose.ACCOUNT, rights=True)

    async def resident(self, tenant: str, person_id: str) -> Resident | None:
        """What the ledger of somebody begins with who was there before it."""
        person = await AccountStore(self.store(tenant, jurisdiction_of(person_id))).person(person_id)
        return resident_of(person) if person else None

    def pack_version(self, jurisdiction: Jurisdiction) -> str:
        """Empty where no pack is in force."""
        pack = self.engine().packs.by_jurisdiction.get(jurisdiction)
        return pack.version if pack else ""

    async def begin(self, tenant: str, person: Person) -> None:
        """Begin the ledger of a person before their account becomes active."""
        await self.ledger.begin(tenant, person.person_id, resident_of(person))


def resident_of(person: Person) -> Resident:
    country, _, part = person.place.partition("-")
    return Resident(birth_date=person.birth_date, country=country, subdivision=person.place if part else None)
