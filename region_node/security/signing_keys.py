"""Ed25519 keys that sign access tokens, and their public form (JWK, RFC 7517 and RFC 8037)."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

ALGORITHM = "Ed25519"
"""The fully specified name of RFC 9864, which deprecates the older `EdDSA`."""


class SigningKey:
    """A private key with its id, the RFC 7638 thumbprint of its public half."""

    __slots__ = ("_private", "key", "kid")

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        public = self._private.public_key().public_bytes_raw()
        self.key = OKPKey.import_key(
            {"kty": "OKP", "crv": "Ed25519", "d": _base64url(seed), "x": _base64url(public)}
        )
        self.kid = self.key.thumbprint()

    @property
    def public(self) -> str:
        """The public half, 32 bytes in base64url with padding."""
        return base64.urlsafe_b64encode(self._private.public_key().public_bytes_raw()).decode()

    def sign(self, message: bytes) -> str:
        """A signature in base64url; *message* begins with a line that says what is signed."""
        return base64.urlsafe_b64encode(self._private.sign(message)).decode()

    def __repr__(self) -> str:
        return f"SigningKey(kid={self.kid!r})"


def jwks_document(keys: Iterable[SigningKey]) -> dict[str, list[dict[str, Any]]]:
    """The public halves, to be served to whoever verifies tokens."""
    return {
        "keys": [
            {**key.key.as_dict(private=False), "kid": key.kid, "alg": ALGORITHM, "use": "sig"} for key in keys
        ]
    }


def verification_keys(jwks: Mapping[str, Any]) -> dict[str, OKPKey]:
    """Public keys by id, from the documents that regions publish.

    Ids are computed anew and not taken from the document, so that nobody can put a key in another's place.
    """
    imported = [OKPKey.import_key(jwk) for jwk in jwks["keys"] if jwk.get("crv") == "Ed25519"]
    return {key.thumbprint(): key for key in imported}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
