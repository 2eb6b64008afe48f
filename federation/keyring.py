"""The Ed25519 keys with which regions sign, and whose each key is.

A key that is replaced is announced before it signs and accepted for a while after: what it signed may wait
in a stream for as long as the stream keeps it. A revoked key is accepted for nothing, whenever it signed;
what waits under it has to be published again.
"""

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from federation.topology import DAY_S, LANE_LIMITS
from policies.vocabulary import Region

ANNOUNCED_FOR = timedelta(days=1)
ACCEPTED_AFTER = timedelta(seconds=max(limits.max_age_s for limits in LANE_LIMITS.values()) + DAY_S)


class Context(StrEnum):
    """What a signature is for: one for a receipt is none for an envelope. Values are signed: never rename."""

    ENVELOPE = "meridian-envelope-1"
    RECEIPT = "meridian-receipt-1"
    BEACON = "meridian-beacon-1"


class KeyFault(StrEnum):
    UNKNOWN = "unknown-key"
    OF_ANOTHER = "key-of-another-region"
    REVOKED = "revoked-key"
    PAST = "past-key"
    BROKEN = "bad-signature"


class SignatureRefused(Exception):
    def __init__(self, fault: KeyFault) -> None:
        super().__init__(fault)
        self.fault = fault


class KeyringError(Exception):
    """The keys are not as they must be; the message names regions and key ids only."""


class PublicKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What others know of a key. Without `accepted_until` it has not been replaced."""

    region: str
    public: bytes
    accepted_until: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def key_id(self) -> str:
        return key_id_of(self.public)


class OwnKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    seed: bytes
    signs_from: datetime
    accepted_until: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def public(self) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        return key_id_of(self.public)

    def signs_at(self, now: datetime) -> bool:
        accepted = self.accepted_until is None or now < self.accepted_until
        return self.revoked_at is None and self.signs_from <= now and accepted

    def __repr__(self) -> str:
        return f"OwnKey({self.key_id})"


class Signer:
    """Signs in the name of one region."""

    __slots__ = ("_private", "key_id", "region")

    def __init__(self, region: Region, key: OwnKey) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(key.seed)
        self.region = region
        self.key_id = key.key_id

    def sign(self, context: Context, message: bytes) -> str:
        return _text(self._private.sign(_framed(context, message)))

    def __repr__(self) -> str:
        return f"Signer({self.region}, {self.key_id})"


class OwnKeys(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A region's keys, oldest first. Changes make a new value, for a private file."""

    region: str
    keys: tuple[OwnKey, ...]

    def signer(self, now: datetime) -> Signer:
        """The newest key that signs by now.

        Raises:
            KeyringError: there is none: make one with `rotated`.
        """
        usable = [key for key in self.keys if key.signs_at(now)]
        if not usable:
            raise KeyringError(f"{self.region} has no key to sign with: rotate its keys")
        return Signer(Region(self.region), usable[-1])

    def rotated(self, now: datetime, announced_for: timedelta = ANNOUNCED_FOR) -> "OwnKeys":
        """With a new key, which signs once others have had *announced_for* to learn of it."""
        signs_from = now + announced_for
        until = signs_from + ACCEPTED_AFTER
        replaced = [
            msgspec.structs.replace(key, accepted_until=key.accepted_until or until) for key in self.keys
        ]
        return msgspec.structs.replace(self, keys=(*replaced, _new_key(signs_from)))

    def revoked(self, key_id: str, now: datetime) -> "OwnKeys":
        """Without trust in *key_id*, from now on and for what it signed before.

        Raises:
            KeyringError: it is none of this region's.
        """
        if key_id not in {key.key_id for key in self.keys}:
            raise KeyringError(f"{key_id} is no key of {self.region}")
        keys = tuple(
            msgspec.structs.replace(key, revoked_at=key.revoked_at or now) if key.key_id == key_id else key
            for key in self.keys
        )
        return msgspec.structs.replace(self, keys=keys)

    def public(self) -> tuple[PublicKey, ...]:
        """All of them for ever: a receipt has to be checked years after its key has gone."""
        return tuple(
            PublicKey(
                region=self.region,
                public=key.public,
                accepted_until=key.accepted_until,
                revoked_at=key.revoked_at,
            )
            for key in self.keys
        )


def new_keys(region: Region, now: datetime) -> OwnKeys:
    """The first key of a region; it signs at once."""
    return OwnKeys(region=region, keys=(_new_key(now),))


class Keyring:
    """Public keys of all regions that this one knows, its own among them."""

    def __init__(self, keys: Iterable[PublicKey]) -> None:
        """Raises KeyringError where two regions claim one key."""
        self._keys: dict[str, tuple[PublicKey, Ed25519PublicKey]] = {}
        for key in keys:
            known = self._keys.get(key.key_id)
            if known is not None and known[0].region != key.region:
                raise KeyringError(f"{key.key_id} is claimed by {known[0].region} and {key.region}")
            self._keys[key.key_id] = (key, Ed25519PublicKey.from_public_bytes(key.public))

    def check(self, context: Context, claim: "Claim", message: bytes) -> None:
        """Check that the region of *claim* signed *message*, with a key that was good then.

        Raises:
            SignatureRefused
        """
        found = self._keys.get(claim.key_id)
        if found is None:
            raise SignatureRefused(KeyFault.UNKNOWN)
        key, public = found
        if key.region != claim.region:
            raise SignatureRefused(KeyFault.OF_ANOTHER)
        if key.revoked_at is not None:
            raise SignatureRefused(KeyFault.REVOKED)
        if key.accepted_until is not None and claim.at > key.accepted_until:
            raise SignatureRefused(KeyFault.PAST)
        try:
            public.verify(_bytes(claim.signature), _framed(context, message))
        except (InvalidSignature, ValueError):
            raise SignatureRefused(KeyFault.BROKEN) from None


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Who says to have signed, and the instant that a replaced key must still be good at."""

    region: str
    key_id: str
    signature: str
    at: datetime


def key_id_of(public: bytes) -> str:
    """The RFC 7638 thumbprint, so that nobody can give a key the id of another."""
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": _text(public)}
    return _text(hashlib.sha256(msgspec.json.encode(jwk)).digest())


def _new_key(signs_from: datetime) -> OwnKey:
    return OwnKey(seed=Ed25519PrivateKey.generate().private_bytes_raw(), signs_from=signs_from)


def _framed(context: Context, message: bytes) -> bytes:
    return context.encode() + b"\n" + message


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _text(raw) != text:
        raise ValueError("not the one way to write it")
    return raw
