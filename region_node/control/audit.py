"""The record of what operators did; it only ever grows, and the database refuses to change it."""

from datetime import datetime

from ulid import ULID

from region_node.control.database import ControlDatabase
from region_node.control.models import AuditRow
from region_node.control.records import AuditEntry, Outcome


class AuditLog:
    def __init__(self, database: ControlDatabase) -> None:
        self._database = database

    async def append(self, entry: AuditEntry) -> None:
        """Write *entry*; on disk when this returns. Its target holds ids, never a secret."""
        await self._database.run(insert_entry(entry))

    async def entries(self, *, limit: int = 100, before: datetime | None = None) -> tuple[AuditEntry, ...]:
        """Newest first."""
        return await self._database.run(_entries(limit, before))


async def insert_entry(entry: AuditEntry) -> None:
    """For use inside a transaction of this package, so that an act and its record appear together."""
    await AuditRow.create(
        id=str(ULID()),
        at=entry.at,
        operator_id=entry.operator_id,
        action=entry.action,
        target=entry.target,
        outcome=entry.outcome.value,
    )


async def _entries(limit: int, before: datetime | None) -> tuple[AuditEntry, ...]:
    rows = AuditRow.all() if before is None else AuditRow.filter(at__lt=before)
    return tuple(
        AuditEntry(
            at=row.at,
            operator_id=row.operator_id,
            action=row.action,
            target=row.target,
            outcome=Outcome(row.outcome),
        )
        for row in await rows.order_by("-at", "-id").limit(limit)
    )
