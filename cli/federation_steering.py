"""Commands of `meridian federation` that change what goes between regions."""

from pathlib import Path
from typing import Annotated

import typer

from cli.control_session import TokenFile
from cli.exit_codes import ExitCode
from cli.federation_reading import peer_view
from cli.federation_views import PeerView, show_peers
from cli.network_desk import NetworkDesk, Output, RegionName, SomeRegion, at_network
from cli.node_desk import TENANT, require_person
from cli.output import OutputFormat, emit, stderr, stdout
from cli.settings_option import ConfigOption
from federation.outgoing import Person
from federation.peers import Level
from policies.vocabulary import Region

steering = typer.Typer()
peer_app = typer.Typer(no_args_is_help=True, help="Say how far a region is trusted.")
steering.add_typer(peer_app, name="peer")

Reason = Annotated[str, typer.Option("--why", help="A word for those who look at it later.")]
PersonOption = Annotated[str, typer.Option("--person", help="One person's id, such as eu_01k...")]


@steering.command()
def pause(
    config: ConfigOption,
    token_file: TokenFile,
    region: SomeRegion = "",
    event: Annotated[str, typer.Option("--type", help="Keep back one type of event instead.")] = "",
    why: Reason = "",
    output: Output = OutputFormat.TEXT,
) -> None:
    """Keep back what would be sent to REGION, or to all; what takes something back goes all the same.

    It is made up for after `resume`. Running nodes follow within a second or two.

    Example: meridian federation pause us-west --why "their store is full" --config config/node.example.toml
    """
    _set_paused(config, token_file, (region, event, why), output, paused=True)


@steering.command()
def resume(
    config: ConfigOption,
    token_file: TokenFile,
    region: SomeRegion = "",
    event: Annotated[str, typer.Option("--type", help="Send one type of event again instead.")] = "",
    output: Output = OutputFormat.TEXT,
) -> None:
    """End a pause: of REGION, of all, or of one type of event.

    Example: meridian federation resume us-west --config config/node.example.toml
    """
    _set_paused(config, token_file, (region, event, ""), output, paused=False)


@steering.command()
def retry(
    region: RegionName, config: ConfigOption, token_file: TokenFile, output: Output = OutputFormat.TEXT
) -> None:
    """Try now to send what REGION is owed, however often it failed; a running node would wait longer.

    Example: meridian federation retry us-west --config config/node.example.toml
    """

    async def work(here: NetworkDesk) -> int:
        operator = await here.desk.staff(token_file, "federation.retry")
        name, paid = here.region(region), 0
        await here.federation.peers.ask()
        while (more := await here.federation.debts_of(name).round()) > 0:
            paid += more
        await here.done(operator, "federation.retry", name)
        return paid

    paid = at_network(config, work, law=True)
    if output is OutputFormat.TEXT:
        stdout.print(f"{paid} paid to {region}", markup=False)
    else:
        emit({"region": region, "paid": paid}, output)


@steering.command()
def republish(
    region: RegionName,
    config: ConfigOption,
    token_file: TokenFile,
    person: PersonOption = "",
    tenant: Annotated[str, typer.Option("--tenant", help="Of one tenant; with --person, whose it is.")] = "",
    output: Output = OutputFormat.TEXT,
) -> None:
    """Have REGION get anew all that it may have, and lose what it may not; safe to repeat.

    The debts are written down here and paid by the running node.

    Example: meridian federation republish us-west --config config/node.example.toml --tenant default
    """

    async def work(here: NetworkDesk) -> int:
        operator = await here.desk.staff(token_file, "federation.republish")
        name, debts = here.region(region), here.federation.debts
        if person:
            require_person(person)
            await debts.republish(Person(tenant=tenant or TENANT, person_id=person), name)
            count = 1
        else:
            count = await debts.republish_all(here.federation.people(tenant), name)
        await here.done(operator, "federation.republish", name)
        return count

    count = at_network(config, work)
    if output is OutputFormat.TEXT:
        stdout.print(f"{region} will get what it may have of {count} people", markup=False)
    else:
        emit({"region": region, "people": count}, output)


