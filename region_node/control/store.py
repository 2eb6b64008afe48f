"""Regions, versions of policy packs and enabled subdivisions."""

from tortoise.exceptions import IntegrityError

from region_node.control.database import ControlDatabase
from region_node.control.models import EnabledSubdivisionRow, PackVersionRow, RegionRow
from region_node.control.records import EnabledSubdivision, PackVersion, Region


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

    async def record_pack(self, pack: PackVersion) -> None:
        """Record a pack version once; repeating it is harmless.

        Raises:
            AlreadyThere: The version exists with another content: a pack is never changed, only followed.
        """
        try:
            await self._database.run(_add_pack(pack))
        except IntegrityError:
            if pack not in await self.packs(pack.jurisdiction):
                raise AlreadyThere(f"pack {pack.jurisdiction} {pack.version} has another content") from None

    async def packs(self, jurisdiction: str) -> tuple[PackVersion, ...]:
        """All versions, the one that became active last first."""
        return await self._database.run(_packs(jurisdiction))

    async def enable_subdivision(self, subdivision: EnabledSubdivision) -> None:
        """Let people of a US state sign up.

        Raises:
            AlreadyThere: It is enabled already; the first sign-off stays on record.
        """
        try:
            await self._database.run(_enable(subdivision))
        except IntegrityError:
            raise AlreadyThere(f"{subdivision.code} is enabled already") from None

    async def enabled_subdivisions(self) -> tuple[EnabledSubdivision, ...]:
        return await self._database.run(_enabled())


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


async def _add_pack(pack: PackVersion) -> None:
    await PackVersionRow.create(
        jurisdiction=pack.jurisdiction,
        version=pack.version,
        sha256=pack.sha256,
        active_from=pack.active_from,
    )


async def _packs(jurisdiction: str) -> tuple[PackVersion, ...]:
    return tuple(
        PackVersion(
            jurisdiction=row.jurisdiction,
            version=row.version,
            sha256=row.sha256,
            active_from=row.active_from,
        )
        for row in await PackVersionRow.filter(jurisdiction=jurisdiction).order_by("-active_from", "-id")
    )


async def _enable(subdivision: EnabledSubdivision) -> None:
    await EnabledSubdivisionRow.create(
        code=subdivision.code,
        operator_id=subdivision.operator_id,
        reference=subdivision.reference,
        enabled_at=subdivision.enabled_at,
    )


async def _enabled() -> tuple[EnabledSubdivision, ...]:
    return tuple(
        EnabledSubdivision(
            code=row.code,
            operator_id=row.operator_id,
            reference=row.reference,
            enabled_at=row.enabled_at,
        )
        for row in await EnabledSubdivisionRow.all().order_by("code")
    )
