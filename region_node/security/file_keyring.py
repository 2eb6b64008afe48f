"""The key ring as one file of mode 0600, shared by the processes of a node.

Each change takes a lock, reads the file anew, and replaces it whole and synced. Each use looks whether
another process has replaced it (one stat), so that what was rotated or destroyed is so everywhere at once.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from region_node.security.derived_keys import IndexKey, derive_cursor_key, derive_index_key
from region_node.security.keyring import Epoch, EpochDestroyed, EpochInUse, KeyRingError, UnknownJurisdiction
from region_node.security.keyring_document import (
    FORMAT,
    Document,
    EpochRecord,
    JurisdictionKeys,
    SigningRecord,
    decode,
    encode,
)
from region_node.security.private_files import create_private, read_private, replace_private
from region_node.security.sealing import KEY_BYTES, NONCE_BYTES, TAG_BYTES, DataKey, SealBroken
from region_node.security.signing_keys import SigningKey

_VERSION = 1
_EPOCH_END = 5
_BODY = _EPOCH_END + NONCE_BYTES


def utc_now() -> datetime:
    return datetime.now(UTC)


def wrapped_epoch(wrapped: bytes) -> int:
    """Which epoch a wrapped key needs; a rewrap takes those that are not the current one."""
    if len(wrapped) < _BODY + TAG_BYTES or wrapped[0] != _VERSION:
        raise SealBroken("a wrapped key")
    return int.from_bytes(wrapped[1:_EPOCH_END], "big")


class FileKeyRing:
    """Implements `KeyEncryption`, and holds the node's other keys. Safe across processes."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        """Open an existing ring.

        Raises:
            FileNotFoundError: There is none; make one with `create`.
            PrivateFileError: Others may read it.
        """
        self._path = path
        self._clock = clock
        self._seen = (0, 0)
        self._refresh()
        self._index_key = lru_cache(maxsize=4096)(self._derive_index_key)
        self._cursor_key = lru_cache(maxsize=4096)(self._derive_cursor_key)

    @classmethod
    def create(
        cls, path: Path, jurisdictions: Collection[str], *, clock: Callable[[], datetime] = utc_now
    ) -> "FileKeyRing":
        """Make a new ring with fresh keys; never overwrites one."""
        now = clock()
        document = Document(
            format=FORMAT,
            jurisdictions={name: _new_jurisdiction(now) for name in jurisdictions},
            signing_keys=[_new_signing_key(now)],
            cursor_root=os.urandom(KEY_BYTES),
        )
        create_private(path, encode(document))
        return cls(path, clock=clock)

    def add_jurisdictions(self, jurisdictions: Collection[str]) -> None:
        """Make keys for those that have none yet; the others stay as they are."""
        with self._change() as document:
            for name in jurisdictions:
                document.jurisdictions.setdefault(name, _new_jurisdiction(self._clock()))

    async def wrap(self, jurisdiction: str, person_id: str, key: DataKey) -> bytes:
        keys = self._jurisdiction(jurisdiction)
        head = bytes((_VERSION,)) + keys.current.to_bytes(4, "big")
        nonce = os.urandom(NONCE_BYTES)
        cipher = AESGCM(_epoch_key(jurisdiction, keys, keys.current))
        return head + nonce + cipher.encrypt(nonce, key.reveal(), _bound(jurisdiction, head, person_id))

    async def unwrap(self, jurisdiction: str, person_id: str, wrapped: bytes) -> DataKey:
        keys = self._jurisdiction(jurisdiction)
        cipher = AESGCM(_epoch_key(jurisdiction, keys, wrapped_epoch(wrapped)))
        bound = _bound(jurisdiction, wrapped[:_EPOCH_END], person_id)
        try:
            return DataKey(cipher.decrypt(wrapped[_EPOCH_END:_BODY], wrapped[_BODY:], bound))
        except InvalidTag:
            raise SealBroken("a wrapped key") from None

    async def rotate(self, jurisdiction: str) -> int:
        return await asyncio.to_thread(self._rotate, jurisdiction)

    async def end(self, jurisdiction: str, epoch: int) -> None:
        await asyncio.to_thread(self._end, jurisdiction, epoch)

    async def destroy(self, jurisdiction: str, epoch: int) -> None:
        await asyncio.to_thread(self._destroy, jurisdiction, epoch)

    async def epochs(self, jurisdiction: str) -> tuple[Epoch, ...]:
        return self._jurisdiction(jurisdiction).describe()

    def index_key(self, jurisdiction: str, tenant: str, purpose: str) -> IndexKey:
        """For keyed hashes of e-mail addresses, contents, idempotency keys; never rotated."""
        return self._index_key(jurisdiction, tenant, purpose)

    def cursor_key(self, tenant: str, purpose: str) -> DataKey:
        """Seals the cursors of one list of one tenant; seal with the person as row."""
        return self._cursor_key(tenant, purpose)

    def signing_keys(self) -> tuple[SigningKey, ...]:
        """Sign with the first, accept any."""
        self._refresh()
        return tuple(SigningKey(record.seed) for record in self._document.signing_keys)

    def stage_signing_key(self) -> str:
        """Make a key that is accepted but does not sign yet; publish it everywhere, then promote it."""
        with self._change() as document:
            document.signing_keys.append(_new_signing_key(self._clock()))
            return SigningKey(document.signing_keys[-1].seed).kid

    def promote_signing_key(self, kid: str) -> None:
        with self._change() as document:
            document.signing_keys.insert(0, document.signing_keys.pop(_position(document, kid)))

    def retire_signing_key(self, kid: str) -> None:
        """Accept *kid* no more; wait for the last token's lifetime after another was promoted."""
        with self._change() as document:
            position = _position(document, kid)
            if position == 0:
                raise EpochInUse("the key that signs cannot be retired: promote another first")
            del document.signing_keys[position]

    def _rotate(self, jurisdiction: str) -> int:
        with self._change() as document:
            keys = _of(document, jurisdiction)
            keys.current = max(keys.epochs) + 1
            keys.epochs[keys.current] = EpochRecord(created_at=self._clock(), key=os.urandom(KEY_BYTES))
            return keys.current

    def _end(self, jurisdiction: str, epoch: int) -> None:
        with self._change() as document:
            keys = _of(document, jurisdiction)
            if epoch == keys.current:
                raise EpochInUse(f"epoch {epoch} of {jurisdiction} is the current one: rotate first")
            record = _record(jurisdiction, keys, epoch)
            record.ended_at = record.ended_at or self._clock()

    def _destroy(self, jurisdiction: str, epoch: int) -> None:
        with self._change() as document:
            record = _record(jurisdiction, _of(document, jurisdiction), epoch)
            if record.ended_at is None:
                raise EpochInUse(f"epoch {epoch} of {jurisdiction} has not ended: rewrap its keys first")
            record.key = None
            record.destroyed_at = record.destroyed_at or self._clock()

    def _derive_index_key(self, jurisdiction: str, tenant: str, purpose: str) -> IndexKey:
        root = self._jurisdiction(jurisdiction).index_root
        return derive_index_key(root, jurisdiction=jurisdiction, tenant=tenant, purpose=purpose)

    def _derive_cursor_key(self, tenant: str, purpose: str) -> DataKey:
        return derive_cursor_key(self._document.cursor_root, tenant=tenant, purpose=purpose)

    def _jurisdiction(self, jurisdiction: str) -> JurisdictionKeys:
        self._refresh()
        return _of(self._document, jurisdiction)

    def _refresh(self) -> None:
        status = self._path.stat()
        seen = (status.st_ino, status.st_mtime_ns)
        if seen != self._seen:
            self._document = decode(read_private(self._path))
            self._seen = seen

    @contextmanager
    def _change(self) -> Iterator[Document]:
        with self._path.with_name(f"{self._path.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            document = decode(read_private(self._path))
            yield document
            replace_private(self._path, encode(document))
        self._refresh()


def _new_jurisdiction(now: datetime) -> JurisdictionKeys:
    first = EpochRecord(created_at=now, key=os.urandom(KEY_BYTES))
    return JurisdictionKeys(current=1, epochs={1: first}, index_root=os.urandom(KEY_BYTES))


def _new_signing_key(now: datetime) -> SigningRecord:
    return SigningRecord(seed=Ed25519PrivateKey.generate().private_bytes_raw(), created_at=now)


def _of(document: Document, jurisdiction: str) -> JurisdictionKeys:
    try:
        return document.jurisdictions[jurisdiction]
    except KeyError:
        raise UnknownJurisdiction(f"the key ring holds no keys of {jurisdiction}") from None


def _record(jurisdiction: str, keys: JurisdictionKeys, epoch: int) -> EpochRecord:
    try:
        return keys.epochs[epoch]
    except KeyError:
        raise KeyRingError(f"{jurisdiction} has no epoch {epoch}") from None


def _epoch_key(jurisdiction: str, keys: JurisdictionKeys, epoch: int) -> bytes:
    key = _record(jurisdiction, keys, epoch).key
    if key is None:
        raise EpochDestroyed(f"epoch {epoch} of {jurisdiction} was destroyed")
    return key


def _bound(jurisdiction: str, head: bytes, person_id: str) -> bytes:
    return head + b"%d." % len(jurisdiction) + jurisdiction.encode() + person_id.encode()


def _position(document: Document, kid: str) -> int:
    for position, record in enumerate(document.signing_keys):
        if SigningKey(record.seed).kid == kid:
            return position
    raise KeyRingError("no signing key of that id")
