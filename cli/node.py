"""`meridian node`: run one copy of the region node."""

import gc

import typer
import uvloop

from cli.exit_codes import ExitCode
from cli.output import stderr
from cli.settings_option import ConfigOption, settings_or_exit
from federation.errors import BusError
from policies.documents import FaultyDocuments
from region_node.backends import NotDurable
from region_node.control.database import ControlUnavailable
from region_node.lifecycle import start
from region_node.observability.logs import configure_logging
from region_node.security.private_files import PrivateFileError
from region_node.settings import Settings, SettingsError
from region_node.storage.errors import StorageError

YOUNG_OBJECTS = 5_000
"""How many new objects the collector waits for; a request makes some hundred, nearly all without cycles."""

app = typer.Typer(no_args_is_help=True, help="Run a node of a region.")

REFUSALS = (
    NotDurable,
    StorageError,
    BusError,
    ControlUnavailable,
    FaultyDocuments,
    SettingsError,
    PrivateFileError,
    OSError,
)


@app.callback()
def _node() -> None:
    """Keeps `run` a sub-command."""


@app.command()
def run(config: ConfigOption) -> None:
    """Serve until SIGTERM or Ctrl-C; what is under way is finished first.

    Example: meridian node run --config config/node.example.toml
    """
    settings = settings_or_exit(config)
    configure_logging()
    try:
        uvloop.run(_serve(settings))
    except REFUSALS as fault:
        stderr.print(f"the node does not start: {fault}", markup=False)
        raise typer.Exit(ExitCode.UNREACHABLE) from fault


def _settle_memory() -> None:
    """What was made at start stays: the collector need not walk it again and again under load."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)


async def _serve(settings: Settings) -> None:
    node = await start(settings)
    scheme = "https" if settings.tls else "http"
    _settle_memory()
    stderr.print(f"serving {scheme}://{settings.node.host}:{node.port}", markup=False)
    await node.run_until_signal()
