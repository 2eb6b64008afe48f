"""`meridian services`: the real servers that a node of this machine works with."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stderr, stdout
from cli.servers.choice import choose_cassandra
from cli.servers.containers import ContainerServer
from cli.servers.errors import ServerError, ServerMissing
from cli.servers.nats import NatsServer
from cli.servers.postgres import PostgresServer
from cli.servers.process_server import ProcessServer
from cli.servers.server import Server
from region_node.security.private_files import PrivateFileError

DIRECTORY = Path(".meridian/services")
MIB = 1024 * 1024

app = typer.Typer(no_args_is_help=True, help="Run NATS, Cassandra and PostgreSQL for a node on this machine.")


class State(StrEnum):
    READY = "ready"
    NOT_READY = "not-ready"
    STOPPED = "stopped"


class Form(StrEnum):
    PROCESS = "process"
    CONTAINER = "container"


class ServiceStatus(msgspec.Struct, frozen=True, kw_only=True):
    """`url` holds no password; `node_settings` goes into a node's settings file and names files that do."""

    name: str
    state: State
    form: Form
    url: str
    directory: str
    pid: int | None
    memory_bytes: int | None
    node_settings: dict[str, dict[str, str | int | list[str]]]


def _nats(directory: Path, _containers: bool) -> Server:
    return NatsServer(directory)


def _cassandra(directory: Path, containers: bool) -> Server:
    return choose_cassandra(directory, containers=containers)


def _postgres(directory: Path, _containers: bool) -> Server:
    return PostgresServer(directory)


SERVICES: dict[str, Callable[[Path, bool], Server]] = {
    "nats": _nats,
    "cassandra": _cassandra,
    "postgres": _postgres,
}


def _names(value: str) -> list[str]:
    names = [name.strip() for name in value.split(",") if name.strip()]
    unknown = sorted(set(names) - SERVICES.keys())
    if unknown or not names:
        raise typer.BadParameter(
            f"unknown: {', '.join(unknown) or 'nothing'}; choose of {', '.join(SERVICES)}"
        )
    return [name for name in SERVICES if name in names]


Only = Annotated[str, typer.Option(help="Comma-separated: nats, cassandra, postgres.")]
Directory = Annotated[Path, typer.Option(help="Where data, logs, pid files and secrets are kept.")]
Containers = Annotated[
    bool, typer.Option("--containers", help="Cassandra in a container where a docker engine has an image.")
]
Output = Annotated[OutputFormat, typer.Option(help="Text for people, JSON or YAML for programs.")]
ALL = ",".join(SERVICES)


@app.command()
def up(
    only: Only = ALL,
    directory: Directory = DIRECTORY,
    containers: Containers = False,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Start what does not run yet, and wait until it answers. Safe to repeat.

    Exits 2 when software is missing, and names the packages; 6 when a server did not start.

    Example: meridian services up --only nats,cassandra
    """
    statuses = []
    for name in _names(only):
        if output is OutputFormat.TEXT:
            stderr.print(f"starting {name} ...")
        try:
            server = SERVICES[name](directory / name, containers)
            server.start()
        except ServerMissing as fault:
            _fail(str(fault), ExitCode.USAGE)
        except (ServerError, PrivateFileError) as fault:
            _fail(str(fault), ExitCode.UNREACHABLE)
        statuses.append(_status(server))
    _show(statuses, output)


@app.command()
def down(only: Only = ALL, directory: Directory = DIRECTORY, output: Output = OutputFormat.TEXT) -> None:
    """Stop what `up` started there, and nothing else. Data stays. Safe to repeat.

    Example: meridian services down --directory .meridian/services
    """
    servers = [SERVICES[name](directory / name, False) for name in reversed(_names(only))]
    for server in servers:
        server.stop()
    _show([_status(server) for server in servers], output)


@app.command()
def status(only: Only = ALL, directory: Directory = DIRECTORY, output: Output = OutputFormat.TEXT) -> None:
    """Say what runs, where, and how much memory it takes.

    Exits 6 unless every service asked for answers.

    Example: meridian services status --output json
    """
    statuses = [_status(SERVICES[name](directory / name, False)) for name in _names(only)]
    _show(statuses, output)
    if any(entry.state is not State.READY for entry in statuses):
        raise typer.Exit(ExitCode.UNREACHABLE)


def _status(server: Server) -> ServiceStatus:
    running = server.running
    answering = State.READY if running and server.ready() else State.NOT_READY
    return ServiceStatus(
        name=server.name,
        state=answering if running else State.STOPPED,
        form=Form.CONTAINER if isinstance(server, ContainerServer) else Form.PROCESS,
        url=server.url,
        directory=str(server.directory),
        pid=server.process.pid() if isinstance(server, ProcessServer) else None,
        memory_bytes=server.memory_bytes() if running else None,
        node_settings=server.node_settings if running else {},
    )


def _show(statuses: list[ServiceStatus], output: OutputFormat) -> None:
    if output is not OutputFormat.TEXT:
        emit({"services": statuses}, output)
        return
    table = Table("service", "state", "form", "url", "pid", "memory", box=None)
    for entry in statuses:
        memory = f"{entry.memory_bytes / MIB:.0f} MiB" if entry.memory_bytes else ""
        url = entry.url if entry.state is not State.STOPPED else ""
        pid = str(entry.pid or "")
        table.add_row(entry.name, entry.state, entry.form, url, pid, memory)
    stdout.print(table, soft_wrap=True)
    for entry in statuses:
        if entry.node_settings:
            stdout.print(
                "\n" + msgspec.toml.encode(entry.node_settings).decode(), end="", markup=False, soft_wrap=True
            )


def _fail(message: str, code: ExitCode) -> None:
    stderr.print(f"[bold]error:[/bold] {message}", soft_wrap=True)
    raise typer.Exit(code)
