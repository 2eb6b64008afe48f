"""The settings of a node: one frozen value, read from one TOML file; every bad value is reported at once.

Secrets are never in the file: it names files (mode 0600) that hold them.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Port = Annotated[int, Meta(ge=1, le=65535)]
Seconds = Annotated[float, Meta(gt=0, le=3600)]


class SettingsError(ValueError):
    """All mistakes of a settings file, each with its path."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("; ".join(mistakes))
        self.mistakes = mistakes


class NodeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`data_directory` holds what the embedded parts keep; `port` 0 lets the system choose one."""

    region: str
    data_directory: Path
    regions_file: Path
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8443
    drain_timeout_s: Seconds = 10.0


class StorageSettings(msgspec.Struct, frozen=True, kw_only=True):
    engine: Literal["sqlite", "cassandra"] = "sqlite"
    contact_points: tuple[str, ...] = ("127.0.0.1",)
    port: Port = 9042
    local_datacenter: str = "dc1"
    replicas: Annotated[int, Meta(ge=1, le=7)] = 3
    username: str = ""
    password_file: Path | None = None
    request_timeout_s: Seconds = 10.0
    nodetool: tuple[str, ...] = ()


class ControlSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`url_file` holds a database URL with a password; without one an SQLite file is used."""

    url_file: Path | None = None


class NatsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Below three replicas the server has to write synchronously; `monitor_url` is where it says so."""

    url: str = "nats://127.0.0.1:4222"
    username: str = ""
    password_file: Path | None = None
    replicas: Annotated[int, Meta(ge=1, le=5)] = 1
    monitor_url: str = ""


class KeySettings(msgspec.Struct, frozen=True, kw_only=True):
    ring_file: Path


class FederationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Without it a region is alone: its broker is asked by password, and what is federated comes back to it.

    `certificates` is the folder in which `meridian pki issue` has put those of this region; `peers` has the
    brokers of others by region. `signing_keys_file` has the keys of this region, `public_keys_file` of all.
    A beacon goes to each region every `beacon_every_s`: leases rest on them.
    """

    certificates: Path
    signing_keys_file: Path
    public_keys_file: Path
    peers: dict[str, str] = {}
    domain: str = "meridian.internal"
    beacon_every_s: Seconds = 2.0


class TlsSettings(msgspec.Struct, frozen=True, kw_only=True):
    certificate_file: Path
    key_file: Path


class ImportSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`processes` decode and analyse files; they start with the first upload. What the queue lost goes into
    it again after `requeue_after_s`; well above the time that a file usually waits, or the queue fills up.
    """

    processes: Annotated[int, Meta(ge=1, le=64)] = 2
    max_attempts: Annotated[int, Meta(ge=1, le=20)] = 5
    requeue_after_s: Seconds = 120.0


class HttpSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Rates are per account and address; `cors_origins` are exact origins of web apps.

    `trusted_proxies` is how many proxies in front of the node append to X-Forwarded-For; with 0 that header
    is not believed.
    """

    cors_origins: tuple[str, ...] = ()
    trusted_proxies: Annotated[int, Meta(ge=0, le=5)] = 0
    request_timeout_s: Seconds = 30.0
    requests_per_minute: Annotated[int, Meta(ge=1)] = 600
    sign_ins_per_minute: Annotated[int, Meta(ge=1)] = 10
    uploads_per_minute: Annotated[int, Meta(ge=1)] = 120


LEAST_DISK_DAYS = 3
"""Cassandra keeps deletes for a day, and files are cleared once a day."""


class RightsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`late_after_s`: how long something that began before an erasure may still write; above the life of an
    access token (600 s) together with the time of any request or job that it begins. The days are what
    receipts promise: by then no file of the stores, and no backup of the key space, gives back bytes of
    somebody who was erased. `lifting_notice_days`: so long before staff end a restriction the person is told.
    """

    late_after_s: Annotated[float, Meta(ge=0)] = 900.0
    disks_within_days: Annotated[int, Meta(ge=LEAST_DISK_DAYS, le=30)] = LEAST_DISK_DAYS
    key_backups_within_days: Annotated[int, Meta(ge=1, le=90)] = 30
    archive_days: Annotated[int, Meta(ge=1, le=30)] = 7
    lifting_notice_days: Annotated[int, Meta(ge=1, le=90)] = 7


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    node: NodeSettings
    keys: KeySettings
    storage: StorageSettings = StorageSettings()
    control: ControlSettings = ControlSettings()
    nats: NatsSettings = NatsSettings()
    tls: TlsSettings | None = None
    federation: FederationSettings | None = None
    imports: ImportSettings = ImportSettings()
    http: HttpSettings = HttpSettings()
    rights: RightsSettings = RightsSettings()
    age_assurance: Literal["none", "demo"] = "none"
    """`demo` believes every self-declared age and says so in each answer: for tests only."""


def load_settings(path: Path) -> Settings:
    """Read a settings file; relative paths in it start from its folder.

    Raises:
        SettingsError: every mistake at once.
    """
    try:
        document = tomllib.loads(path.read_text())
    except OSError as fault:
        raise SettingsError([f"{path}: {fault.strerror}"]) from fault
    except tomllib.TOMLDecodeError as fault:
        raise SettingsError([f"{path}: {fault}"]) from fault
    return settings_from(document, path.resolve().parent)


def settings_from(document: dict[str, Any], base: Path) -> Settings:
    mistakes = list(_mistakes(Settings, document, ""))
    if mistakes:
        raise SettingsError(mistakes)

    def path_from(kind: type, value: Any) -> Any:
        return base / value if kind is Path else value

    return msgspec.convert(document, Settings, dec_hook=path_from)


def _mistakes(kind: type, document: Any, place: str) -> Iterator[str]:
    if not isinstance(document, dict):
        yield f"{place or 'file'}: a table is expected"
        return
    fields = {field.name: field for field in msgspec.structs.fields(kind)}
    yield from (f"{place}{name}: unknown" for name in document.keys() - fields.keys())
    for name, field in fields.items():
        if name not in document:
            if field.required:
                yield f"{place}{name}: missing"
            continue
        struct = _struct_of(field.type)
        if struct is not None:
            yield from _mistakes(struct, document[name], f"{place}{name}.")
            continue
        try:
            msgspec.convert(document[name], field.type, dec_hook=lambda custom, value: custom(value))
        except msgspec.ValidationError as fault:
            yield f"{place}{name}: {fault}"


def _struct_of(kind: Any) -> type | None:
    options = [kind, *getattr(kind, "__args__", ())]
    return next((o for o in options if isinstance(o, type) and issubclass(o, msgspec.Struct)), None)


def read_secret(path: Path) -> str:
    """The text of a secret file.

    Raises:
        SettingsError: others than its owner may read it.
    """
    if path.stat().st_mode & 0o077:
        raise SettingsError([f"{path}: others may read it; run `chmod 600` on it"])
    return path.read_text().strip()
