"""`meridian db`: bring the stores of a node to this version."""

import asyncio
from typing import Annotated

import typer
from rich.progress import Progress
from rich.table import Table

from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stderr, stdout
from cli.settings_option import ConfigOption, settings_or_exit
from region_node.control.database import ControlUnavailable
from region_node.control.store import AlreadyThere
from region_node.migrating import migrate_node
from region_node.migrating import status as node_status
from region_node.storage.errors import StorageError

app = typer.Typer(no_args_is_help=True, help="Migrate and check the stores of a node.")
Output = Annotated[OutputFormat, typer.Option("--output", help="text for people, json or yaml for programs.")]


@app.command()
def migrate(config: ConfigOption, output: Output = OutputFormat.TEXT) -> None:
    """Make the keyspaces, tables and columns that are missing. Safe to repeat.

    Exits 5 when a policy pack that ships was changed without a new version.

    Example: meridian db migrate --config config/node.example.toml
    """
    settings = settings_or_exit(config)
    with Progress(console=stderr, transient=True) as progress:
        task = progress.add_task("migrating", total=None)

        def tell(space: str, done: int, total: int) -> None:
            progress.update(task, description=space, completed=done, total=total)

        try:
            done = asyncio.run(migrate_node(settings, tell))
        except (StorageError, ControlUnavailable) as fault:
            stderr.print(f"not migrated: {fault}", markup=False)
            raise typer.Exit(ExitCode.UNREACHABLE) from fault
        except AlreadyThere as fault:
            stderr.print(f"not migrated: {fault}", markup=False)
            raise typer.Exit(ExitCode.CONFLICT) from fault
    if output is OutputFormat.TEXT:
        stdout.print(f"{done.applied} migrations in {done.spaces} spaces, {done.seconds} s")
        for pack in done.packs_waiting:
            stdout.print(f"pack {pack} waits for two people: see meridian policy propose --help")
    else:
        emit(done, output)


@app.command()
def status(config: ConfigOption, output: Output = OutputFormat.TEXT) -> None:
    """Say which migrations each space lacks; exits 1 when any does.

    Example: meridian db status --config config/node.example.toml --output json
    """
    try:
        missing = asyncio.run(node_status(settings_or_exit(config)))
    except StorageError as fault:
        stderr.print(str(fault), markup=False)
        raise typer.Exit(ExitCode.UNREACHABLE) from fault
    if output is OutputFormat.TEXT:
        table = Table("space", "missing")
        for space, numbers in missing.items():
            table.add_row(space, ", ".join(map(str, numbers)) or "none")
        stdout.print(table)
    else:
        emit(missing, output)
    if any(missing.values()):
        raise typer.Exit(ExitCode.DIFFERENCES)
