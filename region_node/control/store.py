"""Regions, as they are known to each other."""

from region_node.control.database import ControlDatabase
from region_node.control.models import RegionRow
from region_node.control.records import Region


class AlreadyThere(Exception):
    """A record of that name exists and says something else; nothing was changed."""


class ControlStore:
    """What nodes read at start and operators change. Safe to share between requests."""

    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    async def put_region(self, region: Region) -> None:
        """Add *region*, or replace what is known of it."""
        await self._database.run(_put_region(region))

    async def regions(self) -> tuple[Region, ...]:
        return await self._database.run(_regions())

    async def region_keys(self) -> frozenset[str]:
        """The public keys of all regions, in base64url with padding, as they published them."""
        documents = [region.signing_keys.get("keys") for region in await self.regions()]
        keys = [key for document in documents if isinstance(document, list) for key in document]
        return frozenset(f"{key['x']}=" for key in keys if key.get("crv") == "Ed25519")


async def _put_region(region: Region) -> None:
    await RegionRow.update_or_create(
        id=region.id,
        defaults={
            "residency_group": region.residency_group,
            "address": region.address,
            "signing_keys": region.signing_keys,
        },
    )


async def _regions() -> tuple[Region, ...]:
    return tuple(
        Region(
            id=row.id,
            residency_group=row.residency_group,
            address=row.address,
            signing_keys=dict(row.signing_keys),
        )
        for row in await RegionRow.all().order_by("id")
    )
