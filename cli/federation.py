"""`meridian federation`: what goes between regions, watched and steered beside a running node."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.control_session import TokenFile
from cli.exit_codes import ExitCode
from cli.federation_keys import keys
from cli.federation_reading import (
    peer_view,
    read_disclosures,
    read_lanes,
    read_quarantine,
    read_status,
)
from cli.federation_steering import steering
from cli.federation_views import (
    Disclosures,
    LaneView,
    PeerView,
    QuarantineView,
    Status,
    show_disclosures,
    show_lag,
    show_peers,
    show_quarantine,
    show_status,
)
from cli.network_desk import NetworkDesk, Output, SomeRegion, at_network
from cli.node_desk import TENANT, TenantOption, Why, require_person
from cli.output import OutputFormat, emit
from cli.settings_option import ConfigOption
from federation.outgoing import Person

app = typer.Typer(no_args_is_help=True, help="Watch and steer what goes between regions.")
app.add_typer(steering)
app.add_typer(keys, name="keys")


@app.command()
def status(config: ConfigOption, token_file: TokenFile, output: Output = OutputFormat.TEXT) -> None:
    """Show each region: level, what waits for it, when it was heard, which receipts it owes.

    Exits 1 when one was never heard or owes a receipt.

    Example: meridian federation status --config config/node.example.toml
    """

    async def work(here: NetworkDesk) -> Status:
        await here.desk.staff(token_file, "federation.status")
        return await read_status(here.federation, datetime.now(UTC))

    found = at_network(config, work)
    if output is OutputFormat.TEXT:
        show_status(found)
    else:
        emit(found, output)
    if any(one.heard_at is None or one.owes for one in found.regions):
        raise typer.Exit(ExitCode.DIFFERENCES)


@app.command()
def peers(config: ConfigOption, token_file: TokenFile, output: Output = OutputFormat.TEXT) -> None:
    """List regions with their levels and pauses.

    Example: meridian federation peers --config config/node.example.toml --output json
    """

    async def work(here: NetworkDesk) -> list[PeerView]:
        await here.desk.staff(token_file, "federation.peers")
        rules = await here.federation.peers.ask()
        return [peer_view(region, rules) for region in here.regions]

    found = at_network(config, work)
    if output is OutputFormat.TEXT:
        show_peers(found)
    else:
        emit(found, output)


@app.command()
def lag(
    config: ConfigOption, token_file: TokenFile, region: SomeRegion = "", output: Output = OutputFormat.TEXT
) -> None:
    """Show what each region has left in its lanes, as this region's broker sees it.

    Example: meridian federation lag us-west --config config/node.example.toml
    """

    async def work(here: NetworkDesk) -> dict[str, tuple[LaneView, ...]]:
        await here.desk.staff(token_file, "federation.lag")
        wanted = (here.region(region),) if region else here.regions
        return {str(name): await read_lanes(here.federation, name) for name in wanted}

    found = at_network(config, work)
    if output is OutputFormat.TEXT:
        show_lag(found)
    else:
        emit(found, output)


@app.command()
def quarantine(
    config: ConfigOption, token_file: TokenFile, region: SomeRegion = "", output: Output = OutputFormat.TEXT
) -> None:
    """Show what was refused, by origin and reason; bodies were never kept.

    Example: meridian federation quarantine us-west --config config/node.example.toml --output json
    """

    async def work(here: NetworkDesk) -> list[QuarantineView]:
        await here.desk.staff(token_file, "federation.quarantine")
        return await read_quarantine(here.federation, here.region(region) if region else None)

    found = at_network(config, work)
    if output is OutputFormat.TEXT:
        show_quarantine(found)
    else:
        emit(found, output)


@app.command()
def disclosures(
    person: Annotated[str, typer.Argument(help="A person's id, such as eu_01k...", metavar="PERSON")],
    why: Why,
    config: ConfigOption,
    token_file: TokenFile,
    tenant: TenantOption = TENANT,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Show what of PERSON left, to where, on what ground, and which region still owes a receipt.

    Exits 4 when there is no such person here.

    Example: meridian federation disclosures eu_01k --why case-7 --config config/node.example.toml
    """
    require_person(person)

    async def work(here: NetworkDesk) -> Disclosures:
        await here.desk.look(token_file, "federation.disclosures", (tenant, person), why)
        return await read_disclosures(here.federation, Person(tenant=tenant, person_id=person))

    found = at_network(config, work)
    if output is OutputFormat.TEXT:
        show_disclosures(found)
    else:
        emit(found, output)
