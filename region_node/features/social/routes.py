"""HTTP of following, of followers and blocks, and of the feed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from policies.vocabulary import Purpose
from region_node.errors import InvalidCursor, NotFound
from region_node.features.social.model import FollowState
from region_node.features.social.problems import Blocked, NotYourself
from region_node.features.social.reading import MAX_ITEMS, SocialReader
from region_node.features.social.resources import BlockItem, BlockList, FeedPage, PersonList
from region_node.features.social.service import SocialService
from region_node.http.call import Call
from region_node.http.declare import Placement, RouteSpec, person, route
from region_node.security.tokens import Scope

TAGS = ("social",)
READ = person(Scope.PROFILE_READ)
WRITE = person(Scope.PROFILE_WRITE)


class PageQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=MAX_ITEMS)] = 20
    cursor: Annotated[str, Meta(max_length=1024)] | None = None


class FollowersQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`state` chooses those who ask or those who were accepted."""

    state: FollowState = FollowState.ACCEPTED
    limit: Annotated[int, Meta(ge=1, le=MAX_ITEMS)] = 20
    cursor: Annotated[str, Meta(max_length=1024)] | None = None


@dataclass(frozen=True, slots=True)
class SocialRoutes:
    """By tenant and jurisdiction of the caller."""

    service: Callable[[str, str], SocialService]
    reader: Callable[[str, str], SocialReader]

    def _service(self, call: Call) -> SocialService:
        return self.service(call.tenant.id, call.caller.jurisdiction)

    def _reader(self, call: Call) -> SocialReader:
        return self.reader(call.tenant.id, call.caller.jurisdiction)

    @route(
        RouteSpec(
            method="PUT",
            path="/v1/people/{person_id}/follow",
            operation_id="social.follow",
            summary="Ask to follow somebody, in whatever region they live",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.SOCIAL_FEED,
            responses={204: None},
            problems=(NotFound, NotYourself, Blocked),
            tags=TAGS,
        )
    )
    async def follow(self, call: Call) -> None:
        await self._service(call).follow(call.caller.person, call.path["person_id"])

    @route(
        RouteSpec(
            method="DELETE",
            path="/v1/people/{person_id}/follow",
            operation_id="social.unfollow",
            summary="Follow somebody no longer",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.SOCIAL_FEED,
            responses={204: None},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def unfollow(self, call: Call) -> None:
        await self._service(call).unfollow(call.caller.person, call.path["person_id"])

    @route(
        RouteSpec(
            method="GET",
            path="/v1/following",
            operation_id="social.following",
            summary="Those whom the caller follows or has asked to",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.SOCIAL_FEED,
            query=PageQuery,
            responses={200: PersonList},
            problems=(InvalidCursor,),
            tags=TAGS,
        )
    )
    async def following(self, call: Call) -> PersonList:
        query: PageQuery = call.query
        after = call.position(query.cursor, str) if query.cursor else ""
        items, further = await self._reader(call).following(call.caller.person, query.limit, after)
        return PersonList(items=items, next_cursor=call.next_cursor(further) if further else None)

    @route(
        RouteSpec(
            method="GET",
            path="/v1/followers",
            operation_id="social.followers",
            summary="Those who follow the caller, or ask to",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.SOCIAL_FEED,
            query=FollowersQuery,
            responses={200: PersonList},
            problems=(InvalidCursor,),
            tags=TAGS,
        )
    )
    async def followers(self, call: Call) -> PersonList:
        query: FollowersQuery = call.query
        after = call.position(query.cursor, str) if query.cursor else ""
        reader, person_id = self._reader(call), call.caller.person
        items, further = await reader.followers(person_id, query.state, query.limit, after)
        return PersonList(items=items, next_cursor=call.next_cursor(further) if further else None)

    @route(
        RouteSpec(
            method="PUT",
            path="/v1/followers/{person_id}",
            operation_id="social.accept",
            summary="Accept somebody who asks to follow the caller",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.SOCIAL_FEED,
            responses={204: None},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def accept(self, call: Call) -> None:
        await self._service(call).accept(call.caller.person, call.path["person_id"])

    @route(
        RouteSpec(
            method="DELETE",
            path="/v1/followers/{person_id}",
            operation_id="social.refuse",
            summary="Refuse somebody, or let them follow no longer",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.SOCIAL_FEED,
            responses={204: None},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def refuse(self, call: Call) -> None:
        await self._service(call).refuse(call.caller.person, call.path["person_id"])

    @route(
        RouteSpec(
            method="PUT",
            path="/v1/blocks/{person_id}",
            operation_id="social.block",
            summary="Block somebody: neither follows the other any more",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.SOCIAL_FEED,
            responses={204: None},
            problems=(NotFound, NotYourself),
            tags=TAGS,
        )
    )
    async def block(self, call: Call) -> None:
        await self._service(call).block(call.caller.person, call.path["person_id"])

    @route(
        RouteSpec(
            method="DELETE",
            path="/v1/blocks/{person_id}",
            operation_id="social.unblock",
            summary="Let somebody ask again",
            placement=Placement.HOME_CALLER,
            access=WRITE,
            purpose=Purpose.SOCIAL_FEED,
            responses={204: None},
            problems=(NotFound,),
            tags=TAGS,
        )
    )
    async def unblock(self, call: Call) -> None:
        await self._service(call).unblock(call.caller.person, call.path["person_id"])

    @route(
        RouteSpec(
            method="GET",
            path="/v1/blocks",
            operation_id="social.blocks",
            summary="Those whom the caller has blocked",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.SOCIAL_FEED,
            query=PageQuery,
            responses={200: BlockList},
            problems=(InvalidCursor,),
            tags=TAGS,
        )
    )
    async def blocks(self, call: Call) -> BlockList:
        query: PageQuery = call.query
        after = call.position(query.cursor, str) if query.cursor else ""
        social = self._reader(call).social
        found, further = await social.blocks(call.caller.person, query.limit, after)
        return BlockList(
            items=[BlockItem(person_id=one) for one in found],
            next_cursor=call.next_cursor(further) if further else None,
        )

    @route(
        RouteSpec(
            method="GET",
            path="/v1/feed",
            operation_id="social.feed",
            summary="Workouts of those whom the caller follows, newest start first",
            placement=Placement.HOME_CALLER,
            access=READ,
            purpose=Purpose.SOCIAL_FEED,
            query=PageQuery,
            responses={200: FeedPage},
            problems=(InvalidCursor,),
            tags=TAGS,
        )
    )
    async def feed(self, call: Call) -> FeedPage:
        query: PageQuery = call.query
        after = call.position(query.cursor, tuple[datetime, str, str]) if query.cursor else ()
        items, further = await self._reader(call).feed(call.caller.person, query.limit, after)
        return FeedPage(items=items, next_cursor=call.next_cursor(further) if further else None)
