"""`meridian residency`: whether data really lies where its law wants it, read from the stores themselves."""

from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from cli.auditing.audit import Audit
from cli.auditing.cassandra_rows import CassandraLogin
from cli.auditing.model import Report
from cli.auditing.places import Places, PlacesError, read_places
from cli.auditing.provenance import articles, provenance
from cli.auditing.signed import NotSigned, sign, verify
from cli.auditing.sources import Given, of_settings, readers_of, together
from cli.auditing.streams import NatsLogin
from cli.auditing.views import show
from cli.exit_codes import ExitCode
from cli.output import OutputFormat, emit, stderr, stdout
from cli.settings_option import settings_or_exit
from region_node.security.approval_keys import ApprovalKeyError, read_approval_key, read_public_approval_key
from region_node.security.file_keyring import FileKeyRing
from region_node.security.private_files import PrivateFileError
from region_node.settings import Settings, SettingsError, read_secret

app = typer.Typer(no_args_is_help=True, help="Audit where data lies, and check the signature of an audit.")

CASSANDRA_PORT = 9042
Folders = list[Path]
Output = Annotated[OutputFormat, typer.Option("--output", help="text for people, json or yaml for programs.")]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config", envvar="MERIDIAN_CONFIG", help="A node's settings file (TOML): its stores are read."
    ),
]


