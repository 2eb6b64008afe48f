"""Documents that a node signs for people to keep: compact JWS (RFC 7515), Ed25519, of a named type.

The type stands in the header, so that a receipt is never taken for a token, nor one kind for another.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from joserfc import jws
from joserfc.errors import JoseError

from region_node.security.signing_keys import ALGORITHM, SigningKey, verification_keys

T = TypeVar("T")


class SignatureBroken(ValueError):
    """It was changed, is of another type, or was signed by no key of those given."""


def sign_document(document: msgspec.Struct, type_: str, key: SigningKey) -> str:
    header = {"alg": ALGORITHM, "typ": type_, "kid": key.kid}
    return jws.serialize_compact(header, msgspec.json.encode(document), key.key, algorithms=[ALGORITHM])


def read_document(signed: str, kind: type[T], type_: str, jwks: Mapping[str, Any]) -> T:
    """What *signed* says, if a key of *jwks* signed it as a *type_*.

    Raises:
        SignatureBroken
    """
    keys = verification_keys(jwks)
    try:
        header = jws.extract_compact(signed.encode()).headers()
        key = keys.get(str(header.get("kid")))
        if key is None or header.get("typ") != type_:
            raise SignatureBroken("not signed as this by a known key")
        payload = jws.deserialize_compact(signed, key, algorithms=[ALGORITHM]).payload
        return msgspec.json.decode(payload or b"", type=kind)
    except (JoseError, ValueError, msgspec.ValidationError):
        raise SignatureBroken("not signed as this by a known key") from None
