"""Writes that were accepted while a datacenter of the group was away: what the loss of this one could take.

A row says when and into which tables, so that an operator repairs these first. It names nobody.
"""

from collections.abc import Sequence
from datetime import datetime

from policies.vocabulary import DataCategory
from region_node.ids import new_id
from region_node.storage.engine import MAX_PAGE, Engine, Put, Row
from region_node.storage.schema import Budget, Column, ColumnType, Table
from region_node.storage.values import instant

FLAGGED_WRITES = Table(
    name="flagged_writes",
    partition=("hour",),
    clustering=("flag_id",),
    columns={
        "hour": Column(ColumnType.INSTANT, DataCategory.NON_PERSONAL),
        "flag_id": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL),
        "at": Column(ColumnType.INSTANT, DataCategory.NON_PERSONAL),
        "tables": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL),
    },
    ttl_s=90 * 86_400,
    budget=Budget(rows=100_000, row_bytes=300),
)


def flag_of(tables: Sequence[Table], at: datetime) -> Put:
    """The row that flags a write into *tables*."""
    names = sorted({table.name for table in tables})
    hour = at.replace(minute=0, second=0, microsecond=0)
    moment = at.replace(microsecond=at.microsecond // 1000 * 1000)
    row: Row = {"hour": hour, "flag_id": new_id(), "at": moment, "tables": " ".join(names)}
    return Put(FLAGGED_WRITES, row)


async def flagged_since(engine: Engine, space: str, since: datetime) -> int:
    """How many writes were flagged after *since*; walks the whole table, for a check-up."""
    count = 0
    rows, after = await engine.scan(space, FLAGGED_WRITES, None, MAX_PAGE)
    while True:
        count += sum(instant(row, "at") > since for row in rows)
        if after is None:
            return count
        rows, after = await engine.scan(space, FLAGGED_WRITES, after, MAX_PAGE)
