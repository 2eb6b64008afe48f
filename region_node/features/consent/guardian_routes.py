"""HTTP of guardians: a child's code, its confirmation, and answering in the child's name."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from policies.vocabulary import Purpose
from region_node.errors import InvalidRequest, NotFound
from region_node.features.consent.acts import About, Actor
from region_node.features.consent.asking import AboutQuery, Give, about_in, consent_list, purpose_in
from region_node.features.consent.guardians import Guardians
from region_node.features.consent.ledger import Recorded
from region_node.features.consent.problems import (
    ConsentNotNeeded,
    GuardianshipRefused,
    LedgerFull,
    NoGuardianNeeded,
    NotAsked,
    StaleNotice,
)
from region_node.features.consent.receipts import Receipts
from region_node.features.consent.resources import ConsentList, RecordedResource, recorded_resource
from region_node.features.consent.service import ConsentService
from region_node.http.call import Call, Reply
from region_node.http.declare import Placement, RateClass, RouteSpec, person, route
from region_node.security.tokens import Scope

READ, WRITE = person(Scope.PROFILE_READ), person(Scope.PROFILE_WRITE)
TAGS = ("guardians",)


class CodeResource(msgspec.Struct, frozen=True, kw_only=True):
    """Shown once; to be handed to a parent or guardian by another way."""

    code: str
    expires_at: datetime


class Confirm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    code: Annotated[str, Meta(min_length=12, max_length=20)]


class ChildResource(msgspec.Struct, frozen=True, kw_only=True):
    person_id: str
    display_name: str


class ChildList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[ChildResource]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardianRoutes:
    """`names` gives the display names of a tenant's people."""

    service: ConsentService
    receipts: Receipts
    guardians: Guardians
    names: Callable[[str, Sequence[str]], Awaitable[dict[str, str]]]

    @route(
        RouteSpec(
            method="POST",
            path="/v1/guardianships/codes",
            operation_id="guardian.code",
            summary="Make a code that lets a guardian answer for the caller",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.ACCOUNT,
            rate=RateClass.SIGN_IN,
            responses={201: CodeResource},
            problems=(NotFound, NoGuardianNeeded),
            tags=TAGS,
        )
    )
    async def new_code(self, call: Call) -> CodeResource:
        made = await self.guardians.new_code(call.tenant.id, call.caller.person)
        return CodeResource(code=made.code, expires_at=made.expires_at)

    @route(
        RouteSpec(
            method="POST",
            path="/v1/guardianships",
            operation_id="guardian.link",
            summary="Answer for the child that made a code",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.ACCOUNT,
            rate=RateClass.SIGN_IN,
            body=Confirm,
            responses={201: ChildResource},
            problems=(NotFound, GuardianshipRefused),
            tags=TAGS,
        )
    )
    async def link(self, call: Call) -> Reply:
        child = await self.guardians.link(call.tenant.id, call.caller.person, call.body.code)
        names = await self.names(call.tenant.id, [child])
        location = f"/v1/guardianships/{child}/consents"
        body = ChildResource(person_id=child, display_name=names.get(child, ""))
        return Reply(body, status=201, headers={"location": location})

    @route(
        RouteSpec(
            method="GET",
            path="/v1/guardianships",
            operation_id="guardian.list",
            summary="The children that the caller answers for",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.ACCOUNT,
            responses={200: ChildList},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def list(self, call: Call) -> ChildList:
        children = await self.guardians.children(call.tenant.id, call.caller.person)
        names = await self.names(call.tenant.id, children)
        items = [ChildResource(person_id=child, display_name=names.get(child, "")) for child in children]
        return ChildList(items=items)

    @route(
        RouteSpec(
            method="DELETE",
            path="/v1/guardianships/{person_id}",
            operation_id="guardian.end",
            summary="Answer for a child no more; what was agreed to in their name is taken back",
            placement=Placement.HOME_OWNER,
            access=WRITE,
            purpose=Purpose.ACCOUNT,
            responses={204: None},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def end(self, call: Call) -> None:
        await self.guardians.end(call.tenant.id, call.caller.person, call.path["person_id"])

    @route(
        RouteSpec(
            method="GET",
            path="/v1/guardianships/{person_id}/consents",
            operation_id="guardian.consents",
            summary="Everything a child can be asked for, what law says of it, and the answers",
            placement=Placement.HOME_OWNER,
            access=READ,
            purpose=Purpose.ACCOUNT,
            responses={200: ConsentList},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def consents(self, call: Call) -> ConsentList:
        await self._guardian(call)
        return await consent_list(self.service, call, call.path["person_id"])

    @route(
        RouteSpec(
            method="PUT",
            path="/v1/guardianships/{person_id}/consents/{purpose}",
            operation_id="guardian.give",
            summary="Agree to one purpose in a child's name",
            placement=Placement.HOME_OWNER,
            access=WRITE,
            purpose=Purpose.ACCOUNT,
            body=Give,
            responses={200: RecordedResource},
            problems=(InvalidRequest, NotAsked, NotFound, StaleNotice, ConsentNotNeeded, LedgerFull),
            tags=TAGS,
        )
    )
    async def give(self, call: Call) -> RecordedResource:
        guardian, said = await self._guardian(call), call.body
        about = about_in(call, said.category, said.recipient)
        child = call.path["person_id"]
        recorded = await self.service.give(call.tenant.id, child, about, said.notice, guardian)
        return await self._answered(call, recorded, about)

    @route(
        RouteSpec(
            method="DELETE",
            path="/v1/guardianships/{person_id}/consents/{purpose}",
            operation_id="guardian.withdraw",
            summary="Take back, or refuse, one purpose in a child's name",
            placement=Placement.HOME_OWNER,
            access=WRITE,
            purpose=Purpose.ACCOUNT,
            query=AboutQuery,
            responses={200: RecordedResource},
            problems=(InvalidRequest, NotAsked, NotFound, ConsentNotNeeded),
            tags=TAGS,
        )
    )
    async def withdraw(self, call: Call) -> RecordedResource:
        guardian = await self._guardian(call)
        about = about_in(call, call.query.category, call.query.recipient)
        recorded = await self.service.withdraw(call.tenant.id, call.path["person_id"], about, guardian)
        return await self._answered(call, recorded, about)

    @route(
        RouteSpec(
            method="PUT",
            path="/v1/guardianships/{person_id}/objections/{purpose}",
            operation_id="guardian.object",
            summary="Object to a purpose in a child's name",
            placement=Placement.HOME_OWNER,
            access=WRITE,
            purpose=Purpose.ACCOUNT,
            responses={200: RecordedResource},
            problems=(NotAsked, NotFound),
            tags=TAGS,
        )
    )
    async def object(self, call: Call) -> RecordedResource:
        guardian = await self._guardian(call)
        recorded = await self.service.object(
            call.tenant.id, call.path["person_id"], purpose_in(call), guardian
        )
        return await self._answered(call, recorded, None)

    async def _guardian(self, call: Call) -> Actor:
        return await self.guardians.require(call.tenant.id, call.caller.person, call.path["person_id"])

    async def _answered(self, call: Call, recorded: Recorded, about: About | None) -> RecordedResource:
        entry = await self.service.entry_behind(call.tenant.id, recorded, about)
        return recorded_resource(recorded, entry, self.receipts)
