"""Refresh tokens: opaque `family.counter.secret`; only a hash of them is ever stored.

A family is one sign-in. Each use gives the next counter and a new secret; who presents an older one than the
store's grace allows ends the family, because somebody else has a copy.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

_FORM = re.compile(r"([A-Za-z0-9_-]{1,64})\.(0|[1-9][0-9]{0,9})\.([A-Za-z0-9_-]{43})", re.ASCII)
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    family: str
    counter: int
    secret: str = field(repr=False)

    def encode(self) -> str:
        """What the client keeps."""
        return f"{self.family}.{self.counter}.{self.secret}"

    def digest(self) -> bytes:
        """What the store keeps: 32 bytes. Plain SHA-256 is enough for 256 random bits."""
        return hashlib.sha256(self.encode().encode()).digest()

    def is_the_one(self, stored_digest: bytes) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.digest(), stored_digest)

    def successor(self) -> "RefreshToken":
        return RefreshToken(family=self.family, counter=self.counter + 1, secret=_new_secret())


def new_refresh_token(family: str | None = None) -> RefreshToken:
    """The first token of a family; the id of a new family is 128 random bits unless given."""
    return RefreshToken(family=family or secrets.token_hex(16), counter=0, secret=_new_secret())


def parse_refresh_token(text: str) -> RefreshToken | None:
    """None when *text* cannot be a refresh token; whether it is a good one, the store knows."""
    match = _FORM.fullmatch(text)
    if match is None:
        return None
    family, counter, secret = match.groups()
    return RefreshToken(family=family, counter=int(counter), secret=secret)


def _new_secret() -> str:
    return secrets.token_urlsafe(_SECRET_BYTES)
