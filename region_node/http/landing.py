"""What everybody may see: where the API is described, and the keys that verify access tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from policies.vocabulary import Purpose
from region_node.http.call import Call
from region_node.http.declare import Placement, Public, PublicReason, RouteSpec, route


class Landing(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    docs: str
    description: str


class PublicKey(msgspec.Struct, frozen=True, kw_only=True):
    """A JSON Web Key (RFC 7517, RFC 8037)."""

    kty: str
    crv: str
    x: str
    kid: str
    alg: str
    use: str


class PublicKeys(msgspec.Struct, frozen=True, kw_only=True):
    keys: list[PublicKey]


@dataclass(frozen=True, slots=True)
class LandingRoutes:
    """`jwks` gives the public halves of the signing keys, newest first."""

    jwks: Callable[[], dict[str, list[dict[str, Any]]]]

    @route(
        RouteSpec(
            method="GET",
            path="/",
            operation_id="landing",
            summary="Where to go from here",
            placement=Placement.ANY,
            access=Public(PublicReason.LANDING),
            purpose=Purpose.ACCOUNT,
            responses={200: Landing},
            problems=(),
            tags=("landing",),
        )
    )
    async def landing(self, _call: Call) -> Landing:
        return Landing(name="Meridian", docs="/v1/docs", description="/v1/openapi.json")

    @route(
        RouteSpec(
            method="GET",
            path="/v1/jwks.json",
            operation_id="public_keys",
            summary="The keys that verify access tokens",
            placement=Placement.ANY,
            access=Public(PublicReason.PUBLIC_KEYS),
            purpose=Purpose.SECURITY,
            responses={200: PublicKeys},
            problems=(),
            cache_control="public, max-age=300",
            tags=("landing",),
        )
    )
    async def public_keys(self, _call: Call) -> PublicKeys:
        return msgspec.convert(self.jwks(), PublicKeys)
