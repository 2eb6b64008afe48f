"""Puts the parts of the consent ledger together; `bootstrap` makes it once per node, commands for one run."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from policies.engine import Engine
from policies.vocabulary import Jurisdiction
from region_node.errors import NotFound
from region_node.features.accounts.model import Person
from region_node.features.accounts.store import AccountStore
from region_node.features.consent.guardians import Guardians
from region_node.features.consent.law import Law
from region_node.features.consent.ledger import Ledger
from region_node.features.consent.model import Resident
from region_node.features.consent.notices import shipped_notices
from region_node.features.consent.receipts import Receipts
from region_node.features.consent.service import ConsentService
from region_node.ids import jurisdiction_of
from region_node.rulings.standing import Standing
from region_node.security.file_keyring import FileKeyRing
from region_node.storage.outbox import Pointer
from region_node.storage.store import TenantStore
from region_node.stores import NotHeldHere, Stores


@dataclass(frozen=True, kw_only=True)
class ConsentParts:
    """`engine` gives the engine of the packs in force; `hurry` is told of work and events of a change.

    Where nobody is told, as in commands, the sweep of a node finds it.
    """

    stores: Stores
    engine: Callable[[], Engine]
    region: str
    ring: FileKeyRing
    hurry: Callable[[Pointer], None] = lambda _: None

    @cached_property
    def law(self) -> Law:
        return Law(current=self.engine, notices=shipped_notices())

    @cached_property
    def ledger(self) -> Ledger:
        return Ledger(
            stores=self.store,
            residents=self.resident,
            changes=self.stores.changes,
            hurry=self.hurry,
            pack_version=self.pack_version,
            due=self.law.due,
            clock=lambda: datetime.now(UTC),
        )

    @cached_property
    def service(self) -> ConsentService:
        return ConsentService(ledger=self.ledger, law=self.law)

    @cached_property
    def receipts(self) -> Receipts:
        return Receipts(
            notices=shipped_notices(), region=self.region, key=lambda: self.ring.signing_keys()[0]
        )

    @cached_property
    def guardians(self) -> Guardians:
        return Guardians(ledger=self.ledger, law=self.law, code_key=self._code_key)

    def _code_key(self, jurisdiction: str, tenant: str, code: str) -> str:
        return self.ring.index_key(jurisdiction, tenant, "guardian").digest(code).hex()

    def articles(self, jurisdiction: Jurisdiction, rules: Collection[str]) -> dict[str, str]:
        """Where the law says what these rules say; without those that are in force no more."""
        packs = self.engine().packs
        pack = packs.by_jurisdiction.get(jurisdiction)
        known = [*packs.platform]
        if pack is not None:
            known += [*pack.rules, *(rule for own in pack.overlays.values() for rule in own.rules)]
        return {rule.id: rule.source.ref for rule in known if rule.id in rules}

    async def names(self, tenant: str, people: Sequence[str]) -> dict[str, str]:
        """Display names of people of one jurisdiction, for who answers for them."""
        if not people:
            return {}
        return await AccountStore(self.store(tenant, jurisdiction_of(people[0]))).names(people)

    async def standing(self, tenant: str, person_id: str) -> Standing | None:
        """Where a person stands, whose ledger is begun where there is none; None where there is no person."""
        try:
            return await self.ledger.standing(tenant, person_id)
        except NotFound:
            return None

    def store(self, tenant: str, jurisdiction: str) -> TenantStore:
        """What rulings rest on cannot wait for a ruling. Raises NotHeldHere."""
        if jurisdiction not in self.stores.held:
            raise NotHeldHere(jurisdiction)
        return self.stores.unruled(tenant, jurisdiction)

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
