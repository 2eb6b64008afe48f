import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey

from region_node.security.signing_keys import SigningKey, jwks_document, verification_keys
from region_node.security.tokens import (
    LIFETIME_S,
    SKEW_S,
    AccessClaims,
    Rejection,
    Scope,
    TokenAuthority,
    TokenRejected,
    TokenSigner,
    TokenVerifier,
)

NOW = 1_900_000_000.0
KEY, OTHER_KEY = SigningKey(bytes(32)), SigningKey(bytes([1]) * 32)
AUTHORITY = TokenAuthority(issuer="https://meridian.example", audience="meridian")
CLAIMS = AccessClaims(
    person="eu.01J0000000000000000000000A",
    tenant="default",
    jurisdiction="eu",
    region="eu-central",
    region_epoch=3,
    family="f1",
    scopes=frozenset({Scope.WORKOUTS_READ, Scope.PROFILE_READ}),
)


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def verifier(clock):
    return TokenVerifier(verification_keys(jwks_document([KEY])), AUTHORITY, clock=clock)


def signed(key=KEY, authority=AUTHORITY, now=NOW):
    return TokenSigner(key, authority, clock=lambda: now).sign(CLAIMS)


def forged(header=(), claims=(), key=KEY.key, algorithms=("Ed25519",)):
    """The good token with some header fields and claims exchanged, signed again."""
    _, payload, _ = signed().split(".")
    body = json.loads(base64.urlsafe_b64decode(payload + "=="))
    head = {"alg": "Ed25519", "typ": "at+jwt", "kid": KEY.kid, **dict(header)}
    return jwt.encode(head, {**body, **dict(claims)}, key, algorithms=list(algorithms))


def unsigned():
    _, payload, _ = signed().split(".")
    header = json.dumps({"alg": "none", "typ": "at+jwt", "kid": KEY.kid}).encode()
    return f"{base64.urlsafe_b64encode(header).rstrip(b'=').decode()}.{payload}."


def test_a_good_token_gives_its_claims_back(verifier):
    token = signed()
    assert verifier.verify(token, tenant="default") == CLAIMS
    assert verifier.verify(token, tenant="default") == CLAIMS


def confused_with_hmac():
    public = KEY.key.as_bytes(encoding="PEM", private=False)
    return forged(
        {"alg": "HS256"}, key=OctKey.import_key(public.replace(b"-----", b"")), algorithms=["HS256"]
    )


BAD = [
    pytest.param(unsigned, Rejection.MALFORMED, id="alg-none"),
    pytest.param(confused_with_hmac, Rejection.MALFORMED, id="public-key-as-hmac-secret"),
    pytest.param(lambda: forged({"typ": "JWT"}), Rejection.MALFORMED, id="another-kind-of-token"),
    pytest.param(lambda: forged({"kid": OTHER_KEY.kid}), Rejection.UNKNOWN_KEY, id="unknown-key"),
    pytest.param(lambda: signed(OTHER_KEY), Rejection.UNKNOWN_KEY, id="key-of-another-deployment"),
    pytest.param(lambda: forged(key=OTHER_KEY.key), Rejection.BAD_SIGNATURE, id="our-kid-their-signature"),
    pytest.param(lambda: forged(claims={"iss": "https://x"}), Rejection.WRONG_ISSUER, id="issuer"),
    pytest.param(lambda: forged(claims={"aud": "x"}), Rejection.WRONG_AUDIENCE, id="audience"),
    pytest.param(lambda: forged(claims={"exp": "never"}), Rejection.MALFORMED, id="expiry-is-no-number"),
    pytest.param(lambda: forged(claims={"ten": None}), Rejection.MALFORMED, id="no-tenant"),
    pytest.param(lambda: forged(claims={"ten": "other"}), Rejection.OTHER_TENANT, id="other-tenant"),
    pytest.param(lambda: signed(now=NOW - LIFETIME_S - SKEW_S), Rejection.EXPIRED, id="expired"),
    pytest.param(lambda: signed(now=NOW + SKEW_S + 1), Rejection.NOT_YET_VALID, id="from-the-future"),
    pytest.param(
        lambda: forged(claims={"iat": int(NOW) - 3600, "exp": int(NOW) + 3600}),
        Rejection.EXPIRED,
        id="longer-life-than-allowed",
    ),
    pytest.param(lambda: "a" * 3000, Rejection.MALFORMED, id="too-long"),
    pytest.param(lambda: "not.a.token", Rejection.MALFORMED, id="no-token"),
    pytest.param(lambda: "", Rejection.MALFORMED, id="empty"),
    pytest.param(lambda: "\udc80.\u00e9.x", Rejection.MALFORMED, id="not-ascii"),
]


@pytest.mark.parametrize(("make", "reason"), BAD)
def test_a_bad_token_is_rejected_every_time_with_its_reason(verifier, make, reason):
    token = make()
    for _ in range(2):
        with pytest.raises(TokenRejected) as rejected:
            verifier.verify(token, tenant="default")
        assert rejected.value.reason is reason


def test_every_rejection_has_a_case():
    assert {case.values[1] for case in BAD} == set(Rejection)


@given(data=st.data())
def test_no_changed_character_gets_through(data):
    verifier = TokenVerifier(verification_keys(jwks_document([KEY])), AUTHORITY, clock=lambda: NOW)
    token = signed()
    at = data.draw(st.integers(0, len(token) - 2))
    other = data.draw(st.sampled_from("AZaz09-_.=+ \u00e9").filter(lambda character: character != token[at]))
    with pytest.raises(TokenRejected):
        verifier.verify(token[:at] + other + token[at + 1 :], tenant="default")


def test_a_remembered_token_ends_on_time(verifier, clock):
    token = signed()
    verifier.verify(token, tenant="default")
    clock.now += LIFETIME_S + SKEW_S - 1
    assert verifier.verify(token, tenant="default") == CLAIMS
    clock.now += 1
    with pytest.raises(TokenRejected):
        verifier.verify(token, tenant="default")


def test_a_remembered_token_still_needs_its_tenant(verifier):
    token = signed()
    verifier.verify(token, tenant="default")
    with pytest.raises(TokenRejected):
        verifier.verify(token, tenant="other")


def test_a_retired_key_takes_remembered_tokens_with_it(verifier):
    token = signed()
    verifier.verify(token, tenant="default")
    verifier.replace_keys(verification_keys(jwks_document([OTHER_KEY])))
    with pytest.raises(TokenRejected):
        verifier.verify(token, tenant="default")
    assert verifier.verify(signed(OTHER_KEY), tenant="default") == CLAIMS


def test_only_so_many_tokens_are_remembered_and_the_used_ones_stay(clock):
    verifier = TokenVerifier({KEY.kid: KEY.key}, AUTHORITY, clock=clock, max_remembered=2)
    used, *others = [signed() for _ in range(4)]
    for token in others:
        verifier.verify(used, tenant="default")
        verifier.verify(token, tenant="default")
    assert len(verifier._remembered) == 2
    verifier.replace_keys({})
    assert not verifier._remembered


def test_unknown_scopes_grant_nothing(verifier):
    token = forged(claims={"scope": "workouts:read admin"})
    assert verifier.verify(token, tenant="default").scopes == {Scope.WORKOUTS_READ}


def test_published_keys_hold_nothing_private_and_ids_cannot_be_claimed():
    document = jwks_document([KEY, OTHER_KEY])
    assert all("d" not in jwk for jwk in document["keys"])
    document["keys"][1]["kid"] = KEY.kid
    assert set(verification_keys(document)) == {KEY.kid, OTHER_KEY.kid}
