"""Receipts: what was done for a request, signed by the node (JWS, Ed25519), without any personal value."""

import hashlib
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError

from region_node.security.signing_keys import ALGORITHM, SigningKey, verification_keys

_TYPE = "meridian-receipt+jws"
SALT_BYTES = 16


class ReceiptStep(msgspec.Struct, frozen=True, kw_only=True):
    step: str
    at: datetime


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What a request came to.

    Attributes:
        person_hash: SHA-256 of salt (hex) and person id: who knows the id can tell that it is theirs.
        manifest_sha256: Digest of the list of what was destroyed, or of the archive that was handed out.
        rows: Entries of the manifest by table.
        ledger_head: Hash of the last entry of the consent ledger.
        disks_by: By when no file of a store holds the bytes any more.
        key_epoch: The epoch that wrapped the person's key, and by when it is destroyed: until then a backup
            of the key space that is older than the erasure could still be opened.
    """

    request_id: str
    kind: str
    tenant: str
    jurisdiction: str
    region: str
    person_salt: str
    person_hash: str
    steps: tuple[ReceiptStep, ...]
    completed_at: datetime
    manifest_sha256: str = ""
    rows: dict[str, int] = {}
    objects: int = 0
    ledger_head: str = ""
    disks_by: datetime | None = None
    key_epoch: int = 0
    key_epoch_destroyed_by: datetime | None = None


class ReceiptBroken(ValueError):
    """It was not signed by a key of this deployment, or was changed."""


def hashed_person(person_id: str) -> tuple[str, str]:
    """A salt of its own, and the hash of *person_id* with it."""
    salt = os.urandom(SALT_BYTES).hex()
    return salt, person_hash(salt, person_id)


def person_hash(salt: str, person_id: str) -> str:
    return hashlib.sha256(f"{salt}.{person_id}".encode()).hexdigest()


def sign_receipt(receipt: Receipt, key: SigningKey) -> str:
    header = {"alg": ALGORITHM, "typ": _TYPE, "kid": key.kid}
    return jws.serialize_compact(header, msgspec.json.encode(receipt), key.key, algorithms=[ALGORITHM])


def read_receipt(signed: str, jwks: Mapping[str, Any]) -> Receipt:
    """What *signed* says, if a key of *jwks* signed it.

    Raises:
        ReceiptBroken
    """
    keys = verification_keys(jwks)
    try:
        header = jws.extract_compact(signed.encode()).headers()
        key = keys.get(str(header.get("kid")))
        if key is None or header.get("typ") != _TYPE:
            raise ReceiptBroken("no receipt, or signed by an unknown key")
        payload = jws.deserialize_compact(signed, key, algorithms=[ALGORITHM]).payload
        return msgspec.json.decode(payload or b"", type=Receipt)
    except (JoseError, ValueError, msgspec.ValidationError):
        raise ReceiptBroken("this receipt was changed, or is none") from None
