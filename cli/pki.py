"""`meridian pki`: certificates without a public authority.

Regions have an authority of their own, in a directory of its own: a certificate from it is a login.
"""

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stderr, stdout
from cli.settings_option import settings_or_exit
from federation.errors import BusUnavailable
from federation.permissions import DOMAIN
from policies.vocabulary import Region, parse_region
from region_node.brokers import open_system
from region_node.security.certificates import (
    LOCAL_HOSTS,
    CertificateFiles,
    ensure_authority,
    ensure_server_certificate,
    key_sha256,
    renew_authority,
)
from region_node.security.private_files import PrivateFileError
from region_node.security.region_certificates import (
    RegionCertificates,
    ensure_bundle,
    ensure_pins,
    ensure_region_certificates,
    retire_authorities,
    revoke_certificate,
)
from region_node.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Make certificates for nodes and regions without a public name.")


class ClientRole(StrEnum):
    NODE = "node"
    OPERATOR = "operator"
    SYSTEM = "system"
    PEER = "peer"


Directory = Annotated[Path, typer.Option(help="Where the files of the regions' authority are, or will be.")]
Format = Annotated[OutputFormat, typer.Option(help="How to show what is there.")]


@app.callback()
def pki() -> None:
    """A noun of its own, whatever the number of its commands."""


@app.command(epilog="Example: meridian pki init --directory .meridian/pki --host node-1.example.org")
def init(
    directory: Annotated[Path, typer.Option(help="Where the files are, or will be.")],
    host: Annotated[
        list[str] | None, typer.Option(help="One more name or address of this server; repeatable.")
    ] = None,
    output: Annotated[OutputFormat, typer.Option(help="How to show what is there.")] = OutputFormat.TEXT,
) -> None:
    """Make a local authority and a server certificate, or renew what is about to expire.

    Safe to repeat: what is good stays as it is. Clients trust the server through ca.pem.
    Exits 3 when a key that is there may be read by others.
    """
    now = datetime.now(UTC)
    try:
        authority = ensure_authority(directory, now=now)
        server = ensure_server_certificate(directory, "server", [*LOCAL_HOSTS, *(host or [])], now=now)
    except PrivateFileError as error:
        stderr.print(str(error))
        raise typer.Exit(ExitCode.REFUSED) from None
    if output is OutputFormat.TEXT:
        stdout.print(_line("authority", authority), _line("server", server), sep="\n", soft_wrap=True)
    else:
        emit({"authority": _facts(authority), "server": _facts(server)}, output)


@app.command(epilog="Example: meridian pki issue eu-central --directory .meridian/regions-pki")
def issue(
    region: Annotated[str, typer.Argument(help="A region of config/regions.toml.")],
    directory: Directory,
    domain: Annotated[str, typer.Option(help="The names in the certificates end with it.")] = DOMAIN,
    output: Format = OutputFormat.TEXT,
) -> None:
    """Make the certificates with which REGION takes part in federation, or renew what is about to expire.

    Safe to repeat: what is good stays as it is. Brokers and nodes read renewed files at the next reload or
    connection. Exits 2 when REGION is no name of a region, 3 when a key may be read by others.
    """
    now = datetime.now(UTC)
    try:
        name = parse_region(region)
        ensure_authority(directory, now=now)
        ensure_bundle(directory, now=now)
        made = ensure_region_certificates(directory, name, domain, now=now)
        ensure_pins(directory)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="REGION") from None
    except PrivateFileError as error:
        stderr.print(str(error))
        raise typer.Exit(ExitCode.REFUSED) from None
    _show_region(name, made, output)


