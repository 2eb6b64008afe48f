"""Links that work without an account: a request's id with a secret, of which only the hash is kept."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from region_node.features.rights.request_ids import jurisdiction_of_request

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Link:
    request_id: str
    secret: str

    @property
    def token(self) -> str:
        return f"{self.request_id}.{self.secret}"

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.secret.encode()).digest()

    @property
    def jurisdiction(self) -> str:
        return jurisdiction_of_request(self.request_id)

    def opens(self, digest: bytes) -> bool:
        return hmac.compare_digest(self.digest, digest)


def new_link(request_id: str) -> Link:
    return Link(request_id, secrets.token_urlsafe(SECRET_BYTES))


def parse_link(token: str) -> Link | None:
    """The link, or None for what cannot be one."""
    request_id, _, secret = token.partition(".")
    try:
        jurisdiction_of_request(request_id)
    except ValueError:
        return None
    return Link(request_id, secret) if secret else None
