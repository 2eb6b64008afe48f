"""`meridian demo`: four regions with people and workouts, from nothing, on this machine."""

import asyncio
import os
import signal
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer
import uvloop
from rich.progress import Progress

from cli.demo_audit import audited
from cli.demo_client import DemoFault
from cli.demo_convergence import converged
from cli.demo_directory import LOG_FOLDER, LOG_NAME, DirectoryTaken, claim_directory
from cli.demo_homes import Homes
from cli.demo_network import DemoNetwork, NetworkOptions
from cli.demo_people import STRANGER
from cli.demo_report import (
    Outcome,
    Totals,
    faults_of,
    faults_of_audit,
    faults_of_convergence,
    table_of,
    totals_of,
)
from cli.demo_run import Bringing, folder_files, own_files, refused_stranger, run_story
from cli.demo_world import Backend
from cli.exit_codes import ExitCode
from cli.output import emit, stderr, stdout
from cli.servers.errors import ServerError, ServerMissing
from policies.vocabulary import Region
from region_node.lifecycle import Node, start
from region_node.observability.logs import configure_logging

app = typer.Typer()
DEFAULT_DIRECTORY = Path(".meridian/demo")


@app.command()
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="End after the figures instead of staying up.")
    ] = False,
    samples: Annotated[
        Path | None,
        typer.Option(
            "--samples", help="Upload the workout files of this folder.", file_okay=False, exists=True
        ),
    ] = None,
    backend: Annotated[Backend, typer.Option("--backend", help="Where rows are kept.")] = "sqlite",
    directory: Annotated[
        Path, typer.Option("--directory", help="Of the demo alone: made empty at each start.")
    ] = DEFAULT_DIRECTORY,
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0 takes a free one.")] = 0,
) -> None:
    """Start nodes of four regions, let people of several countries upload workouts, show what came out.

    The last line on stdout is JSON; `ok` is computed from what was read back through the API.
    Exits 1 when something does not fit together, 2 when software is missing, 5 when the directory holds
    something else or another demo, 6 when a server fails.

    Example: meridian demo --once --backend cassandra
    """
    try:
        held = claim_directory(directory)
    except DirectoryTaken as fault:
        stderr.print(str(fault), markup=False)
        raise typer.Exit(ExitCode.CONFLICT) from fault
    (directory / LOG_FOLDER).mkdir(mode=0o700, exist_ok=True)
    log = os.fdopen(
        os.open(directory / LOG_FOLDER / LOG_NAME, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb"
    )
    configure_logging(stream=log)
    options = NetworkOptions(directory=directory.resolve(), backend=backend, port=port, tell=stderr.print)
    try:
        bringing = folder_files(samples) if samples else own_files()
        totals = uvloop.run(_demo(options, bringing, stay=not once))
    except ServerMissing as fault:
        stderr.print(str(fault), markup=False)
        raise typer.Exit(ExitCode.USAGE) from fault
    except (ServerError, DemoFault) as fault:
        stderr.print(str(fault), markup=False)
        raise typer.Exit(ExitCode.UNREACHABLE) from fault
    finally:
        held.close()
    if not totals.ok:
        raise typer.Exit(ExitCode.DIFFERENCES)


async def _demo(options: NetworkOptions, bringing: list[Bringing], *, stay: bool) -> Totals:
    begin = time.monotonic()
    async with DemoNetwork(options) as network, AsyncExitStack() as stack:
        migrated = await network.prepare()
        spaces, seconds = sum(one.spaces for one in migrated), sum(one.seconds for one in migrated)
        stderr.print(f"{len(migrated)} regions with {spaces} spaces made in {seconds:.1f} s")
        nodes = await _start_nodes(network, stack)
        homes = Homes(
            network.facts, {region: f"http://127.0.0.1:{node.port}" for region, node in nodes.items()}
        )
        with Progress(console=stderr) as progress:
            reports, consents = await run_story(homes, bringing, progress)
        convergence = await converged([node.container for node in nodes.values()])
        reason = await refused_stranger(homes)
        stderr.print("reading the stores ...")
        common = options.directory / LOG_FOLDER
        audits = [await audited(one.settings(), (one.logs, common)) for one in network.regions.values()]
        faults = [f"{report.person.name}: {fault}" for report in reports for fault in faults_of(report)]
        faults += [*consents.faults, *faults_of_convergence(convergence)]
        faults += [*(fault for audit in audits for fault in faults_of_audit(audit))]
        for fault in faults:
            stderr.print(fault, markup=False, style="red")
        stdout.print(table_of(reports))
        stdout.print(f"{STRANGER.name} ({STRANGER.place}) cannot join: {reason}", markup=False)
        for region, url in homes.urls.items():
            stdout.print(f"{region}: {url}/v1/docs", markup=False)
        outcome = Outcome(
            regions=len(homes.urls),
            convergence=convergence,
            residency_findings=sum(len(audit.findings) for audit in audits),
            seconds=time.monotonic() - begin,
            ok=not faults and bool(reports),
        )
        totals = totals_of(reports, consents, outcome)
        emit(totals)
        if stay:
            stderr.print("The nodes stay up; Ctrl-C ends them.")
            await _until_signal()
    return totals


async def _start_nodes(network: DemoNetwork, stack: AsyncExitStack) -> dict[Region, Node]:
    """A node of each region, all in this process."""
    nodes = {}
    for region in network.regions.values():
        log = stack.enter_context((region.logs / "requests.log").open("wb"))
        nodes[region.name] = await start(region.settings(), log)
        stack.push_async_callback(nodes[region.name].stop)
    return nodes


async def _until_signal() -> None:
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()
