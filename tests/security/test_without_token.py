"""Promise 6: without a valid token a request reaches nothing but the routes that are public by their kind."""

import base64
import json
import time

from region_node.app import controllers_of
from region_node.bootstrap import AUTHORITY
from region_node.http.app import assemble
from region_node.http.declare import OperatorAccess, Public, PublicReason
from region_node.http.health import Readiness
from region_node.security.signing_keys import SigningKey
from region_node.security.tokens import AccessClaims, Scope, TokenSigner
from tests.support.http import deps
from tests.support.node import signed_in
from tests.support.operators import bootstrapped
from tests.support.route_walk import operations, status_of

SOMEONE = {"upload_id": "01m7yz1dwnqpx5fxmfegyp3d0k", "workout_id": "7pblht77gqxijza5jjfid2mnri"}
PUBLIC = {
    "landing": PublicReason.LANDING,
    "accounts.sign_up": PublicReason.SIGN_UP,
    "accounts.sign_in": PublicReason.SIGN_IN,
    "accounts.refresh": PublicReason.SIGN_IN,
    "health.live": PublicReason.HEALTH,
    "health.ready": PublicReason.HEALTH,
    "public_keys": PublicReason.PUBLIC_KEYS,
    "rights.receipt": PublicReason.ONE_TIME_LINK,
}
"""What may answer anybody; beside these only the description of the API."""


def served(node):
    parts = deps()
    return [one.spec for one in assemble(controllers_of(node.container), parts, Readiness(()))]


def part(value):
    return base64.urlsafe_b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).rstrip(
        b"="
    )


def joined(*parts):
    return b".".join(parts).decode()


def claims_of(token, scopes=frozenset(Scope)):
    """What a token of ours says, to be signed again in some other way."""
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return AccessClaims(
        person=claims["sub"],
        tenant=claims["ten"],
        jurisdiction=claims["jur"],
        region=claims["reg"],
        region_epoch=claims["epc"],
        family=claims["fam"],
        scopes=scopes,
    )


def forged(athlete, node):
    """Tokens that look like the athlete's and are worth nothing."""
    token = athlete.session["access_token"]
    head, body, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    mine = claims_of(token)
    right_key = node.container.parts.ring.signing_keys()[0]
    stranger = SigningKey(bytes(32))
    other_key = TokenSigner(stranger, AUTHORITY, clock=time.time).sign(mine)
    same_kid = joined(part({**header}), part(claims), other_key.rpartition(".")[2].encode())
    an_hour_ago = TokenSigner(right_key, AUTHORITY, clock=lambda: time.time() - 3600).sign(mine)
    in_an_hour = TokenSigner(right_key, AUTHORITY, clock=lambda: time.time() + 3600).sign(mine)
    return {
        "none": joined(part({**header, "alg": "none"}), body.encode(), b""),
        "HS256 with the public key": joined(part({**header, "alg": "HS256"}), body.encode(), part(bytes(32))),
        "another key": other_key,
        "another key under our id": same_kid,
        "expired": an_hour_ago,
        "not yet": in_an_hour,
        "another person": joined(
            head.encode(), part({**claims, "sub": "eu_01m7yz1drrab801xjttyvy7wvp"}), signature.encode()
        ),
        "cut": token[:-4],
        "empty parts": "..",
        "a refresh token": athlete.session["refresh_token"],
        "garbage": "x" * 3000,
    }


async def test_only_routes_of_public_kinds_answer_without_a_token(node):
    specs = {spec.operation_id: spec for spec in served(node)}
    async with node.client() as client:
        found = {
            one.operation_id: await status_of(client, one.request(client, SOMEONE))
            for one in await operations(client)
        }
        walked = await operations(client)
    assert specs.keys() == found.keys()
    closed = {one.operation_id for one in walked if one.security}
    assert len(closed) > 15
    assert {(401, "not_authenticated")} == {found[name] for name in closed}
    public = {name: specs[name].access.reason for name in specs.keys() - closed}
    rest = {name: reason for name, reason in public.items() if PUBLIC.get(name) is not reason}
    assert {PublicReason.API_DESCRIPTION} == set(rest.values())
    assert all(isinstance(specs[name].access, Public) for name in public)


async def test_a_token_that_is_not_ours_opens_nothing(node):
    async with signed_in(node) as ana:
        tokens = forged(ana, node)
        async with node.client() as client:
            closed = [one for one in await operations(client) if one.security]
            for name, token in tokens.items():
                found = set()
                for one in closed:
                    request = one.request(client, SOMEONE, authorization=f"Bearer {token}")
                    found.add(await status_of(client, request))
                assert {(401, "not_authenticated")} == found, name
            answer = await client.get("/v1/me", headers={"authorization": f"Bearer {tokens['expired']}"})
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert (await ana.http.get("/v1/me")).is_success


async def test_the_token_of_an_operator_is_no_persons_and_the_other_way_round(node):
    operator = await bootstrapped(node.settings)
    async with signed_in(node) as ana, node.client() as client:
        walked = await operations(client)
        for one in (one for one in walked if one.security):
            wrong = operator if "person" in one.security else ana.session["access_token"]
            request = one.request(client, SOMEONE, authorization=f"Bearer {wrong}")
            assert (401, "not_authenticated") == await status_of(client, request), one.operation_id
        assert any(isinstance(spec.access, OperatorAccess) for spec in served(node))
        metrics = await client.get("/metrics", headers={"authorization": f"Bearer {operator}"})
        assert metrics.is_success
        assert ana.person_id not in metrics.text


async def test_a_token_opens_only_what_its_scope_names(node):
    async with signed_in(node) as ana, node.client() as client:
        key = node.container.parts.ring.signing_keys()[0]
        needed = {spec.operation_id: spec.access for spec in served(node)}
        walked = [one for one in await operations(client) if "person" in one.security]
        for scope in Scope:
            claims = claims_of(ana.session["access_token"], scopes=frozenset({scope}))
            token = TokenSigner(key, AUTHORITY, clock=time.time).sign(claims)
            for one in walked:
                request = one.request(client, SOMEONE, authorization=f"Bearer {token}")
                is_open = needed[one.operation_id].scopes <= {scope}
                answer = await status_of(client, request)
                assert is_open is ((403, "forbidden") != answer), (scope, one.operation_id)