@app.command(epilog="Example: meridian pki revoke us-west --directory .meridian/regions-pki --role peer")
def revoke(
    region: Annotated[str, typer.Argument(help="Whose certificate it is.")],
    directory: Directory,
    role: Annotated[
        ClientRole, typer.Option(help="What it logs in as; peer is at other regions.")
    ] = ClientRole.PEER,
    config: Annotated[
        Path | None,
        typer.Option(envvar="MERIDIAN_CONFIG", help="Of the node whose broker is to keep it out at once."),
    ] = None,
    output: Format = OutputFormat.TEXT,
) -> None:
    """Withdraw a certificate before its end: its pin goes, and with --config so do its connections.

    Brokers read the pins when they are reloaded; one that cannot be reached keeps it in until then. Run it
    at each region. Exits 4 when there is no such certificate, 6 when the broker does not answer.
    """
    try:
        revoked = revoke_certificate(directory, role.value, parse_region(region))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="REGION") from None
    except FileNotFoundError:
        stderr.print(f"{directory} has no certificate of {region} as {role.value}", markup=False)
        raise typer.Exit(ExitCode.NOT_FOUND) from None
    ended = 0
    if config is not None:
        try:
            ended = asyncio.run(_kept_out(settings_or_exit(config), revoked))
        except BusUnavailable as fault:
            stderr.print(f"it is out of {directory}, but the broker does not know yet: {fault}", markup=False)
            raise typer.Exit(ExitCode.UNREACHABLE) from None
    if output is OutputFormat.TEXT:
        stdout.print(f"revoked {role.value} of {region}; {ended} connections ended", markup=False)
    else:
        emit({"role": role.value, "region": region, "key_sha256": revoked, "ended": ended}, output)


async def _kept_out(settings: Settings, key_sha256_: str) -> int:
    system = await open_system(settings)
    try:
        await system.reload()
        return len(await system.end(lambda one: one.key_sha256 == key_sha256_))
    finally:
        await system.close()


@app.command(epilog="Example: meridian pki renew --directory .meridian/regions-pki")
def renew(directory: Directory, output: Format = OutputFormat.TEXT) -> None:
    """Replace the authority of the regions; the one before is accepted until `pki retire`.

    Reload the brokers, `pki issue` every region, reload again, and only then `pki retire`: so no connection
    breaks. Exits 4 when there is no authority.
    """
    now = datetime.now(UTC)
    try:
        ensure_bundle(directory, now=now)
        authority = renew_authority(directory, now=now)
        ensure_bundle(directory, now=now)
    except FileNotFoundError:
        _tell_missing(directory)
    if output is OutputFormat.TEXT:
        stdout.print(_line("authority", authority), soft_wrap=True)
    else:
        emit({"authority": _facts(authority)}, output)


@app.command(epilog="Example: meridian pki retire --directory .meridian/regions-pki")
def retire(directory: Directory, output: Format = OutputFormat.TEXT) -> None:
    """Accept only the current authority of the regions, from the brokers' next reload on.

    Whoever is connected stays so until their connection is ended. Exits 4 when there is no authority.
    """
    try:
        bundle = retire_authorities(directory)
    except FileNotFoundError:
        _tell_missing(directory)
    if output is OutputFormat.TEXT:
        stdout.print(f"accepted from now on: {bundle}", soft_wrap=True)
    else:
        emit({"authorities": str(bundle)}, output)


def _tell_missing(directory: Path) -> NoReturn:
    stderr.print(f"there is no authority in {directory}: run meridian pki issue first", soft_wrap=True)
    raise typer.Exit(ExitCode.NOT_FOUND)


def _show_region(region: Region, made: RegionCertificates, output: OutputFormat) -> None:
    roles = {
        "nats": made.nats,
        "node": made.node,
        "operator": made.operator,
        "system": made.system,
        "peer": made.peer,
    }
    if output is OutputFormat.TEXT:
        lines = [_line(f"{role} of {region}", files) for role, files in roles.items()]
        stdout.print(*lines, sep="\n", soft_wrap=True)
        return
    pins = {role: key_sha256(files.certificate) for role, files in roles.items()}
    facts = {role: {**_facts(files), "key_sha256": pins[role]} for role, files in roles.items()}
    emit({"region": region, "certificates": facts}, output)


def _line(what: str, files: CertificateFiles) -> str:
    state = "made" if files.created else "kept"
    return f"{what}: {state} {files.certificate}, good until {files.expires_at:%Y-%m-%d}"


def _facts(files: CertificateFiles) -> dict[str, str | bool]:
    return {
        "certificate": str(files.certificate),
        "key": str(files.key),
        "expires_at": files.expires_at.isoformat(),
        "created": files.created,
    }
