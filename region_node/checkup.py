"""What has to hold before a node can serve, each condition with the fix to run when it does not."""

import os
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from federation.errors import BusError
from federation.keyring import KeyringError
from policies.documents import FaultyDocuments
from region_node import backends, brokers
from region_node.active_packs import law_at
from region_node.control.database import ControlUnavailable
from region_node.control.pack_versions import PackVersions
from region_node.packs import shipped_packs
from region_node.schema import MIGRATIONS
from region_node.security.federation_keys import read_public_keys
from region_node.security.file_keyring import FileKeyRing
from region_node.security.private_files import PrivateFileError
from region_node.settings import Settings
from region_node.storage.errors import StorageError
from region_node.storage.flagged import flagged_since
from region_node.storage.migrations import require

MIN_FREE_BYTES = 1024**3
CERTIFICATE_NOTICE = timedelta(days=14)
FLAGS_COUNT_FOR = timedelta(days=1)
EXPECTED = (
    StorageError,
    BusError,
    ControlUnavailable,
    FaultyDocuments,
    PrivateFileError,
    KeyringError,
    backends.NotDurable,
    OSError,
    ValueError,
    LookupError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`fix` is empty where the condition holds; otherwise what to run or change."""

    check: str
    ok: bool
    detail: str
    fix: str


@dataclass(frozen=True, slots=True)
class Check:
    """`hold` returns what it saw, and raises one of EXPECTED where the condition does not hold."""

    name: str
    fix: str
    hold: Callable[[Settings], Awaitable[str]]


async def check_up(settings: Settings) -> list[Finding]:
    """Look at everything; one failed check does not hide the others."""
    return [await _finding(check, settings) for check in CHECKS]


async def _finding(check: Check, settings: Settings) -> Finding:
    try:
        return Finding(check=check.name, ok=True, detail=await check.hold(settings), fix="")
    except EXPECTED as fault:
        return Finding(check=check.name, ok=False, detail=str(fault) or type(fault).__name__, fix=check.fix)


async def _packs(_: Settings) -> str:
    return f"{len(shipped_packs().by_jurisdiction)} jurisdictions"


async def _law(settings: Settings) -> str:
    control = await backends.open_control(settings)
    try:
        keys = frozenset(key.public for key in backends.open_ring(settings).signing_keys())
        law = await law_at(PackVersions(control), keys, datetime.now(UTC))
    finally:
        await control.close()
    wrong = [f"{one.jurisdiction} {one.version}: {one.why}" for one in law.refused]
    missing = backends.geography(settings).held - law.versions.keys()
    wrong += [f"{name}: none is in force" for name in sorted(missing)]
    if wrong:
        raise LookupError("; ".join(wrong))
    return f"{len(law.versions)} proven"


async def _region(settings: Settings) -> str:
    try:
        return f"group {backends.geography(settings).group.name}"
    except StopIteration:
        raise LookupError(f"{settings.node.regions_file} does not name {settings.node.region}") from None


async def _directory(settings: Settings) -> str:
    path = settings.node.data_directory
    if not os.access(path, os.W_OK):
        raise OSError(f"{path} cannot be written to")
    free = shutil.disk_usage(path).free
    if free < MIN_FREE_BYTES:
        raise OSError(f"{path} has {free // 1024**2} MiB left")
    return f"{free // 1024**3} GiB free"


async def _keys(settings: Settings) -> str:
    ring = FileKeyRing(settings.keys.ring_file)
    held = sorted(backends.geography(settings).held)
    epochs = [await ring.epochs(jurisdiction) for jurisdiction in held]
    return f"{sum(len(own) for own in epochs)} epochs of {len(held)} jurisdictions"


async def _control(settings: Settings) -> str:
    control = await backends.open_control(settings)
    try:
        missing = await control.missing_migrations()
    finally:
        await control.close()
    if missing:
        raise LookupError(f"lacks {', '.join(missing)}")
    return "up to date"


async def _storage(settings: Settings) -> str:
    place = backends.geography(settings)
    engine = await backends.open_engine(settings, place)
    try:
        for space in place.spaces:
            await require(engine, space, MIGRATIONS)
    finally:
        await engine.close()
    return f"{settings.storage.engine}, {len(place.spaces)} spaces up to date"


async def _copies(settings: Settings) -> str:
    place = backends.geography(settings)
    engine = await backends.open_engine(settings, place)
    since = datetime.now(UTC) - FLAGS_COUNT_FOR
    try:
        counts = [await flagged_since(engine, space, since) for space in sorted(place.held)]
    finally:
        await engine.close()
    if sum(counts):
        raise LookupError(f"{sum(counts)} consent or credential writes of the last day lack a datacenter")
    return "no write of the last day lacks a datacenter"


async def _queue(settings: Settings) -> str:
    await backends.require_durable_bus(settings)
    bus = await brokers.open_bus(settings)
    try:
        await bus.ping()
    finally:
        await bus.close()
    return "answers, writes are durable"


async def _tls(settings: Settings) -> str:
    if settings.tls is None:
        if settings.node.host in {"127.0.0.1", "::1", "localhost"}:
            return "none, loopback only"
        raise ValueError("no certificate, and not on loopback only")
    return f"good until {_good_until(settings.tls.certificate_file):%Y-%m-%d}"


def _good_until(path: Path) -> datetime:
    """Raises ValueError where a certificate ends soon."""
    ends = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    if ends - datetime.now(UTC) < CERTIFICATE_NOTICE:
        raise ValueError(f"{path} ends on {ends:%Y-%m-%d}")
    return ends


async def _federation(settings: Settings) -> str:
    federation, own = settings.federation, brokers.own_region(settings)
    if federation is None:
        return "alone"
    for role in ("node", "peer"):
        _good_until(federation.certificates / f"{role}.{own}.pem")
    brokers.federation_keys(settings).signer(datetime.now(UTC))
    unknown = sorted(federation.peers.keys() - set(read_public_keys(federation.public_keys_file).regions))
    if unknown:
        raise LookupError(f"no public keys of {', '.join(unknown)}")
    return f"{len(federation.peers)} other regions"


CHECKS = (
    Check("policy packs", "reinstall this version of Meridian", _packs),
    Check("region", "name a region of the regions file in [node] region", _region),
    Check(
        "data directory",
        "make it with mode 700 and at least 1 GiB free, owned by the node's user",
        _directory,
    ),
    Check("key ring", "meridian keys init --config FILE", _keys),
    Check("control database", "meridian db migrate --config FILE", _control),
    Check(
        "packs in force",
        "meridian db migrate --config FILE; for one that was tampered with: meridian policy rollback PACK",
        _law,
    ),
    Check(
        "storage",
        "meridian db migrate --config FILE (on Cassandra first: meridian services up --only cassandra)",
        _storage,
    ),
    Check(
        "copies elsewhere",
        "bring the other datacenter back, then run `nodetool repair` on the keyspaces held here",
        _copies,
    ),
    Check("queue", "meridian services up --only nats; then set url and monitor_url in [nats]", _queue),
    Check(
        "federation",
        "meridian pki issue REGION --directory DIR; meridian federation keys init, or keys import FILE",
        _federation,
    ),
    Check("certificate", "meridian pki init --directory DIR; then set [tls] to its files", _tls),
)
