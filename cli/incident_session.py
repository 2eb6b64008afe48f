"""What commands on incidents share: who calls, what they may write, and exit statuses."""

import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import typer

from cli.control_session import caller, exit_statuses, on_database, utc_now
from cli.exit_codes import ExitCode
from cli.output import stderr
from region_node.control.database import ControlDatabase
from region_node.control.incidents import IncidentNotFound, IncidentStore, NotAssessed
from region_node.control.operators import OperatorRegistry
from region_node.control.records import Operator
from region_node.storage.errors import StorageUnavailable

T = TypeVar("T")
PERSONAL = re.compile(r"@|\b[a-z]{2}(-[a-z0-9]{1,3})?_[0-7][0-9a-hjkmnp-tv-z]{25}\b")


def instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as fault:
        raise typer.BadParameter("write an instant as 2026-11-21T14:30:00+01:00") from fault
    if moment.tzinfo is None:
        raise typer.BadParameter("say the offset as well, such as 2026-11-21T14:30:00Z")
    return moment.astimezone(UTC)


def impersonal(text: str) -> str:
    if PERSONAL.search(text):
        raise typer.BadParameter("no address and no person's id: the record is kept where none may lie")
    return text


Work = Callable[[Operator, IncidentStore], Awaitable[T]]


def on_incidents(control_url: str, token_file: Path, action: str, work: Work[T]) -> T:
    """Prove who calls, then do it; what changes something records itself."""

    async def proven(database: ControlDatabase) -> T:
        operator = await caller(OperatorRegistry(database, clock=utc_now), token_file, action=action)
        return await work(operator, IncidentStore(database))

    with exit_statuses(), own_statuses():
        return on_database(control_url, proven)


_STATUSES = (
    (IncidentNotFound, ExitCode.NOT_FOUND),
    (NotAssessed, ExitCode.CONFLICT),
    (StorageUnavailable, ExitCode.UNREACHABLE),
)


@contextmanager
def own_statuses() -> Iterator[None]:
    try:
        yield
    except tuple(kind for kind, _ in _STATUSES) as fault:
        stderr.print(str(fault), markup=False, soft_wrap=True)
        raise typer.Exit(next(status for kind, status in _STATUSES if isinstance(fault, kind))) from None
