"""`meridian doctor`: whether a node could serve, and what to run where it could not."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stdout
from cli.settings_option import ConfigOption, settings_or_exit
from region_node.checkup import check_up

app = typer.Typer()
Output = Annotated[OutputFormat, typer.Option("--output", help="text for people, json or yaml for programs.")]


@app.command()
def doctor(config: ConfigOption, output: Output = OutputFormat.TEXT) -> None:
    """Check settings, disks, keys, databases, queue and certificate; each failed check names its fix.

    Exits 1 when anything fails.

    Example: meridian doctor --config config/node.example.toml
    """
    findings = asyncio.run(check_up(settings_or_exit(config)))
    if output is OutputFormat.TEXT:
        table = Table("check", "", "what was seen", "fix")
        for finding in findings:
            mark = "[green]ok[/green]" if finding.ok else "[red]failed[/red]"
            table.add_row(finding.check, mark, finding.detail, finding.fix)
        stdout.print(table)
    else:
        emit(findings, output)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(ExitCode.DIFFERENCES)
