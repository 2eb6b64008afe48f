"""`meridian pki`: certificates without a public authority."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stderr, stdout
from region_node.security.certificates import (
    LOCAL_HOSTS,
    CertificateFiles,
    ensure_authority,
    ensure_server_certificate,
)
from region_node.security.private_files import PrivateFileError

app = typer.Typer(no_args_is_help=True, help="Make certificates for a node without a public name.")


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
