"""HTTP of a person's own rights: ask, see where it stands, fetch the archive, erase everything."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from policies.vocabulary import Purpose
from region_node.errors import NotFound, TooManyRequests
from region_node.features.rights.links import Link
from region_node.features.rights.problems import ErasureHeld, FreshSignInNeeded, RequestUnderWay
from region_node.features.rights.service import RightsService
from region_node.http.call import Call, Reply
from region_node.http.declare import Placement, Public, PublicReason, RateClass, RouteSpec, person, route
from region_node.security.tokens import Scope

TAGS = ("rights",)


class Erase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password once more: what follows cannot be taken back."""

    password: Annotated[str, Meta(max_length=1024)]


class ErasureBegun(msgspec.Struct, frozen=True, kw_only=True):
    """`receipt_url` works without an account; keep it, it is shown this once."""

    request_id: str
    state: str
    receipt_url: str


class StepResource(msgspec.Struct, frozen=True, kw_only=True):
    step: str
    at: datetime


class ErasureProgress(msgspec.Struct, frozen=True, kw_only=True):
    """`receipt` is a JWS (RFC 7515) that the keys under `/.well-known/jwks.json` verify."""

    request_id: str
    state: str
    steps: list[StepResource]
    receipt: str
    disks_cleared_at: datetime | None


@dataclass(frozen=True, slots=True)
class RightsRoutes:
    service: RightsService

    @route(
        RouteSpec(
            method="POST",
            path="/v1/rights/erasure",
            operation_id="rights.erase",
            summary="Erase the caller's account and all their data, for good",
            placement=Placement.HOME_CALLER,
            access=person(Scope.PROFILE_WRITE),
            purpose=Purpose.ACCOUNT,
            rate=RateClass.SIGN_IN,
            body=Erase,
            responses={202: ErasureBegun},
            problems=(FreshSignInNeeded, ErasureHeld, RequestUnderWay, NotFound, TooManyRequests),
            tags=TAGS,
        )
    )
    async def erase(self, call: Call) -> Reply:
        link = await self.service.erase_own(call.tenant.id, call.caller.person, call.body.password)
        url = _receipt_url(link)
        begun = ErasureBegun(request_id=link.request_id, state="working", receipt_url=url)
        return Reply(begun, status=202, headers={"location": url})

    @route(
        RouteSpec(
            method="GET",
            path="/v1/rights/receipts/{link}",
            operation_id="rights.receipt",
            summary="Where an erasure stands, and its signed receipt",
            placement=Placement.ANY,
            access=Public(PublicReason.ONE_TIME_LINK),
            purpose=Purpose.ACCOUNT,
            rate=RateClass.SIGN_IN,
            responses={200: ErasureProgress},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def receipt(self, call: Call) -> ErasureProgress:
        found = await self.service.progress(call.tenant.id, call.path["link"])
        return ErasureProgress(
            request_id=found.request_id,
            state=found.state.value,
            steps=[StepResource(step=one.step, at=one.at) for one in found.steps],
            receipt=found.receipt,
            disks_cleared_at=found.disks_cleared_at,
        )


def _receipt_url(link: Link) -> str:
    return f"/v1/rights/receipts/{link.token}"
