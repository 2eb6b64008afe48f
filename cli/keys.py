"""`meridian keys`: the key ring of a node, and the epochs of its key-encryption keys."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.table import Table

from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stderr, stdout
from cli.settings_option import ConfigOption, settings_or_exit
from region_node.backends import open_ring
from region_node.rotation import ensure_ring, epochs
from region_node.rotation import rotate as rotate_epoch
from region_node.security.keyring import EpochInUse, KeyRingError, UnknownJurisdiction
from region_node.security.private_files import PrivateFileError
from region_node.storage.errors import StorageError

app = typer.Typer(no_args_is_help=True, help="Make, rotate and destroy key-encryption keys.")
Output = Annotated[OutputFormat, typer.Option("--output", help="text for people, json or yaml for programs.")]
Jurisdiction = Annotated[str, typer.Argument(help="Whose keys: eu, br, us-ca, ...")]
_STATUSES: tuple[tuple[type[Exception], ExitCode], ...] = (
    (UnknownJurisdiction, ExitCode.NOT_FOUND),
    (EpochInUse, ExitCode.CONFLICT),
    (KeyRingError, ExitCode.REFUSED),
    (PrivateFileError, ExitCode.USAGE),
    (FileNotFoundError, ExitCode.USAGE),
    (StorageError, ExitCode.UNREACHABLE),
)


@contextmanager
def _exit_statuses() -> Iterator[None]:
    try:
        yield
    except tuple(kind for kind, _ in _STATUSES) as fault:
        stderr.print(str(fault), markup=False)
        raise typer.Exit(next(status for kind, status in _STATUSES if isinstance(fault, kind))) from None


@app.command()
def init(config: ConfigOption, output: Output = OutputFormat.TEXT) -> None:
    """Make the key ring that the settings name, with a key for each jurisdiction held here.

    Safe to repeat: a ring that is there is kept, and gets keys for new jurisdictions only.

    Example: meridian keys init --config config/node.example.toml
    """
    settings = settings_or_exit(config)
    with _exit_statuses():
        made = ensure_ring(settings)
    if output is OutputFormat.TEXT:
        stdout.print(f"{'made' if made else 'kept'} {settings.keys.ring_file}", soft_wrap=True)
    else:
        emit({"ring_file": str(settings.keys.ring_file), "made": made}, output)


@app.command()
def status(config: ConfigOption, output: Output = OutputFormat.TEXT) -> None:
    """List the epochs of each jurisdiction with their state.

    Example: meridian keys status --config config/node.example.toml --output json
    """
    with _exit_statuses():
        found = asyncio.run(epochs(settings_or_exit(config)))
    if output is not OutputFormat.TEXT:
        emit(found, output)
        return
    table = Table("jurisdiction", "epoch", "state", "since")
    for jurisdiction, own in found.items():
        for epoch in own:
            table.add_row(jurisdiction, str(epoch.number), epoch.state, f"{epoch.created_at:%Y-%m-%d %H:%M}")
    stdout.print(table)


@app.command()
def rotate(jurisdiction: Jurisdiction, config: ConfigOption, output: Output = OutputFormat.TEXT) -> None:
    """Start a new epoch, rewrap every living key, end the old epochs.

    Example: meridian keys rotate eu --config config/node.example.toml
    """
    with _exit_statuses():
        done = asyncio.run(rotate_epoch(settings_or_exit(config), jurisdiction))
    if output is OutputFormat.TEXT:
        stdout.print(f"epoch {done.epoch} of {done.jurisdiction}: {done.rewrapped} keys rewrapped")
    else:
        emit(done, output)


@app.command()
def destroy(
    jurisdiction: Jurisdiction,
    epoch: Annotated[int, typer.Argument(help="Number of an ended epoch.")],
    config: ConfigOption,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Destroy an ended epoch: nothing that it wrapped can be opened again, by anyone, backups included.

    Example: meridian keys destroy eu 1 --config config/node.example.toml
    """
    settings = settings_or_exit(config)
    with _exit_statuses():
        asyncio.run(open_ring(settings).destroy(jurisdiction, epoch))
    if output is OutputFormat.TEXT:
        stdout.print(f"epoch {epoch} of {jurisdiction} is destroyed")
    else:
        emit({"jurisdiction": jurisdiction, "epoch": epoch, "destroyed": True}, output)
