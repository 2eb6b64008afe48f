"""`meridian tenant`: the organisations on this node, and the host names that lead to them."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.control_session import (
    ControlUrl,
    TokenFile,
    caller,
    default_control_url,
    exit_statuses,
    on_database,
    utc_now,
)
from cli.output import OutputFormat, emit, stdout
from cli.settings_option import settings_or_exit
from region_node.backends import control_url as url_of
from region_node.control.audit import AuditLog
from region_node.control.database import ControlDatabase
from region_node.control.operators import OperatorRegistry
from region_node.control.records import AuditEntry, Outcome, Tenant
from region_node.control.tenants import TenantStore

app = typer.Typer(no_args_is_help=True, help="List and add tenants and their host names.")
Output = Annotated[OutputFormat, typer.Option(help="text for people, json or yaml for programs.")]
TenantId = Annotated[str, typer.Argument(help="Small letters, digits and dashes.", metavar="TENANT")]
Work = Callable[[ControlDatabase], Awaitable[None]]
Host = Annotated[str, typer.Argument(help="A host name that requests come for.")]


@app.callback()
def tenant(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", envvar="MERIDIAN_CONFIG", help="Settings file that names the control database."
        ),
    ] = None,
) -> None:
    """The control database is the one of --config, unless --control-url names another."""
    if config is not None:
        default_control_url(context, url_of(settings_or_exit(config)))


@app.command("list", epilog="Example: meridian tenant list --output json")
def list_tenants(token_file: TokenFile, control_url: ControlUrl, output: Output = OutputFormat.TEXT) -> None:
    """All tenants with their host names."""

    async def work(database: ControlDatabase) -> tuple[Tenant, ...]:
        await caller(OperatorRegistry(database, clock=utc_now), token_file, action="tenant.list")
        return await TenantStore(database).all()

    with exit_statuses():
        tenants = on_database(control_url, work)
    if output is not OutputFormat.TEXT:
        emit(tenants, output)
        return
    table = Table("tenant", "name", "hosts")
    for one in tenants:
        table.add_row(one.id, one.name, ", ".join(one.hosts))
    stdout.print(table)


@app.command(epilog="Example: meridian tenant add riders --name Riders --host riders.example")
def add(
    tenant_id: TenantId,
    name: Annotated[str, typer.Option(help="Its name for people.")],
    host: Annotated[list[str], typer.Option(help="A host name of it; repeatable.")],
    token_file: TokenFile,
    control_url: ControlUrl,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Add a tenant; running nodes know it within a minute."""

    async def work(database: ControlDatabase) -> None:
        await TenantStore(database).add(Tenant(id=tenant_id, name=name, hosts=tuple(host)))

    _change(control_url, token_file, "tenant.add", tenant_id, work)
    _show(output, tenant_id, tuple(host))


@app.command("add-host", epilog="Example: meridian tenant add-host default sport.example")
def add_host(
    tenant_id: TenantId,
    host: Host,
    token_file: TokenFile,
    control_url: ControlUrl,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Let one more host name lead to a tenant; running nodes know it within a minute."""

    async def work(database: ControlDatabase) -> None:
        await TenantStore(database).add_host(tenant_id, host)

    _change(control_url, token_file, "tenant.add-host", tenant_id, work)
    _show(output, tenant_id, (host,))


def _change(control_url: str, token_file: Path, action: str, tenant_id: str, work: Work) -> None:
    """Prove who calls, do it, record it."""

    async def recorded(database: ControlDatabase) -> None:
        operator = await caller(OperatorRegistry(database, clock=utc_now), token_file, action=action)
        await work(database)
        entry = AuditEntry(
            at=utc_now(), operator_id=operator.id, action=action, target=tenant_id, outcome=Outcome.DONE
        )
        await AuditLog(database).append(entry)

    with exit_statuses():
        on_database(control_url, recorded)


def _show(output: OutputFormat, tenant_id: str, hosts: tuple[str, ...]) -> None:
    if output is OutputFormat.TEXT:
        stdout.print(f"{tenant_id}: {', '.join(hosts)}", markup=False)
    else:
        emit({"tenant": tenant_id, "hosts": hosts}, output)
