"""`meridian retention`: what is kept longer than its rule allows, planned first, then taken away."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from rich.table import Table

from cli.control_session import TokenFile
from cli.exit_codes import ExitCode
from cli.node_desk import Desk, at_desk
from cli.output import OutputFormat, emit, stdout
from cli.rights_desk import all_tenants, rights_of
from cli.settings_option import ConfigOption, settings_or_exit
from region_node.control.records import Outcome
from region_node.workers.retention import Report, Retention

app = typer.Typer(no_args_is_help=True, help="Plan and carry out what law says must go.")
Output = Annotated[OutputFormat, typer.Option("--output", help="text for people, json or yaml for programs.")]


@app.command(epilog="Example: meridian retention plan --config node.toml --output json")
def plan(config: ConfigOption, token_file: TokenFile, output: Output = OutputFormat.TEXT) -> None:
    """What is due to go, by rule, purpose, category and jurisdiction; touches nothing."""
    _show(_report(config, token_file, "retention.plan", lambda retention: retention.plan()), output)


@app.command(epilog="Example: meridian retention run --config node.toml")
def run(config: ConfigOption, token_file: TokenFile, output: Output = OutputFormat.TEXT) -> None:
    """Take away what is due, and clear the disks of what was erased. A running node does so each day.

    What is under a legal hold or a restriction stays. Safe to repeat. Exits 7 when a part failed.
    """
    report = _report(config, token_file, "retention.run", lambda retention: retention.run())
    _show(report, output)
    if any(line.failed for line in report.lines):
        raise typer.Exit(ExitCode.PARTIAL)


def _report(
    config: ConfigOption, token_file: TokenFile, action: str, work: Callable[[Retention], Awaitable[Report]]
) -> Report:
    async def at(desk: Desk) -> Report:
        operator = await desk.staff(token_file, action)
        report = await work(rights_of(desk, await all_tenants(desk)).retention)
        await desk.audit(operator, action, "", Outcome.DONE)
        return report

    return at_desk(settings_or_exit(config), at)


def _show(report: Report, output: OutputFormat) -> None:
    if output is not OutputFormat.TEXT:
        emit(report, output)
        return
    table = Table("jurisdiction", "record", "rule", "due", "held", "done", "failed", "oldest", box=None)
    for line in report.lines:
        counts = (str(count) for count in (line.due, line.held, line.done, line.failed))
        table.add_row(line.jurisdiction, line.record, line.rule, *counts, str(line.oldest))
    stdout.print(table if report.lines else "nothing is due")
    for one in report.cleared:
        how = "compact it on its servers" if one.by_hand else f"cleared in {one.seconds} s"
        stdout.print(f"{one.space}: {how}, for {one.erasures} erasures", markup=False)
