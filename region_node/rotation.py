"""Rotating the key-encryption key of a jurisdiction: new epoch, living keys rewrapped, old epoch ended."""

from dataclasses import dataclass

from region_node import backends
from region_node.federated.keys import ProjectionKeys
from region_node.security.file_keyring import FileKeyRing
from region_node.security.keyring import Epoch, EpochState
from region_node.settings import Settings
from region_node.storage.person_keys import PersonKeys


@dataclass(frozen=True, slots=True)
class Rotated:
    jurisdiction: str
    epoch: int
    rewrapped: int
    ended: tuple[int, ...]


async def rotate(settings: Settings, jurisdiction: str) -> Rotated:
    """Start a new epoch and move every living key to it; repeat after an interruption.

    The ended epochs still open backups of the key space; `destroy` them once the last such backup is gone.

    Raises:
        UnknownJurisdiction, StorageUnavailable
    """
    ring = backends.open_ring(settings)
    engine = await backends.open_engine(settings, backends.geography(settings))
    try:
        epoch = await ring.rotate(jurisdiction)
        rewrapped = await PersonKeys(engine, ring).rewrap(jurisdiction)
        rewrapped += await ProjectionKeys(engine, ring, jurisdiction).keys.rewrap(jurisdiction)
    finally:
        await engine.close()
    ended = []
    for old in await ring.epochs(jurisdiction):
        if old.state is EpochState.SUPERSEDED:
            await ring.end(jurisdiction, old.number)
            ended.append(old.number)
    return Rotated(jurisdiction, epoch, rewrapped, tuple(ended))


async def epochs(settings: Settings) -> dict[str, tuple[Epoch, ...]]:
    ring = backends.open_ring(settings)
    held = sorted(backends.geography(settings).held)
    return {jurisdiction: await ring.epochs(jurisdiction) for jurisdiction in held}


def ensure_ring(settings: Settings) -> bool:
    """Make the key ring, or keys for jurisdictions that it lacks; whether a new ring was made."""
    held = backends.geography(settings).held
    path = settings.keys.ring_file
    if path.exists():
        FileKeyRing(path).add_jurisdictions(held)
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    FileKeyRing.create(path, held)
    return True
