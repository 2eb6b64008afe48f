"""A report with a signature over its exact content, which anybody with the public key can check."""

import base64
import hashlib
from collections.abc import Iterable

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from cli.auditing.model import Report

CONTEXT = b"meridian residency audit 1\n"
"""Signed with the report, so that no signature of the same key over something else fits it."""


class NotSigned(ValueError):
    """The document is none of ours, was changed, or was signed by a key that was not given."""


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    algorithm: str
    public_key: str
    """Base64url of the 32 bytes; it says which key to look for among those that are given."""
    value: str


class SignedReport(msgspec.Struct, frozen=True, kw_only=True):
    report: Report
    signature: Signature


def sign(report: Report, key: Ed25519PrivateKey) -> SignedReport:
    return SignedReport(
        report=report,
        signature=Signature(
            algorithm="Ed25519",
            public_key=_text(key.public_key().public_bytes_raw()),
            value=_text(key.sign(_canonical(report))),
        ),
    )


def verify(document: bytes, trusted: Iterable[Ed25519PublicKey]) -> Report:
    """The report, if one of the *trusted* keys signed all of it.

    Raises:
        NotSigned
    """
    try:
        signed = msgspec.json.decode(document, type=SignedReport)
        raw = msgspec.json.decode(document)
        value, public = _bytes(signed.signature.value), _bytes(signed.signature.public_key)
    except (msgspec.DecodeError, ValueError) as fault:
        raise NotSigned(f"this is no signed report: {fault}") from fault
    key = next((one for one in trusted if one.public_bytes_raw() == public), None)
    if key is None:
        raise NotSigned(f"signed by key {signed.signature.public_key}, which is not among those given")
    try:
        # The document as it stands, not as it was understood: a field that is unknown here counts too.
        key.verify(value, CONTEXT + msgspec.json.encode(raw["report"], order="sorted"))
    except InvalidSignature:
        raise NotSigned("the report was changed after it was signed") from None
    return signed.report


def digest(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()


def _canonical(report: Report) -> bytes:
    return CONTEXT + msgspec.json.encode(msgspec.to_builtins(report), order="sorted")


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