@steering.command()
def defederate(
    region: RegionName,
    config: ConfigOption,
    token_file: TokenFile,
    why: Annotated[str, typer.Option("--why", help="A word for those who look at it later.")],
    output: Output = OutputFormat.TEXT,
) -> None:
    """Block REGION, and ask it to take back all that it was ever sent; it answers with receipts.

    Take its certificate out with `meridian pki revoke` once these have come: see `federation status`.
    Exits 5 when REGION is this one.

    Example: meridian federation defederate us-west --why law --config config/node.example.toml
    """

    async def work(here: NetworkDesk) -> int:
        operator = await here.desk.staff(token_file, "federation.defederate")
        name, parts = here.region(region), here.federation
        if name == parts.network.region:
            return -1
        await parts.peers.set_level(name, Level.BLOCKED, why)
        count = await parts.debts.republish_all(parts.people(), name)
        await here.done(operator, "federation.defederate", name)
        return count

    count = at_network(config, work)
    if count < 0:
        stderr.print(f"{region} is this region", markup=False)
        raise typer.Exit(ExitCode.CONFLICT)
    if output is OutputFormat.TEXT:
        stdout.print(f"{region} is blocked; it is asked to take back what it has of {count} people")
    else:
        emit({"region": region, "level": Level.BLOCKED.value, "people": count}, output)


@peer_app.callback()
def peer() -> None:
    """Keeps `set` a sub-command."""


@peer_app.command("set")
def set_level(
    region: RegionName,
    level: Annotated[Level, typer.Argument(help="How far it is trusted.", metavar="LEVEL")],
    config: ConfigOption,
    token_file: TokenFile,
    why: Reason = "",
    instead_of: Annotated[
        Level | None,
        typer.Option("--instead-of", help="The present level, where the new one is milder."),
    ] = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Set the level of REGION: open, limited, receive-only or blocked. Running nodes follow within seconds.

    Exits 5 when it is milder than the present one and --instead-of does not name that.

    Example: meridian federation peer set us-west limited --why audit --config config/node.example.toml
    """

    async def work(here: NetworkDesk) -> PeerView:
        operator = await here.desk.staff(token_file, "federation.peer-set")
        name = here.region(region)
        await here.federation.peers.set_level(name, level, why, instead_of)
        await here.done(operator, "federation.peer-set", f"{name}={level}")
        return peer_view(name, await here.federation.peers.ask())

    _show_peer(at_network(config, work), output)


def _set_paused(
    config: Path,
    token_file: Path,
    what: tuple[str, str, str],
    output: OutputFormat,
    *,
    paused: bool,
) -> None:
    region, event, why = what
    if region and event:
        raise typer.BadParameter("a region or a type of event, not both", param_hint="--type")
    action = "federation.pause" if paused else "federation.resume"

    async def work(here: NetworkDesk) -> list[PeerView]:
        operator = await here.desk.staff(token_file, action)
        book = here.federation.peers
        names: tuple[Region, ...] = (here.region(region),) if region else here.regions
        if event:
            await book.pause_type(event, paused=paused, why=why)
        elif region:
            await book.pause(names[0], paused=paused, why=why)
        else:
            await book.pause_all(paused=paused, why=why)
        await here.done(operator, action, region or event or "everything")
        rules = await book.ask()
        return [peer_view(name, rules) for name in names]

    found = at_network(config, work)
    said = region or event or "everything"
    if output is OutputFormat.TEXT:
        stdout.print(f"{said}: {'paused' if paused else 'sent again'}", markup=False)
    else:
        emit({"what": said, "paused": paused, "peers": found}, output)


def _show_peer(found: PeerView, output: OutputFormat) -> None:
    if output is OutputFormat.TEXT:
        show_peers([found])
    else:
        emit(found, output)
