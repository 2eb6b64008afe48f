"""Data keys that this region makes for the people whose projections it keeps.

They are none of the keys that people have at home, so nothing that comes from outside can destroy one of
those. The space of keys names nobody of other residency groups: owners stand there by a hash, and their keys
are wrapped under the epoch of a jurisdiction that this group holds.
"""

import hashlib
from collections.abc import Sequence

from region_node.federated.tables import PROJECTION_KEYS
from region_node.security.keyring import KeyEncryption
from region_node.security.sealing import DataKey
from region_node.storage.engine import Engine
from region_node.storage.person_keys import PersonKeys


class ProjectionKeys:
    def __init__(self, engine: Engine, ring: KeyEncryption, jurisdiction: str) -> None:
        """*jurisdiction* is one that the ring has; a rotation of it rewraps these keys as well."""
        self.keys = PersonKeys(engine, ring, PROJECTION_KEYS, lambda _: jurisdiction)

    async def get(self, tenant: str, subject: str) -> DataKey:
        """Raises PersonKeyGone."""
        return await self.keys.get(tenant, _owner(tenant, subject))

    async def get_many(self, tenant: str, subjects: Sequence[str]) -> dict[str, DataKey]:
        """By subject; who has none is left out. At most 100."""
        owners = {_owner(tenant, subject): subject for subject in subjects}
        found = await self.keys.get_many(tenant, list(owners))
        return {owners[owner]: key for owner, key in found.items()}

    async def ensure(self, tenant: str, subject: str) -> DataKey:
        return await self.keys.ensure(tenant, _owner(tenant, subject))

    async def destroy(self, tenant: str, subject: str) -> None:
        await self.keys.destroy(tenant, _owner(tenant, subject))


def _owner(tenant: str, subject: str) -> str:
    return hashlib.sha256(f"{tenant}/{subject}".encode()).hexdigest()
