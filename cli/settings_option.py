"""The option that names a node's settings file, and what goes wrong with it, the same in every command."""

from pathlib import Path
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.output import stderr
from region_node.settings import Settings, SettingsError, load_settings

ConfigOption = Annotated[
    Path, typer.Option("--config", envvar="MERIDIAN_CONFIG", help="Settings file of the node (TOML).")
]


def settings_or_exit(path: Path) -> Settings:
    try:
        return load_settings(path)
    except SettingsError as fault:
        for mistake in fault.mistakes:
            stderr.print(mistake, markup=False)
        raise typer.Exit(ExitCode.USAGE) from fault
