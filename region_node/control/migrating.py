"""Applies the numbered migrations of the control database: forward only, all or nothing, safe to repeat.

Tortoise records a migration after the transaction that applied it, and so a crash in between would make the
next run fail on tables that exist. Here all of it, record included, is one transaction under one lock.
"""

from contextlib import suppress
from typing import Any

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.context import require_context
from tortoise.exceptions import IntegrityError
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor, BaseSchemaEditor, SqliteSchemaEditor
from tortoise.transactions import in_transaction

_LOCK = {
    "postgres": 'LOCK TABLE "tortoise_migrations" IN EXCLUSIVE MODE',
    # Any write takes SQLite's write lock before the first read, and this one changes nothing.
    "sqlite": 'DELETE FROM "tortoise_migrations" WHERE 0',
}


class _PreparedRecorder(MigrationRecorder):
    """A recorder whose table is there already: on SQLite, making it in a script would end the transaction."""

    async def ensure_schema(self, schema_editor: BaseSchemaEditor) -> None:
        del schema_editor


async def migrate(apps: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    connection = require_context().db()
    # PostgreSQL may say so when another process makes the same table at the same moment.
    with suppress(IntegrityError):
        await MigrationRecorder(connection).ensure_schema(_schema_editor(connection))
    async with in_transaction() as transaction:
        await transaction.execute_query(_LOCK[transaction.capabilities.dialect])
        executor = MigrationExecutor(transaction, apps)
        executor.recorder = _PreparedRecorder(transaction)
        names = _names(await executor.plan())
        await executor.migrate(direction="forward")
    return names


async def missing(apps: dict[str, dict[str, Any]]) -> tuple[str, ...]:
    return _names(await MigrationExecutor(require_context().db(), apps).plan())


def _names(plan: list[Any]) -> tuple[str, ...]:
    return tuple(step.migration.name for step in plan)


def _schema_editor(connection: BaseDBAsyncClient) -> BaseSchemaEditor:
    editor = SqliteSchemaEditor if connection.capabilities.dialect == "sqlite" else AsyncpgSchemaEditor
    return editor(connection, atomic=False)
