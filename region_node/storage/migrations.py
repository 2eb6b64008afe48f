"""Numbered schema changes, forward only and idempotent, applied by `meridian db migrate`.

A space (a jurisdiction's, the shared one, the keys) records each number that it has. A node
refuses to start on a space that lacks one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from policies.vocabulary import DataCategory
from region_node.storage.engine import KEYS, SHARED, CreateTable, Engine, Put, SchemaChange, Slice
from region_node.storage.errors import SchemaMismatch
from region_node.storage.schema import JURISDICTION, TENANT, Budget, Column, ColumnType, SpaceKind, Table
from region_node.storage.values import number

SYSTEM_TENANT = "-"

SCHEMA_VERSIONS = Table(
    name="schema_versions",
    partition=("scope",),
    clustering=("number",),
    columns={
        "scope": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL),
        "number": Column(ColumnType.INT, DataCategory.NON_PERSONAL),
        "name": Column(ColumnType.TEXT, DataCategory.NON_PERSONAL),
    },
    budget=Budget(rows=500, row_bytes=200),
)


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    changes: tuple[SchemaChange, ...]

    def for_space(self, space: str) -> list[SchemaChange]:
        return [change for change in self.changes if change.table.space is kind_of(space)]


def kind_of(space: str) -> SpaceKind:
    return {SHARED: SpaceKind.SHARED, KEYS: SpaceKind.KEYS}.get(space, SpaceKind.HOME)


async def applied(engine: Engine, space: str) -> set[int]:
    """The numbers that a space has; an empty space must have been prepared by `migrate`."""
    page = await engine.slice(space, SCHEMA_VERSIONS, Slice(partition=(SYSTEM_TENANT, space), limit=500))
    return {number(row, "number") for row in page.rows}


async def migrate(engine: Engine, space: str, migrations: Sequence[Migration]) -> list[Migration]:
    """Apply what is missing, in order; returns what was applied. Safe to repeat and to interrupt."""
    await engine.apply(space, [CreateTable(SCHEMA_VERSIONS)])
    done = await applied(engine, space)
    missing = [migration for migration in migrations if migration.number not in done]
    for migration in missing:
        await engine.apply(space, migration.for_space(space))
        await engine.write(space, [Put(SCHEMA_VERSIONS, _record(space, migration))])
    return missing


async def require(engine: Engine, space: str, migrations: Sequence[Migration]) -> None:
    """Refuse a space that is behind or ahead of this code.

    Raises:
        SchemaMismatch: names the space and what to run.
    """
    expected = {migration.number for migration in migrations}
    done = await applied(engine, space)
    if expected - done:
        raise SchemaMismatch(
            f"space {space} lacks migrations {sorted(expected - done)}: run `meridian db migrate`"
        )
    if done - expected:
        raise SchemaMismatch(
            f"space {space} has migrations {sorted(done - expected)} that this version does not know"
        )


def _record(space: str, migration: Migration) -> dict[str, str | int]:
    values: dict[str, str | int] = {"scope": space, "number": migration.number, "name": migration.name}
    return {TENANT: SYSTEM_TENANT, JURISDICTION: space, **values}
