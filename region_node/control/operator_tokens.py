"""An operator's token, `OPERATOR-ID.secret`: a file of mode 0600 with its owner, a digest on the server."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

_FORM = re.compile(r"([0-9A-Z]{26})\.([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorToken:
    operator_id: str
    secret: str = field(repr=False)

    def encode(self) -> str:
        """What the file holds."""
        return f"{self.operator_id}.{self.secret}"

    def digest(self) -> str:
        """What the server stores, in hexadecimal; plain SHA-256 is enough for 256 random bits."""
        return hashlib.sha256(self.encode().encode()).hexdigest()

    def is_the_one(self, stored_digest: str) -> bool:
        """Compare in constant time."""
        return hmac.compare_digest(self.digest(), stored_digest)


def new_operator_token(operator_id: str) -> OperatorToken:
    return OperatorToken(operator_id=operator_id, secret=secrets.token_urlsafe(32))


def parse_operator_token(text: str) -> OperatorToken | None:
    match = _FORM.fullmatch(text.strip())
    return None if match is None else OperatorToken(operator_id=match[1], secret=match[2])
