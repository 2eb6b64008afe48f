"""Receipts: what was done for a request, signed by the node (JWS, Ed25519), without any personal value."""

import hashlib
import os
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from region_node.security.signed_documents import read_document, sign_document
from region_node.security.signing_keys import SigningKey

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
        act_id: The act that two of the staff signed, where it was not the person themself who asked.
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
    act_id: str = ""
    ledger_head: str = ""
    disks_by: datetime | None = None
    key_epoch: int = 0
    key_epoch_destroyed_by: datetime | None = None


def hashed_person(person_id: str) -> tuple[str, str]:
    """A salt of its own, and the hash of *person_id* with it."""
    salt = os.urandom(SALT_BYTES).hex()
    return salt, person_hash(salt, person_id)


def person_hash(salt: str, person_id: str) -> str:
    return hashlib.sha256(f"{salt}.{person_id}".encode()).hexdigest()


def sign_receipt(receipt: Receipt, key: SigningKey) -> str:
    return sign_document(receipt, _TYPE, key)


def read_receipt(signed: str, jwks: Mapping[str, Any]) -> Receipt:
    """What *signed* says, if a key of *jwks* signed it.

    Raises:
        SignatureBroken: It was not signed by a key of this deployment, or was changed.
    """
    return read_document(signed, Receipt, _TYPE, jwks)
