"""The root command: one sub-app per noun, loaded only when it is asked for."""

import importlib
from typing import Any

import typer
from typer.core import TyperGroup

NOUNS = {
    "bench": "Measure a node beside its bare parts.",
    "consent": "Read, answer for and prove people's consents.",
    "db": "Bring the stores of a node to this version.",
    "demo": "Start four regions with people and workouts, on this machine.",
    "doctor": "Check whether a node could serve; each failed check names its fix.",
    "federation": "Watch and steer what goes between regions.",
    "incident": "Record breaches and keep the deadlines.",
    "keys": "Make, rotate and destroy key-encryption keys.",
    "locale": "Extract, update and check translations.",
    "node": "Run a node of a region.",
    "operator": "Add and revoke operators; two of them have to agree.",
    "pki": "Make certificates for a node without a public name.",
    "policy": "Ask what the law says about data, and change the packs that say so.",
    "residency": "Audit where data really lies.",
    "retention": "Plan and carry out what law says must go.",
    "rights": "Work through what people ask for by right.",
    "services": "Run NATS, Cassandra and PostgreSQL on this machine.",
    "tenant": "List and add tenants and their host names.",
    "workout": "Analyse workout files without a node.",
}


class LazyGroup(TyperGroup):
    """Imports the module of a noun when its command is looked up: starting stays fast."""

    def list_commands(self, ctx: Any) -> list[str]:
        return sorted([*super().list_commands(ctx), *NOUNS])

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in NOUNS:
            module = importlib.import_module(f"cli.{cmd_name}")
            module.app._add_completion = False  # noqa: SLF001 - as of the root; else each noun offers it anew
            command = typer.main.get_command(module.app)
            command.name = cmd_name
            return command
        return super().get_command(ctx, cmd_name)


app = typer.Typer(
    cls=LazyGroup,
    name="meridian",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Run and inspect Meridian, a social sports platform whose data stays under the law of its people.",
)


@app.callback()
def root() -> None:
    """Commands are grouped by noun; every one has --help with an example."""


def main() -> None:
    app()
