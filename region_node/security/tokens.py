"""Access tokens: short-lived JWTs (RFC 9068 profile) signed with Ed25519, verifiable in any region."""

import hashlib
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import msgspec
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from region_node.security.signing_keys import ALGORITHM, SigningKey

LIFETIME_S = 600
SKEW_S = 30
"""How far two regions' clocks may be apart."""

_TYPE = "at+jwt"
_MAX_CHARS = 2048


class Scope(StrEnum):
    PROFILE_READ = "profile:read"
    PROFILE_WRITE = "profile:write"
    WORKOUTS_READ = "workouts:read"
    WORKOUTS_WRITE = "workouts:write"


class Rejection(StrEnum):
    """Why a token does not count; `OTHER_TENANT` is answered with 404, all others with 401."""

    MALFORMED = "malformed"
    UNKNOWN_KEY = "unknown-key"
    BAD_SIGNATURE = "bad-signature"
    WRONG_ISSUER = "wrong-issuer"
    WRONG_AUDIENCE = "wrong-audience"
    EXPIRED = "expired"
    NOT_YET_VALID = "not-yet-valid"
    OTHER_TENANT = "other-tenant"


class TokenRejected(Exception):
    def __init__(self, reason: Rejection) -> None:
        super().__init__(f"access token rejected: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAuthority:
    """Who issues tokens and for whom; the same in all regions of a deployment."""

    issuer: str
    audience: str


class AccessClaims(msgspec.Struct, frozen=True, kw_only=True):
    """What a token says of its bearer."""

    person: str
    tenant: str
    jurisdiction: str
    region: str
    """The active region of the person's tenant and jurisdiction when the token was issued."""
    region_epoch: int
    family: str
    language: str = "en"
    """What the person reads, for answers to requests that do not ask for a language."""
    scopes: frozenset[Scope] = frozenset()


class _Wire(msgspec.Struct, frozen=True, kw_only=True):
    """All claims as they stand in a token."""

    iss: str
    aud: str
    sub: str
    ten: str
    jur: str
    reg: str
    epc: int
    fam: str
    lng: str
    scope: str
    iat: int
    exp: int
    jti: str


class TokenSigner:
    """Signs access tokens with one key.

    Args:
        key: The first of the key ring; make a new signer when another is promoted.
        clock: Seconds since 1970, UTC.
    """

    def __init__(self, key: SigningKey, authority: TokenAuthority, *, clock: Callable[[], float]) -> None:
        self._key = key
        self._authority = authority
        self._clock = clock

    def sign(self, claims: AccessClaims) -> str:
        """A token that is good for `LIFETIME_S`."""
        now = int(self._clock())
        wire = _Wire(
            iss=self._authority.issuer,
            aud=self._authority.audience,
            sub=claims.person,
            ten=claims.tenant,
            jur=claims.jurisdiction,
            reg=claims.region,
            epc=claims.region_epoch,
            fam=claims.family,
            lng=claims.language,
            scope=" ".join(sorted(claims.scopes)),
            iat=now,
            exp=now + LIFETIME_S,
            jti=uuid.uuid4().hex,
        )
        header = {"alg": ALGORITHM, "typ": _TYPE, "kid": self._key.kid}
        return jwt.encode(header, msgspec.to_builtins(wire), self._key.key, algorithms=[ALGORITHM])


class TokenVerifier:
    """Verifies access tokens of all regions, and remembers those that it has verified until they expire.

    Args:
        keys: Public keys by id (`signing_keys.verification_keys`).
        clock: Seconds since 1970, UTC.
        max_remembered: Tokens kept; the least recently used go first.
    """

    def __init__(
        self,
        keys: Mapping[str, OKPKey],
        authority: TokenAuthority,
        *,
        clock: Callable[[], float],
        max_remembered: int = 10_000,
    ) -> None:
        self._keys = dict(keys)
        self._authority = authority
        self._clock = clock
        self._max_remembered = max_remembered
        self._remembered: OrderedDict[bytes, tuple[AccessClaims, int]] = OrderedDict()

    def replace_keys(self, keys: Mapping[str, OKPKey]) -> None:
        """Accept only *keys* from now on; forgets what was verified with others."""
        self._keys = dict(keys)
        self._remembered.clear()

    def verify(self, token: str, *, tenant: str) -> AccessClaims:
        """What *token* says, if it counts now and for *tenant*.

        Raises:
            TokenRejected: It does not; `reason` says why.
        """
        digest = hashlib.sha256(token.encode(errors="surrogatepass")).digest()
        known = self._remembered.get(digest)
        if known is None:
            known = self._verify_anew(token)
            self._remember(digest, known)
        else:
            self._remembered.move_to_end(digest)
        claims, expires_at_s = known
        if self._clock() >= expires_at_s + SKEW_S:
            del self._remembered[digest]
            raise TokenRejected(Rejection.EXPIRED)
        if claims.tenant != tenant:
            raise TokenRejected(Rejection.OTHER_TENANT)
        return claims

    def _remember(self, digest: bytes, known: tuple[AccessClaims, int]) -> None:
        self._remembered[digest] = known
        if len(self._remembered) > self._max_remembered:
            self._remembered.popitem(last=False)

    def _verify_anew(self, token: str) -> tuple[AccessClaims, int]:
        wire = self._wire(token, self._key_of(token))
        if wire.iss != self._authority.issuer:
            raise TokenRejected(Rejection.WRONG_ISSUER)
        if wire.aud != self._authority.audience:
            raise TokenRejected(Rejection.WRONG_AUDIENCE)
        if wire.iat > self._clock() + SKEW_S:
            raise TokenRejected(Rejection.NOT_YET_VALID)
        # A longer life than ours would be a mistake of the signer; it is not honoured.
        return _claims(wire), min(wire.exp, wire.iat + LIFETIME_S)

    def _key_of(self, token: str) -> OKPKey:
        """The key that the header names; unverified as yet, the header is trusted for nothing else."""
        if len(token) > _MAX_CHARS:
            raise TokenRejected(Rejection.MALFORMED)
        try:
            header = jws.extract_compact(token.encode()).headers()
        except (JoseError, ValueError):
            raise TokenRejected(Rejection.MALFORMED) from None
        if header.get("alg") != ALGORITHM or header.get("typ") != _TYPE:
            raise TokenRejected(Rejection.MALFORMED)
        key = self._keys.get(str(header.get("kid")))
        if key is None:
            raise TokenRejected(Rejection.UNKNOWN_KEY)
        return key

    def _wire(self, token: str, key: OKPKey) -> _Wire:
        try:
            return msgspec.convert(jwt.decode(token, key, algorithms=[ALGORITHM]).claims, _Wire)
        except msgspec.ValidationError:
            raise TokenRejected(Rejection.MALFORMED) from None
        except (JoseError, ValueError):
            raise TokenRejected(Rejection.BAD_SIGNATURE) from None


def _claims(wire: _Wire) -> AccessClaims:
    """Scopes that this version does not know grant nothing."""
    known = {scope.value for scope in Scope}
    return AccessClaims(
        person=wire.sub,
        tenant=wire.ten,
        jurisdiction=wire.jur,
        region=wire.reg,
        region_epoch=wire.epc,
        family=wire.fam,
        language=wire.lng,
        scopes=frozenset(Scope(scope) for scope in wire.scope.split() if scope in known),
    )
