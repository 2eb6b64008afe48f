"""``meridian workout``: look into workout files without a node."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.markup import escape
from rich.table import Table

from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stderr, stdout
from region_node.features.workouts.analyse import Outcome, analyse_outcomes, refusal_document, refusal_of
from region_node.features.workouts.document import WorkoutDocument

app = typer.Typer(no_args_is_help=True, help="Analyse workout files without a node.")


@app.callback()
def workout() -> None:
    """Analyse workout files without a node."""


@app.command(
    epilog="Example: meridian workout analyse morning-run.fit activities.zip --output json",
)
def analyse(
    files: Annotated[
        list[str], typer.Argument(metavar="FILE...", help="FIT, GPX or TCX, plain or packed as gzip or zip.")
    ],
    output: Annotated[OutputFormat, typer.Option("--output", "-o", help="How to print.")] = OutputFormat.TEXT,
) -> None:
    """Print every workout in FILE..., or why a file was refused.

    Exits 0 when every file was imported, 1 when none was, 7 when some were, and 2 when a file is not there.
    """
    missing = [name for name in files if not Path(name).is_file()]
    for name in missing:
        stderr.print(f"{escape(name)}: not_found: there is no such file", soft_wrap=True)
    if missing:
        raise typer.Exit(ExitCode.USAGE)
    imported = sum(_show(name, output) for name in files)
    if imported == len(files):
        return
    raise typer.Exit(ExitCode.PARTIAL if imported else ExitCode.DIFFERENCES)


def _show(name: str, output: OutputFormat) -> bool:
    """Print what is in one file as soon as it is known; say whether it held a workout."""
    refused: list[Outcome] = []
    imported = False
    for outcome in _outcomes(name):
        if outcome.refusal is not None:
            refused.append(outcome)
        for one in outcome.workouts:
            imported = True
            if output is OutputFormat.TEXT:
                stdout.print(_table(one.document))
            else:
                emit(one.document, output)
    if not imported:
        document = refusal_document(name, refusal_of(refused))
        if output is OutputFormat.TEXT:
            stdout.print(
                f"{escape(name)}: {document.title}. {document.detail} ({document.code})", soft_wrap=True
            )
        else:
            emit(document, output)
    return imported


def _outcomes(name: str) -> Iterator[Outcome]:
    with Path(name).open("rb") as source:
        yield from analyse_outcomes(name, source, now=datetime.now(UTC))


def _table(document: WorkoutDocument) -> Table:
    """The device's figures beside the computed ones."""
    table = Table(title=escape(f"{document.file} ({document.part})"), title_justify="left")
    table.add_column("")
    table.add_column("workout", justify="right")
    table.add_column("computed", justify="right")
    table.add_row("sport", f"{document.sport}/{document.sub_sport}", "")
    table.add_row("started", document.started_at or "-", "")
    stated, computed = msgspec.to_builtins(document), msgspec.to_builtins(document.computed)
    for key in ("elapsed_s", "timer_s", "moving_s", "distance_m", "ascent_m", "descent_m", "calories_kcal"):
        table.add_row(key, _number(stated[key]), _number(computed.get(key)))
    for key in ("heart_rate", "power", "cadence", "speed"):
        for part, value in stated[key].items():
            table.add_row(f"{key} {part}", _number(value), _number(computed[key][part]))
    table.add_row("samples, laps, lengths", f"{document.samples}, {document.laps}, {document.lengths}", "")
    for warning in document.warnings:
        table.add_row("warning", str(warning.code), "")
    return table


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.1f}"
