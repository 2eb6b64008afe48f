"""The control database: SQLite by default, PostgreSQL in production; opened, migrated and closed by its URL.

Several of the same engine can be open in one process: each operation runs in a context of its own, so that
transactions of concurrent requests never meet.
"""

import asyncio
import contextvars
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import aiosqlite
import asyncpg  # type: ignore[import-untyped] # ships no types; only its exceptions are used
from tortoise.backends.base.config_generator import expand_db_url
from tortoise.context import TortoiseContext, require_context
from tortoise.exceptions import (
    ConfigurationError,
    DBConnectionError,
    IntegrityError,
    OperationalError,
    TransactionManagementError,
)
from tortoise.transactions import in_transaction

from region_node.control.migrating import migrate, missing

T = TypeVar("T")

_FAILURES = (
    DBConnectionError,
    OperationalError,
    TransactionManagementError,
    OSError,
    aiosqlite.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
)
_SQLITE_PRAGMAS = {
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "secure_delete": "ON",
    "busy_timeout": 5000,
}


class ControlUnavailable(Exception):
    """The control database does not answer; retry later. The message holds no URL, it may have a password."""


class ControlUrlError(ValueError):
    """Neither `sqlite://PATH` nor `postgresql://...`."""


class ControlDatabase:
    """An open control database; `async with await ControlDatabase.open(url)` closes it at the end."""

    def __init__(self, context: TortoiseContext, apps: dict[str, dict[str, Any]]) -> None:
        self._context = context
        self._apps = apps

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect to *url*, making a SQLite file (mode 0600) that is not there yet.

        Raises:
            ControlUrlError: Not a URL of a database that can be used.
            ControlUnavailable: The server does not answer, or the file cannot be made.
        """
        connection = _connection(url)
        # Tortoise keeps statements by the connection's name, and the engines spell them differently.
        name = str(connection["engine"])
        app = {
            "models": ["region_node.control.models"],
            "migrations": "region_node.control.migrations",
            "default_connection": name,
        }
        context = TortoiseContext()
        database = cls(context, {"control": app})
        try:
            await database.run(
                context.init(config={"connections": {name: connection}, "apps": {"control": app}})
            )
            await database.run(_ping())
        except BaseException:
            await database.close()
            raise
        return database

    async def run(self, operation: Coroutine[Any, Any, T]) -> T:
        """Run *operation*, which uses the models of this package, on this database."""
        context = contextvars.copy_context()
        context.run(self._context.__enter__)
        try:
            return await asyncio.get_running_loop().create_task(operation, context=context)
        except IntegrityError:
            raise
        except _FAILURES as error:
            raise ControlUnavailable(
                f"the control database does not do its work ({type(error).__name__})"
            ) from error

    async def run_in_transaction(self, operation: Coroutine[Any, Any, T]) -> T:
        """Run *operation* as a whole or, if it raises, not at all."""
        return await self.run(_in_transaction(operation))

    async def migrate(self) -> tuple[str, ...]:
        """Apply what is missing, in one transaction, and return the names of what was applied."""
        return await self.run(migrate(self._apps))

    async def missing_migrations(self) -> tuple[str, ...]:
        """Names of what `migrate` would apply; a node does not start while there are any."""
        return await self.run(missing(self._apps))

    async def close(self) -> None:
        await self.run(self._context.close_connections())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def _in_transaction(operation: Coroutine[Any, Any, T]) -> T:
    async with in_transaction():
        return await operation


async def _ping() -> None:
    await require_context().db().execute_query("SELECT 1")


def _connection(url: str) -> dict[str, Any]:
    kind, separator, rest = url.partition("://")
    if kind == "sqlite" and rest:
        return {
            "engine": "tortoise.backends.sqlite",
            "credentials": {"file_path": str(_private_file(Path(rest))), **_SQLITE_PRAGMAS},
        }
    if kind not in {"postgres", "postgresql", "asyncpg"} or not separator:
        raise ControlUrlError("a control database is sqlite://PATH or postgresql://USER@HOST/NAME")
    try:
        expanded = expand_db_url(f"asyncpg://{rest}")
    except (ConfigurationError, ValueError):
        raise ControlUrlError("the URL of the control database cannot be read") from None
    return {**expanded, "credentials": {"minsize": 1, "maxsize": 4, **expanded["credentials"]}}


def _private_file(path: Path) -> Path:
    try:
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise ControlUnavailable(f"{path} cannot be made ({type(error).__name__})") from error
    return path
