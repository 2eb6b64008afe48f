"""Tenant views of the engine: the only way from a request or a worker to rows."""

from dataclasses import dataclass
from functools import cached_property

from policies.vocabulary import Purpose
from region_node.rulings.access import Access, Reader
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

    @cached_property
    def keys(self) -> PersonKeys:
        return PersonKeys(self.engine, self.ring)

    @cached_property
    def indexed(self) -> Engine:
        """Every row that goes in through a store brings the entry by which an erasure finds it."""
        return indexed(self.engine)

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
        return TenantStore(self.indexed, self.keys, tenant, jurisdiction)
