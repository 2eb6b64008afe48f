"""Files with the keys that regions sign with: a region's own, and the public ones of all.

A bundle of public keys travels between operators. What it says of a region takes the place of what was known,
except that a key which was once revoked stays so.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from federation.keyring import Keyring, KeyringError, OwnKeys, PublicKey, Signer, new_keys
from policies.vocabulary import Region
from region_node.security.private_files import create_private, read_private, replace_private


class PublicKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is written into a bundle."""

    format: int = 1
    keys: tuple[PublicKey, ...] = ()

    @property
    def regions(self) -> list[str]:
        return sorted({key.region for key in self.keys})


def ensure_own_keys(path: Path, region: Region, now: datetime) -> bool:
    """Make the first key of *region* unless there is one; whether it was made."""
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    create_private(path, _own_document(new_keys(region, now)))
    return True


def read_own_keys(path: Path, region: Region) -> OwnKeys:
    """Raises KeyringError where there are none, or they are another region's; PrivateFileError."""
    try:
        keys = msgspec.json.decode(read_private(path), type=OwnKeys)
    except FileNotFoundError:
        raise KeyringError(f"{path} is missing: run meridian federation keys init") from None
    except (msgspec.DecodeError, ValueError):
        raise KeyringError(f"{path} holds no keys that can be read") from None
    if keys.region != region:
        raise KeyringError(f"{path} holds the keys of {keys.region}, not of {region}")
    return keys


def write_own_keys(path: Path, keys: OwnKeys) -> None:
    replace_private(path, _own_document(keys))


def read_public_keys(path: Path) -> PublicKeys:
    """What a bundle says; nothing where there is no file. Raises KeyringError for one that cannot be used."""
    try:
        read = msgspec.json.decode(path.read_bytes(), type=PublicKeys)
        Keyring(read.keys)
    except FileNotFoundError:
        return PublicKeys()
    except (msgspec.DecodeError, ValueError):
        raise KeyringError(f"{path} is no bundle of public keys") from None
    return read


def write_public_keys(path: Path, keys: PublicKeys) -> None:
    """Replace the bundle whole."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace_private(path, _pretty(keys))


def public_document(keys: Iterable[PublicKey]) -> bytes:
    return _pretty(PublicKeys(keys=tuple(keys)))


def merged(known: PublicKeys, told: PublicKeys) -> PublicKeys:
    """What *told* says of its regions, and what was known of others.

    Raises:
        KeyringError: two regions claim one key.
    """
    revoked = {key.key_id: key.revoked_at for key in known.keys if key.revoked_at is not None}
    regions = set(told.regions)
    kept = [key for key in known.keys if key.region not in regions]
    renewed = [
        msgspec.structs.replace(key, revoked_at=revoked.get(key.key_id, key.revoked_at)) for key in told.keys
    ]
    both = PublicKeys(keys=tuple(sorted([*kept, *renewed], key=lambda key: (key.region, key.key_id))))
    Keyring(both.keys)
    return both


class FederationKeys:
    """The keys of a running node, as they stood in the files when these were read last."""

    def __init__(self, region: Region, own_file: Path, public_file: Path | None) -> None:
        """Reads both. Raises KeyringError, PrivateFileError."""
        self._region = region
        self._own_file = own_file
        self._public_file = public_file
        self.refresh()

    def refresh(self) -> None:
        """Read the files anew; where that fails, what was read before stays. Raises as the first reading."""
        own = read_own_keys(self._own_file, self._region)
        known = read_public_keys(self._public_file) if self._public_file else PublicKeys()
        others = [key for key in known.keys if key.region != self._region]
        self.keyring = Keyring([*own.public(), *others])
        self._own = own

    def signer(self, now: datetime) -> Signer:
        """Raises KeyringError."""
        return self._own.signer(now)


def _own_document(keys: OwnKeys) -> bytes:
    return msgspec.json.format(msgspec.json.encode(keys)) + b"\n"


def _pretty(keys: PublicKeys) -> bytes:
    return msgspec.json.format(msgspec.json.encode(keys)) + b"\n"
