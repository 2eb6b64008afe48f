"""`meridian bench`: figures of a node beside those of its bare parts."""

import os
import platform
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from cli.benchmarks.athlete import BenchFault
from cli.benchmarks.model import Bench
from cli.benchmarks.parts import PARTS, WITHOUT_NODE, Wish
from cli.benchmarks.world import NodeFailed, bench_world
from cli.demo_world import Backend
from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stderr
from cli.servers.errors import ServerError, ServerMissing

app = typer.Typer(no_args_is_help=True, help="Measure a node beside its bare parts.")

BackendOption = Annotated[Backend, typer.Option("--backend", help="Where rows are kept.")]
SamplesOption = Annotated[
    Path | None,
    typer.Option("--samples", help="Upload the workout files of this folder.", file_okay=False, exists=True),
]
OutputOption = Annotated[OutputFormat, typer.Option("--output", help="json on one line, or yaml.")]
ScaleOption = Annotated[
    float, typer.Option("--scale", min=0.001, max=1, help="Below 1: fewer files, requests and rounds.")
]
IMPORT_PROCESSES = 2
DAILY = ("boards", "imports", "reads", "lists", "footprint", "enforcement", "withdrawal")


@app.command("import")
def imports(
    backend: BackendOption = "sqlite",
    samples: SamplesOption = None,
    scale: ScaleOption = 1.0,
    output: OutputOption = OutputFormat.JSON,
) -> None:
    """Upload 400 files with 8 clients, until each workout is readable.

    Example: meridian bench import --backend cassandra
    """
    _measure(("imports",), Wish(backend, samples, scale), output)


@app.command()
def read(
    backend: BackendOption = "sqlite",
    samples: SamplesOption = None,
    scale: ScaleOption = 1.0,
    output: OutputOption = OutputFormat.JSON,
) -> None:
    """Read single workouts, in turns with a bare route.

    Example: meridian bench read --scale 0.2
    """
    _measure(("reads",), Wish(backend, samples, scale), output)


@app.command()
def lists(
    backend: BackendOption = "sqlite", scale: ScaleOption = 1.0, output: OutputOption = OutputFormat.JSON
) -> None:
    """List and sum the workouts of somebody who has 100 and of somebody who has 10,000.

    Example: meridian bench lists
    """
    _measure(("lists",), Wish(backend, None, scale), output)


@app.command()
def footprint(
    backend: BackendOption = "sqlite",
    samples: SamplesOption = None,
    scale: ScaleOption = 1.0,
    output: OutputOption = OutputFormat.JSON,
) -> None:
    """Time to start, memory at rest, and what samples take up.

    Example: meridian bench footprint
    """
    _measure(("footprint",), Wish(backend, samples, scale), output)


@app.command()
def growth(
    backend: BackendOption = "sqlite", scale: ScaleOption = 1.0, output: OutputOption = OutputFormat.JSON
) -> None:
    """Memory over 10,000 small uploads; takes many minutes.

    Example: meridian bench growth
    """
    _measure(("growth",), Wish(backend, None, scale), output)


@app.command()
def erasure(
    backend: BackendOption = "sqlite", scale: ScaleOption = 1.0, output: OutputOption = OutputFormat.JSON
) -> None:
    """Erase somebody with 5,000 workouts, alone in the store and among 1,000 others.

    Example: meridian bench erasure --scale 0.1
    """
    _measure(("erasure",), Wish(backend, None, scale), output)


@app.command()
def enforcement(
    backend: BackendOption = "sqlite",
    samples: SamplesOption = None,
    scale: ScaleOption = 1.0,
    output: OutputOption = OutputFormat.JSON,
) -> None:
    """Read workouts and lists of 20, in turns with a node whose gate allows all.

    Example: meridian bench enforcement --backend cassandra
    """
    _measure(("enforcement",), Wish(backend, samples, scale), output)


@app.command()
def withdrawal(
    backend: BackendOption = "sqlite", scale: ScaleOption = 1.0, output: OutputOption = OutputFormat.JSON
) -> None:
    """Take consents back while 200 readers race, on two processes, with the queue stopped.

    Example: meridian bench withdrawal --scale 0.1
    """
    _measure(("withdrawal",), Wish(backend, None, scale), output)


@app.command()
def boards(scale: ScaleOption = 1.0, output: OutputOption = OutputFormat.JSON) -> None:
    """Ranks and updates of a leaderboard of 10,000 and of one of 1,000,000, in turns with a sorted list.

    Example: meridian bench boards --output json
    """
    _measure(("boards",), Wish("sqlite", None, scale), output)


@app.command("all")
def everything(
    backend: BackendOption = "sqlite",
    samples: SamplesOption = None,
    scale: ScaleOption = 1.0,
    output: OutputOption = OutputFormat.JSON,
) -> None:
    """All but growth and erasure, one after the other on the same servers.

    The last line on stdout is one JSON document. Exits 1 when a target is missed, 2 when software is
    missing, 6 when a server fails.

    Example: meridian bench all --samples ~/workouts
    """
    _measure(DAILY, Wish(backend, samples, scale), output)


def _measure(names: tuple[str, ...], wish: Wish, output: OutputFormat) -> None:
    load = round(os.getloadavg()[0], 2)
    on_node = [name for name in names if name in PARTS]
    try:
        found = _without_node([name for name in names if name in WITHOUT_NODE], wish)
        if on_node:
            with _directory() as directory:
                found |= uvloop.run(_run(on_node, wish, directory))
    except ServerMissing as fault:
        stderr.print(str(fault), markup=False)
        raise typer.Exit(ExitCode.USAGE) from fault
    except (ServerError, NodeFailed, BenchFault) as fault:
        stderr.print(str(fault), markup=False)
        raise typer.Exit(ExitCode.UNREACHABLE) from fault
    bench = Bench(
        cores=len(os.sched_getaffinity(0)),
        python=platform.python_version(),
        load_before=load,
        scale=wish.scale,
        **found,
        ok=all(reached for figures in found.values() for reached in figures.met.values()),
    )
    emit(bench, output)
    if not bench.ok:
        raise typer.Exit(ExitCode.DIFFERENCES)


def _without_node(names: list[str], wish: Wish) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in names:
        stderr.print(f"measuring: {name} ...")
        found[name] = WITHOUT_NODE[name](wish)
        _tell(name, found[name].met)
    return found


async def _run(names: list[str], wish: Wish, directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    stderr.print(f"preparing a node on {wish.backend} ...")
    async with bench_world(directory, wish.backend, import_processes=IMPORT_PROCESSES) as world:
        for name in names:
            stderr.print(f"measuring: {name} ...")
            found[name] = await PARTS[name](world, wish)
            _tell(name, found[name].met)
    return found


def _tell(name: str, met: dict[str, bool]) -> None:
    for target, reached in met.items():
        stderr.print(f"  {name} {target}: {'reached' if reached else 'missed'}", markup=False)


@contextmanager
def _directory() -> Iterator[Path]:
    """On the disk of the working directory: a temporary folder may lie in memory, where nothing is synced."""
    parent = Path(".meridian")
    parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=parent) as name:
        yield Path(name).resolve()
