"""A small controller with a route of each kind."""

import asyncio
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from policies.vocabulary import Purpose
from region_node.errors import Conflict
from region_node.http.call import Call, Reply
from region_node.http.declare import (
    Media,
    Placement,
    Precondition,
    Public,
    PublicReason,
    RateClass,
    Raw,
    RouteSpec,
    person,
    route,
    websocket_route,
)
from region_node.security.tokens import Scope


class Thing(msgspec.Struct, frozen=True):
    id: str
    title: str
    notes: str = ""


class Lap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    distance_m: Annotated[float, Meta(ge=0)]


class ThingChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: Annotated[str, Meta(min_length=1, max_length=20)]
    laps: Annotated[tuple[Lap, ...], Meta(max_length=5)] = ()


class ThingQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    limit: Annotated[int, Meta(ge=1, le=100)] = 10
    cursor: Annotated[str, Meta(max_length=1024)] = ""
    sport: Annotated[tuple[Annotated[str, Meta(max_length=20)], ...], Meta(max_length=5)] = ()


class ThingPage(msgspec.Struct, frozen=True):
    items: list[Thing]
    next: str


class EventsQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fail: Literal["", "before", "midway", "never", "nothing"] = ""


class SignInRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: Annotated[str, Meta(max_length=100)]


NOTES = {"mid": "n" * 900, "long": "n" * 2000}
COMMON = {"placement": Placement.HOME_CALLER, "purpose": Purpose.ANALYSIS}
READ = person(Scope.WORKOUTS_READ)
WRITE = person(Scope.WORKOUTS_WRITE)


class Things:
    @route(
        RouteSpec(
            method="GET",
            path="/v1/things/{thing_id}",
            operation_id="test.things.show",
            summary="One thing",
            access=READ,
            responses={200: Thing},
            problems=(),
            precondition=Precondition.READ,
            **COMMON,
        )
    )
    async def show(self, call: Call) -> Reply:
        thing_id = call.path["thing_id"]
        if thing_id == "broken":
            raise ValueError("secret value 4711")
        return Reply(Thing(thing_id, "Run", NOTES.get(thing_id, "")), etag="v1")

    @route(
        RouteSpec(
            method="PATCH",
            path="/v1/things/{thing_id}",
            operation_id="test.things.change",
            summary="Change a thing",
            access=WRITE,
            body=ThingChange,
            responses={200: Thing},
            problems=(Conflict,),
            precondition=Precondition.WRITE,
            **COMMON,
        )
    )
    async def change(self, call: Call) -> Reply:
        call.require_match("v1")
        return Reply(Thing(call.path["thing_id"], call.body.title), etag="v2")

    @route(
        RouteSpec(
            method="GET",
            path="/v1/things",
            operation_id="test.things.list",
            summary="Things",
            access=READ,
            query=ThingQuery,
            responses={200: ThingPage},
            problems=(),
            **COMMON,
        )
    )
    async def page(self, call: Call) -> ThingPage:
        start = call.position(call.query.cursor, int) if call.query.cursor else 0
        items = [Thing(str(number), "Run") for number in range(start, start + call.query.limit)]
        return ThingPage(items, call.next_cursor(start + call.query.limit))

    @route(
        RouteSpec(
            method="DELETE",
            path="/v1/things/{thing_id}",
            operation_id="test.things.delete",
            summary="Delete a thing",
            access=WRITE,
            responses={204: None},
            problems=(),
            **COMMON,
        )
    )
    async def delete(self, _call: Call) -> None:
        return None

    @route(
        RouteSpec(
            method="POST",
            path="/v1/files",
            operation_id="test.files.upload",
            summary="Upload",
            access=WRITE,
            body=Raw(max_bytes=100_000),
            responses={202: Thing},
            problems=(),
            rate=RateClass.UPLOAD,
            **COMMON,
        )
    )
    async def upload(self, call: Call) -> Reply:
        size = 0
        async for chunk in call.stream():
            size += len(chunk)
        return Reply(Thing(str(size), "file"), status=202, headers={"Location": "/v1/uploads/1"})

    @route(
        RouteSpec(
            method="GET",
            path="/v1/events",
            operation_id="test.events",
            summary="Events",
            access=READ,
            query=EventsQuery,
            responses={200: Media("text/event-stream")},
            problems=(),
            **COMMON,
        )
    )
    async def events(self, call: Call) -> None:
        if call.query.fail == "nothing":
            return
        stream = await call.stream_reply(media_type="text/event-stream")
        if call.query.fail == "before":
            raise ValueError("secret value 4711")
        for number in range(3):
            await stream.send_event(b'{"n":%d}' % number, event="tick", event_id=str(number))
        if call.query.fail == "midway":
            raise ValueError("secret value 4711")
        if call.query.fail == "never":
            await asyncio.Event().wait()

    @websocket_route(
        RouteSpec(
            method="GET",
            path="/v1/live",
            operation_id="test.live",
            summary="Live",
            access=READ,
            responses={101: None},
            problems=(),
            websocket=True,
            **COMMON,
        )
    )
    async def live(self, call: Call, socket) -> None:
        await socket.send(call.caller.person)
        while (message := await socket.receive()) is not None:
            await socket.send(f"echo {message}")

    @route(
        RouteSpec(
            method="POST",
            path="/v1/sessions",
            operation_id="test.sign-in",
            summary="Sign in",
            placement=Placement.ANY,
            access=Public(PublicReason.SIGN_IN),
            purpose=Purpose.ACCOUNT,
            body=SignInRequest,
            responses={201: Thing},
            problems=(),
            rate=RateClass.SIGN_IN,
        )
    )
    async def sign_in(self, call: Call) -> Thing:
        return Thing("1", call.body.name)
