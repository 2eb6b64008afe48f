"""HTTP of a person's own rights: ask, see where it stands, fetch the archive, erase everything."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from policies.vocabulary import Purpose
from region_node.errors import InvalidCursor, NotFound, TooManyRequests
from region_node.features.rights.links import Link
from region_node.features.rights.model import MAX_DETAILS_CHARS, Kind
from region_node.features.rights.problems import ArchiveGone, ErasureHeld, FreshSignInNeeded, RequestUnderWay
from region_node.features.rights.resources import RequestList, RequestResource, request_resource
from region_node.features.rights.service import Asked, RightsService
from region_node.http.call import Call, Reply
from region_node.http.declare import (
    Media,
    Placement,
    Public,
    PublicReason,
    RateClass,
    RouteSpec,
    person,
    route,
)
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


class Ask(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Erasure has a route of its own; `details` say what is wrong, where something is to be put right."""

    kind: Literal["access", "portability", "rectification", "restriction", "objection"]
    details: Annotated[str, Meta(max_length=MAX_DETAILS_CHARS)] = ""


class PageQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Annotated[str, Meta(max_length=1024)] | None = None


@dataclass(frozen=True, slots=True)
class RightsRoutes:
    service: RightsService

    @route(
        RouteSpec(
            method="POST",
            path="/v1/rights/requests",
            operation_id="rights.ask",
            summary="Ask for one's rights: a copy of one's data, a correction, a restriction",
            placement=Placement.HOME_CALLER,
            access=person(Scope.PROFILE_WRITE),
            purpose=Purpose.ACCOUNT,
            rate=RateClass.SIGN_IN,
            body=Ask,
            responses={202: RequestResource},
            problems=(NotFound, RequestUnderWay),
            tags=TAGS,
        )
    )
    async def ask(self, call: Call) -> Reply:
        said: Ask = call.body
        me = call.caller.person
        asked = Asked(person_id=me, kind=Kind(said.kind), asked_by=me, details=said.details)
        request = await self.service.ask_own(call.tenant.id, asked)
        headers = {"location": f"/v1/rights/requests/{request.request_id}"}
        return Reply(request_resource(request, call.translator), status=202, headers=headers)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/rights/requests",
            operation_id="rights.list",
            summary="What the caller has asked for, newest first",
            placement=Placement.HOME_CALLER,
            access=person(Scope.PROFILE_READ),
            purpose=Purpose.ACCOUNT,
            query=PageQuery,
            responses={200: RequestList},
            problems=(InvalidCursor,),
            tags=TAGS,
        )
    )
    async def list(self, call: Call) -> RequestList:
        query: PageQuery = call.query
        after = call.position(query.cursor, tuple[str]) if query.cursor else ()
        rights = self.service.rights(call.tenant.id, call.caller.jurisdiction)
        found, further = await rights.of_person(call.caller.person, after, query.limit)
        cursor = call.next_cursor(further) if further else None
        return RequestList(
            items=[request_resource(one, call.translator) for one in found], next_cursor=cursor
        )

    @route(
        RouteSpec(
            method="GET",
            path="/v1/rights/requests/{request_id}",
            operation_id="rights.show",
            summary="Where a request stands",
            placement=Placement.HOME_CALLER,
            access=person(Scope.PROFILE_READ),
            purpose=Purpose.ACCOUNT,
            responses={200: RequestResource},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def show(self, call: Call) -> RequestResource:
        request = await self.service.own(call.tenant.id, call.caller.person, call.path["request_id"])
        return request_resource(request, call.translator)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/rights/requests/{request_id}/archive",
            operation_id="rights.archive",
            summary="Everything that is kept about the caller, as a zip",
            placement=Placement.HOME_CALLER,
            access=person(Scope.PROFILE_READ),
            purpose=Purpose.ACCOUNT,
            responses={200: Media("application/zip")},
            problems=(NotFound, ArchiveGone),
            tags=TAGS,
        )
    )
    async def archive(self, call: Call) -> None:
        me, request_id = call.caller.person, call.path["request_id"]
        _, pieces = await self.service.archive(call.tenant.id, me, request_id)
        headers = {"content-disposition": 'attachment; filename="meridian.zip"'}
        reply = None
        async for piece in pieces:
            reply = reply or await call.stream_reply(media_type="application/zip", headers=headers)
            await reply.send(piece)

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
