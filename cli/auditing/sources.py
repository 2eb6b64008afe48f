"""Which stores an audit reads: those of a node's settings, and those that are named one by one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cli.auditing.cassandra_rows import CassandraLogin, CassandraTables
from cli.auditing.control_database import PostgresControl, SqliteControl
from cli.auditing.data_files import DataFolder
from cli.auditing.log_files import LogFolder
from cli.auditing.model import Reader, Store
from cli.auditing.object_files import ObjectFolder
from cli.auditing.patterns import Patterns
from cli.auditing.places import Places, PlacesError
from cli.auditing.raw_files import RawFolder, Tables
from cli.auditing.sqlite_files import SqliteFolder
from cli.auditing.streams import NatsCertificate, NatsLogin, Streams
from region_node.settings import Settings, read_secret

_SQLITE_URL = "sqlite://"
AUTHORITIES = "authorities.pem"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Stores by kind; a directory of Cassandra holds `data`, `hints`, `commitlog` and `saved_caches`."""

    sqlite: tuple[Path, ...] = ()
    objects: tuple[Path, ...] = ()
    logs: tuple[Path, ...] = ()
    snapshots: tuple[Path, ...] = ()
    hints: tuple[Path, ...] = ()
    cassandra_directories: tuple[Path, ...] = ()
    cassandra: CassandraLogin | None = None
    nats: NatsLogin | None = None
    control_url: str = field(default="", repr=False)


def of_settings(settings: Settings) -> Given:
    """What a node with these settings uses. Raises SettingsError for a secret that others can read."""
    data, storage, nats = settings.node.data_directory, settings.storage, settings.nats
    on_cassandra = storage.engine == "cassandra"
    url_file = settings.control.url_file
    return Given(
        sqlite=() if on_cassandra else (data / "rows",),
        objects=(data / "objects",),
        cassandra=CassandraLogin(
            hosts=storage.contact_points,
            port=storage.port,
            username=storage.username,
            password=_secret(storage.password_file),
        )
        if on_cassandra
        else None,
        nats=NatsLogin(
            url=nats.url,
            username=nats.username,
            password=_secret(nats.password_file),
            certificate=_operator(settings),
        ),
        control_url=_secret(url_file) if url_file else f"{_SQLITE_URL}{data / 'control.sqlite'}",
    )


def _operator(settings: Settings) -> NatsCertificate | None:
    federation, region = settings.federation, settings.node.region
    if federation is None:
        return None
    return NatsCertificate(
        server_name=f"nats.{region}.{federation.domain}",
        certificate=federation.certificates / f"operator.{region}.pem",
        key=federation.certificates / f"operator.{region}.key",
        authorities=federation.certificates / AUTHORITIES,
    )


def _secret(path: Path | None) -> str:
    return read_secret(path) if path else ""


def together(first: Given, second: Given) -> Given:
    """All folders of both; of servers those of *second* where it names one."""
    return Given(
        sqlite=_unique(first.sqlite, second.sqlite),
        objects=_unique(first.objects, second.objects),
        logs=_unique(first.logs, second.logs),
        snapshots=_unique(first.snapshots, second.snapshots),
        hints=_unique(first.hints, second.hints),
        cassandra_directories=_unique(first.cassandra_directories, second.cassandra_directories),
        cassandra=second.cassandra or first.cassandra,
        nats=second.nats or first.nats,
        control_url=second.control_url or first.control_url,
    )


def _unique(first: Sequence[Path], second: Sequence[Path]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def readers_of(given: Given, places: Places) -> list[tuple[str, Reader]]:
    """A reader for each store, with a name for people. Raises PlacesError where there is none."""
    patterns = Patterns(frozenset(places.articles))
    readers = [*_folders(given, places, patterns), *_servers(given, places, patterns)]
    if not readers:
        raise PlacesError("name at least one store, or a node's settings with --config")
    return readers


def _folders(given: Given, places: Places, patterns: Patterns) -> Iterator[tuple[str, Reader]]:
    for folder in given.sqlite:
        yield str(folder), SqliteFolder(folder, places, patterns)
    for folder in given.objects:
        yield str(folder), ObjectFolder(folder, places, patterns)
    for folder in given.snapshots:
        yield str(folder), DataFolder(Store.SNAPSHOTS, folder, places, patterns)
    for folder in given.cassandra_directories:
        yield from _cassandra_directory(folder, places, patterns)
    for folder in given.hints:
        yield str(folder), RawFolder(Store.HINTS, folder, places, patterns)
    for folder in given.logs:
        yield str(folder), LogFolder(folder, patterns)


def _cassandra_directory(folder: Path, places: Places, patterns: Patterns) -> Iterator[tuple[str, Reader]]:
    data = folder / "data"
    tables = Tables.of_folders(data)
    yield str(data), DataFolder(Store.DATA_FILES, data, places, patterns)
    for store, name in (
        (Store.HINTS, "hints"),
        (Store.COMMIT_LOG, "commitlog"),
        (Store.CACHES, "saved_caches"),
    ):
        yield str(folder / name), RawFolder(store, folder / name, places, patterns, tables)
    if (changes := folder / "cdc_raw").is_dir():
        yield str(changes), RawFolder(Store.COMMIT_LOG, changes, places, patterns, tables)


def _servers(given: Given, places: Places, patterns: Patterns) -> Iterator[tuple[str, Reader]]:
    if given.cassandra is not None:
        yield ", ".join(given.cassandra.hosts), CassandraTables(given.cassandra, places, patterns)
    if given.nats is not None:
        yield given.nats.url, Streams(given.nats, places, patterns)
    if given.control_url.startswith(_SQLITE_URL):
        path = Path(given.control_url.removeprefix(_SQLITE_URL))
        yield str(path), SqliteControl(path, patterns)
    elif given.control_url:
        yield "PostgreSQL", PostgresControl(given.control_url, patterns)
