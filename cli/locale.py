"""Keeps the translations in step with the sources; for who works on Meridian, from its checkout."""

from pathlib import Path
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stderr, stdout
from locales import catalogue

app = typer.Typer(no_args_is_help=True, help="Extract, update and check translations.")

Root = Annotated[Path, typer.Option("--root", help="The checkout to work on.", exists=True, file_okay=False)]
Output = Annotated[OutputFormat, typer.Option("--output", help="text for people, json or yaml for programs.")]


@app.command()
def extract(root: Root = Path(), output: Output = OutputFormat.TEXT) -> None:
    """Write locales/messages.pot anew from the texts marked in the sources.

    Example: meridian locale extract
    """
    texts = catalogue.write_template(root)
    if output is OutputFormat.TEXT:
        stderr.print(f"{texts} texts in {catalogue.template_path(root)}")
    else:
        emit({"texts": texts}, output)


@app.command()
def update(root: Root = Path(), output: Output = OutputFormat.TEXT) -> None:
    """Bring every catalogue up to the template; new texts are left empty, old ones dropped.

    Example: meridian locale update
    """
    missing = catalogue.update(root)
    if output is OutputFormat.TEXT:
        for locale, count in missing.items():
            stderr.print(f"{locale}: {count} texts to translate")
    else:
        emit({"missing": missing}, output)


@app.command()
def check(root: Root = Path(), output: Output = OutputFormat.TEXT) -> None:
    """Name every text that is not extracted, not translated, fuzzy, or has other placeholders or forms.

    Exits 0 when there is none, else 1. Example: meridian locale check --output json
    """
    faults = catalogue.check(root)
    if output is OutputFormat.TEXT:
        for fault in faults:
            stdout.print(f"{fault.file}: {fault.msgid!r} {fault.problem}", markup=False, soft_wrap=True)
        stderr.print(f"{len(faults)} faults" if faults else "all catalogues are complete and current")
    else:
        emit({"ok": not faults, "faults": faults}, output)
    raise typer.Exit(ExitCode.DIFFERENCES if faults else ExitCode.OK)
