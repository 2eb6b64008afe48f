"""Tenant views of the engine: the only way from a request or a worker to rows."""

from dataclasses import dataclass
from functools import cached_property

from region_node.security.file_keyring import FileKeyRing
from region_node.storage.engine import Engine
from region_node.storage.person_keys import PersonKeys
from region_node.storage.store import TenantStore


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

    def of(self, tenant: str, jurisdiction: str) -> TenantStore:
        """Raises NotHeldHere for a jurisdiction that has no place here."""
        if jurisdiction not in self.held:
            raise NotHeldHere(jurisdiction)
        return TenantStore(self.engine, self.keys, tenant, jurisdiction)
