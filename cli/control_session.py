"""What commands on the control database share: opening it, proving who calls, and exit statuses."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ulid import ULID

from cli.exit_codes import ExitCode
from cli.output import stderr
from region_node.control.act_errors import ActConflict, ActNotFound, ActRefused
from region_node.control.acts import Act, ActUnreadable, Body, canonical, sign_act
from region_node.control.database import ControlDatabase, ControlUnavailable, ControlUrlError
from region_node.control.operators import OperatorRegistry
from region_node.control.records import Operator, PackText
from region_node.control.store import AlreadyThere
from region_node.security.approval_keys import ApprovalKeyError, PassphraseNeeded, read_approval_key
from region_node.security.private_files import PrivateFileError, create_private, read_private

T = TypeVar("T")

_STATUSES: tuple[tuple[type[Exception], ExitCode], ...] = (
    (ActNotFound, ExitCode.NOT_FOUND),
    (ActConflict, ExitCode.CONFLICT),
    (ActRefused, ExitCode.REFUSED),
    (AlreadyThere, ExitCode.CONFLICT),
    (FileExistsError, ExitCode.CONFLICT),
    (ControlUnavailable, ExitCode.UNREACHABLE),
    (ControlUrlError, ExitCode.USAGE),
    (ActUnreadable, ExitCode.USAGE),
    (ApprovalKeyError, ExitCode.USAGE),
    (PrivateFileError, ExitCode.USAGE),
    (OSError, ExitCode.USAGE),
)


def utc_now() -> datetime:
    return datetime.now(UTC)


def without_password(context: typer.Context, parameter: typer.CallbackParam, url: str) -> str:
    """Process arguments can be seen by everybody on the machine, the environment cannot."""
    source = context.get_parameter_source(parameter.name or "")
    if source is not None and source.name == "COMMANDLINE" and urlsplit(url).password:
        raise typer.BadParameter("a URL with a password belongs in MERIDIAN_CONTROL_URL, not in an argument")
    return url


ControlUrl = Annotated[
    str,
    typer.Option(
        envvar="MERIDIAN_CONTROL_URL",
        callback=without_password,
        show_envvar=True,
        help="The control database: sqlite://PATH or postgresql://USER@HOST/NAME.",
    ),
]
TokenFile = Annotated[
    Path,
    typer.Option(envvar="MERIDIAN_TOKEN_FILE", show_envvar=True, help="The file with your operator token."),
]


def default_control_url(context: typer.Context, url: str) -> None:
    """The commands under *context* use *url* where neither option nor environment names another."""
    commands = getattr(context.command, "commands", {})
    context.default_map = {name: {"control_url": url} for name in commands}


@contextmanager
def exit_statuses() -> Iterator[None]:
    """Turn what can go wrong into one line on stderr and the exit status that scripts rely on."""
    try:
        yield
    except tuple(kind for kind, _ in _STATUSES) as error:
        text = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else str(error)
        stderr.print(text, markup=False, soft_wrap=True)
        raise typer.Exit(next(status for kind, status in _STATUSES if isinstance(error, kind))) from None


def on_registry(control_url: str, work: Callable[[OperatorRegistry], Awaitable[T]]) -> T:
    """Run *work* on the control database, which must have all its tables."""

    async def registered(database: ControlDatabase) -> T:
        return await work(OperatorRegistry(database, clock=utc_now))

    return on_database(control_url, registered)


def on_database(control_url: str, work: Callable[[ControlDatabase], Awaitable[T]]) -> T:
    """Run *work* on the control database, which must have all its tables."""

    async def connected() -> T:
        async with await ControlDatabase.open(control_url) as database:
            if await database.missing_migrations():
                raise ControlUrlError("the control database lacks tables: run meridian db migrate")
            return await work(database)

    return asyncio.run(connected())


async def caller(registry: OperatorRegistry, token_file: Path, *, action: str) -> Operator:
    """The operator whose token is in *token_file*; the attempt is recorded."""
    token = read_private(token_file).decode("ascii", errors="replace")
    return await registry.authenticate(token, action=action)


def private_key(path: Path) -> Ed25519PrivateKey:
    """The approval key in *path*, asking for its passphrase if it has one."""
    try:
        return read_approval_key(path)
    except PassphraseNeeded:
        passphrase = typer.prompt(f"Passphrase of {path}", hide_input=True, err=True)
        return read_approval_key(path, passphrase=passphrase.encode())


async def propose(
    registry: OperatorRegistry,
    proposer: Operator,
    body: Body,
    key: Ed25519PrivateKey,
    act_file: Path | None,
    pack: PackText | None = None,
) -> tuple[Act, Path]:
    """Sign an act here, have it recorded, and leave its document for a second operator."""
    act = Act(act_id=str(ULID()), proposer_id=proposer.id, proposed_at=utc_now(), body=body)
    document = canonical(act)
    path = act_file or Path(f"{act.act_id}.act.json")
    async with new_files({path: document}):
        await registry.propose(proposer, document, sign_act(document, key), pack)
    return act, path


@asynccontextmanager
async def new_files(contents: dict[Path, bytes]) -> AsyncIterator[None]:
    """Write files of mode 0600 before the step that makes them count, and take them back if it fails."""
    written: list[Path] = []
    try:
        for path, content in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            create_private(path, content)
            written.append(path)
        yield
    except BaseException:
        for path in written:
            path.unlink()
        raise
