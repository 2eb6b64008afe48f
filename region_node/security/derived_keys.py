"""Keys derived from a root by HKDF-SHA256: for keyed hashes and for cursors."""

import hmac
from typing import NoReturn

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from region_node.security.sealing import KEY_BYTES, DataKey


class IndexKey:
    """Makes keyed hashes (HMAC-SHA256) that can be looked up but not guessed without the key."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def digest(self, value: str | bytes) -> bytes:
        """32 bytes; equal values give equal bytes under the same key only. Normalise *value* before."""
        return hmac.digest(self._key, value.encode() if isinstance(value, str) else value, "sha256")

    def __repr__(self) -> str:
        return "IndexKey(hidden)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an index key is not pickled")


def derive_index_key(root: bytes, *, jurisdiction: str, tenant: str, purpose: str) -> IndexKey:
    return IndexKey(_derive(root, "index", jurisdiction, tenant, purpose))


def derive_cursor_key(root: bytes, *, tenant: str, purpose: str) -> DataKey:
    return DataKey(_derive(root, "cursor", tenant, purpose))


def _derive(root: bytes, *context: str) -> bytes:
    """Lengths go first, so that no two contexts read the same."""
    parts = [part.encode() for part in context]
    info = b"meridian 1 " + b".".join(b"%d" % len(part) for part in parts) + b":" + b"".join(parts)
    return HKDF(hashes.SHA256(), KEY_BYTES, None, info).derive(root)
