"""Sealing of single values: AES-256-GCM under a person's data key, bound to where the value stands.

A sealed value is one byte of version, a random nonce of 96 bits and the ciphertext with its tag of 128 bits.
Table, row and column are associated data: a value that was moved does not open.
Random nonces allow 2**32 seals per key (NIST SP 800-38D), far above what one person's rows need.
"""

import os
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES

_VERSION = b"\x01"
_BODY = 1 + NONCE_BYTES


class SealBroken(Exception):
    """A value was changed, moved, cut, or sealed with another key. Do not retry; `where` names no person."""

    def __init__(self, where: str) -> None:
        super().__init__(f"what is stored in {where} does not open")
        self.where = where


class DataKey:
    """256 bits that seal one person's values; never shown, never pickled."""

    __slots__ = ("_key", "cipher")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a data key has {KEY_BYTES} bytes")
        self._key = key
        self.cipher = AESGCM(key)
        """Kept, because setting up the cipher costs as much as sealing a short value."""

    @classmethod
    def generate(cls) -> "DataKey":
        return cls(os.urandom(KEY_BYTES))

    def reveal(self) -> bytes:
        """The key itself, for wrapping and for deriving; keep it out of what is logged or stored."""
        return self._key

    def __repr__(self) -> str:
        return "DataKey(hidden)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a data key is not pickled")


def seal(key: DataKey, plaintext: bytes, *, table: str, row: str | bytes, column: str) -> bytes:
    """Seal *plaintext* for the one place where it will stand; `row` is the encoded primary key."""
    nonce = os.urandom(NONCE_BYTES)
    return _VERSION + nonce + key.cipher.encrypt(nonce, plaintext, _place(table, row, column))


def looks_sealed(value: bytes) -> bool:
    """Whether *value* has the form of a sealed one; who sealed it, and for where, only `unseal` can tell."""
    return value[:1] == _VERSION and len(value) >= OVERHEAD_BYTES


def unseal(key: DataKey, sealed: bytes, *, table: str, row: str | bytes, column: str) -> bytes:
    """Open what `seal` made for the same place.

    Raises:
        SealBroken: The value, its place or the key is not the one it was sealed with.
    """
    if not looks_sealed(sealed):
        raise SealBroken(f"{table}.{column}")
    try:
        return key.cipher.decrypt(sealed[1:_BODY], sealed[_BODY:], _place(table, row, column))
    except InvalidTag:
        raise SealBroken(f"{table}.{column}") from None


def _place(table: str, row: str | bytes, column: str) -> bytes:
    """Lengths go first, so that no two places read the same."""
    table_bytes, column_bytes = table.encode(), column.encode()
    row_bytes = row.encode() if isinstance(row, str) else row
    return b"%d.%d.%s%s%s" % (len(table_bytes), len(column_bytes), table_bytes, column_bytes, row_bytes)