@app.command()
def audit(
    config: Config = None,
    region: Annotated[str, typer.Option(help="The region whose stores these are.")] = "",
    regions: Annotated[Path | None, typer.Option(help="The regions file to judge by.")] = None,
    sqlite: Annotated[Folders, typer.Option(help="A folder of SQLite files; repeatable.")] = [],  # noqa: B006 - typer copies it
    objects: Annotated[Folders, typer.Option(help="A folder of sealed files; repeatable.")] = [],  # noqa: B006 - as above
    snapshots: Annotated[Folders, typer.Option(help="A folder of backups; repeatable.")] = [],  # noqa: B006 - as above
    hints: Annotated[Folders, typer.Option(help="A folder of Cassandra hints; repeatable.")] = [],  # noqa: B006 - as above
    logs: Annotated[Folders, typer.Option(help="A folder of logs; repeatable.")] = [],  # noqa: B006 - as above
    cassandra_directory: Annotated[
        Folders, typer.Option(help="A Cassandra machine's directory: data, hints, commitlog, saved_caches.")
    ] = [],  # noqa: B006 - as above
    cassandra: Annotated[list[str], typer.Option(help="HOST or HOST:PORT to connect to; repeatable.")] = [],  # noqa: B006 - as above
    cassandra_user: Annotated[str, typer.Option(help="Who reads Cassandra.")] = "",
    cassandra_password_file: Annotated[Path | None, typer.Option(help="Their password (0600).")] = None,
    nats: Annotated[str, typer.Option(help="URL of a NATS server.")] = "",
    nats_user: Annotated[str, typer.Option(help="Who reads NATS.")] = "",
    nats_password_file: Annotated[Path | None, typer.Option(help="Their password (0600).")] = None,
    control_url_file: Annotated[
        Path | None, typer.Option(help="A file (0600) with the URL of the control database.")
    ] = None,
    signing_key: Annotated[
        Path | None, typer.Option(help="Ed25519 key (PEM) that signs; without it the node's own does.")
    ] = None,
    samples: Annotated[int, typer.Option(min=0, max=100, help="Hashed keys to show per finding.")] = 5,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Read the real stores, and name everything that lies where it must not.

    Needs no running node. Before a store is read a control is planted in it, which has to be found. Exits 3
    on any finding, 6 where a store cannot be reached, 7 where some of it was not read or a control not found.

    Example: meridian residency audit --config config/node.example.toml --logs /var/log/meridian --output json
    """
    settings = settings_or_exit(config) if config else None
    try:
        places = _places(settings, region, regions)
        given = Given(
            sqlite=tuple(sqlite),
            objects=tuple(objects),
            snapshots=tuple(snapshots),
            hints=tuple(hints),
            logs=tuple(logs),
            cassandra_directories=tuple(cassandra_directory),
            cassandra=_cassandra(cassandra, cassandra_user, cassandra_password_file),
            nats=NatsLogin(url=nats, username=nats_user, password=_secret(nats_password_file))
            if nats
            else None,
            control_url=_secret(control_url_file),
        )
        given = together(of_settings(settings), given) if settings else given
        readers = readers_of(given, places)
        key = _signing_key(settings, signing_key)
    except (PlacesError, SettingsError, ApprovalKeyError, PrivateFileError, OSError) as fault:
        stderr.print(str(fault), markup=False, soft_wrap=True)
        raise typer.Exit(ExitCode.USAGE) from fault
    one = Audit(places=places, readers=readers, provenance=provenance(), most_samples=samples)
    report = one.run(lambda text: stderr.print(f"reading {text}", markup=False, soft_wrap=True))
    signed = sign(report, key)
    if output is OutputFormat.TEXT:
        show(report)
    else:
        emit(signed, output)
    raise typer.Exit(_status(report))


@app.command("verify")
def verify_report(
    file: Annotated[Path, typer.Argument(help="What `residency audit --output json` wrote.")],
    config: Config = None,
    public_key: Annotated[
        list[Path],
        typer.Option(help="Public key (PEM) that may have signed; repeatable."),
    ] = [],  # noqa: B006 - typer copies it
    output: Output = OutputFormat.TEXT,
) -> None:
    """Check that a report was signed by the node of --config or by a given key, and not changed since.

    Exits 3 where it was not.

    Example: meridian residency verify audit.json --config config/node.example.toml
    """
    settings = settings_or_exit(config) if config else None
    try:
        trusted = [read_public_approval_key(path) for path in public_key]
        trusted += [key.public_key() for key in _node_keys(settings)] if settings else []
        document = file.read_bytes()
    except (ApprovalKeyError, PrivateFileError, OSError) as fault:
        stderr.print(str(fault), markup=False, soft_wrap=True)
        raise typer.Exit(ExitCode.USAGE) from fault
    try:
        report = verify(document, trusted)
    except NotSigned as fault:
        stderr.print(str(fault), markup=False, soft_wrap=True)
        if output is not OutputFormat.TEXT:
            emit({"signed": False, "reason": str(fault)}, output)
        raise typer.Exit(ExitCode.REFUSED) from fault
    if output is OutputFormat.TEXT:
        stdout.print(
            f"signed and unchanged: {report.region}, {report.ended_at}, {len(report.findings)} findings"
        )
    else:
        emit({"signed": True, "region": report.region, "ended_at": report.ended_at}, output)


def _places(settings: Settings | None, region: str, regions: Path | None) -> Places:
    path = regions or (settings.node.regions_file if settings else None)
    name = region or (settings.node.region if settings else "")
    if path is None or not name:
        raise PlacesError("without --config say --regions FILE and --region NAME")
    return read_places(path, name, articles())


def _cassandra(hosts: list[str], user: str, password_file: Path | None) -> CassandraLogin | None:
    if not hosts:
        return None
    ports = {host.partition(":")[2] for host in hosts} - {""}
    if len(ports) > 1 or not all(port.isdecimal() for port in ports):
        raise PlacesError("--cassandra takes HOST or HOST:PORT, with one port for all")
    return CassandraLogin(
        hosts=tuple(host.partition(":")[0] for host in hosts),
        port=int(ports.pop()) if ports else CASSANDRA_PORT,
        username=user,
        password=_secret(password_file),
    )


def _secret(path: Path | None) -> str:
    return read_secret(path) if path else ""


def _signing_key(settings: Settings | None, path: Path | None) -> Ed25519PrivateKey:
    if path is not None:
        return read_approval_key(path)
    if settings is None:
        raise PlacesError("without --config say --signing-key FILE; `meridian operator keygen` makes one")
    return _node_keys(settings)[0]


def _node_keys(settings: Settings) -> list[Ed25519PrivateKey]:
    """The first signs; the others are accepted still."""
    found = (one.key.private_key for one in FileKeyRing(settings.keys.ring_file).signing_keys())
    return [key for key in found if isinstance(key, Ed25519PrivateKey)]


def _status(report: Report) -> ExitCode:
    if report.findings:
        return ExitCode.REFUSED
    if report.unreachable:
        return ExitCode.UNREACHABLE
    return ExitCode.PARTIAL if report.partial else ExitCode.OK
