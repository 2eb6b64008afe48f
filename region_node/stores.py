"""Tenant views of the engine: the only way from a request or a worker to rows."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property

from policies.vocabulary import Purpose
from region_node.packs import shipped_engine
from region_node.rulings.access import Access, Reader
from region_node.rulings.changes import Changes
from region_node.rulings.circumstances import Almanac
from region_node.rulings.gate import BoundGate, Gate, Law
from region_node.rulings.snapshots import Snapshots
from region_node.rulings.standing import Standing
from region_node.rulings.uses import DataUses
from region_node.security.file_keyring import FileKeyRing
from region_node.storage.engine import Engine
from region_node.storage.person_keys import PersonKeys
from region_node.storage.store import TenantStore
from region_node.storage.subjects import indexed


class NotHeldHere(LookupError):
    """This node's residency group may not hold the jurisdiction."""


@dataclass(frozen=True)
class Stores:
    engine: Engine
    ring: FileKeyRing
    held: frozenset[str]
    law: Callable[[], Law] = shipped_engine
    """The policy engine in force."""
    region: str = "here"
    begin: Callable[[str, str], Awaitable[Standing | None]] | None = None
    """Makes the standing of a person who has none yet."""
    almanac: Almanac = field(default_factory=Almanac)

    @cached_property
    def keys(self) -> PersonKeys:
        return PersonKeys(self.engine, self.ring)

    @cached_property
    def indexed(self) -> Engine:
        """Every row that goes in through a store brings the entry by which an erasure finds it."""
        return indexed(self.engine)

    @cached_property
    def snapshots(self) -> Snapshots:
        return Snapshots()

    @cached_property
    def changes(self) -> Changes:
        return Changes(self.engine, self.snapshots)

    @cached_property
    def uses(self) -> DataUses:
        return DataUses(self.unruled, self.region)

    @cached_property
    def gate(self) -> Gate:
        return Gate(
            law=self.law,
            unruled=self.unruled,
            changes=self.changes,
            snapshots=self.snapshots,
            uses=self.uses,
            almanac=self.almanac,
            begin=self.begin,
        )

    def unruled(self, tenant: str, jurisdiction: str) -> TenantStore:
        """For what rulings rest on and leave behind: standings, the ledger, the data-use log."""
        return TenantStore(self.indexed, self.keys, tenant, jurisdiction)

    def of(
        self,
        tenant: str,
        jurisdiction: str,
        purpose: Purpose,
        *,
        reader: Reader = Reader.OWN,
        rights: bool = False,
    ) -> TenantStore:
        """A store for one purpose: what law or the person do not allow for it is left out of the rows.

        `rights` is for jobs of a person's own rights only; see `Access`.

        Raises:
            NotHeldHere: the jurisdiction has no place here.
        """
        return self.opened(tenant, jurisdiction, Access(purpose=purpose, reader=reader, rights=rights))

    def opened(self, tenant: str, jurisdiction: str, access: Access) -> TenantStore:
        """As `of`; the only way for staff, whose access names them and their reason."""
        if jurisdiction not in self.held:
            raise NotHeldHere(jurisdiction)
        gate = BoundGate(self.gate, tenant, access)
        return TenantStore(self.indexed, self.keys, tenant, jurisdiction, gate)
